package io.etcdj.raft;

/**
 * The appends on their way to one follower: a window bounded in messages and bytes.
 *
 * <pre>
 *   window of 3 messages
 *   add(5) add(9) add(12)    5 9 12, full
 *   freeThrough(9)           12          an answer covers all before it
 * </pre>
 */
final class Inflights {
  private final int maxMessages;
  private final long maxBytes;

  /** A ring that grows up to {@code maxMessages}: the last index and the bytes of each append. */
  private long[] lastIndexes = new long[4];

  private long[] sizes = new long[4];
  private int head;
  private int count;
  private long bytes;

  /**
   * @param maxBytes 0 for no limit
   */
  Inflights(int maxMessages, long maxBytes) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  int count() {
    return count;
  }

  boolean isFull() {
    // The append that crosses the byte limit was let through: one must always fit.
    return count == maxMessages || (maxBytes != 0 && bytes >= maxBytes);
  }

  void add(long lastIndex, long payloadBytes) {
    if (isFull()) {
      throw new IllegalStateException("the window is full");
    }
    if (count == lastIndexes.length) {
      grow();
    }
    int at = (head + count) % lastIndexes.length;
    lastIndexes[at] = lastIndex;
    sizes[at] = payloadBytes;
    count++;
    bytes += payloadBytes;
  }

  /** Frees the appends that end at {@code index} or before; how many those were. */
  int freeThrough(long index) {
    int before = count;
    while (count > 0 && lastIndexes[head] <= index) {
      bytes -= sizes[head];
      head = (head + 1) % lastIndexes.length;
      count--;
    }
    return before - count;
  }

  void clear() {
    head = 0;
    count = 0;
    bytes = 0;
  }

  private void grow() {
    int length = Math.min(maxMessages, 2 * lastIndexes.length);
    long[] indexes = new long[length];
    long[] bytesOf = new long[length];
    for (int i = 0; i < count; i++) {
      int from = (head + i) % lastIndexes.length;
      indexes[i] = lastIndexes[from];
      bytesOf[i] = sizes[from];
    }
    lastIndexes = indexes;
    sizes = bytesOf;
    head = 0;
  }
}
