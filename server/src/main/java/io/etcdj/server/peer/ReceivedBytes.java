package io.etcdj.server.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a loop reads from a connection, for a worker that waits for it. */
final class ReceivedBytes extends InputStream {
  private static final long FULL_BYTES = 4 << 20;
  private static final long LOW_BYTES = 1 << 20;

  private final Runnable low;
  private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean full;
  private boolean ended;
  private @Nullable String broken;

  // The worker's.
  private byte[] piece = new byte[0];
  private int at;
  private long count;

  /**
   * @param low told on the worker when there is room again after it was full
   */
  ReceivedBytes(Runnable low) {
    this.low = low;
  }

  /** Takes the next piece; true if the connection should pause after it. The loop. */
  synchronized boolean add(byte[] next) {
    queue.add(next);
    queuedBytes += next.length;
    notifyAll();
    if (full || queuedBytes <= FULL_BYTES) {
      return false;
    }
    full = true;
    return true;
  }

  synchronized boolean isFull() {
    return full;
  }

  /** There is no more. The loop. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Nobody wants it any more: the worker is told instead of what comes next. The loop. */
  synchronized void abandon(String why) {
    broken = why;
    queue.clear();
    notifyAll();
  }

  /** How much has been read; the worker, or whoever comes after it. */
  long count() {
    return count;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (at == piece.length && !advance()) {
      return -1;
    }
    int some = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, into, offset, some);
    at += some;
    count += some;
    return some;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** Waits for the next piece; false at the end. */
  private boolean advance() throws IOException {
    boolean room;
    synchronized (this) {
      try {
        while (queue.isEmpty() && !ended && broken == null) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("stopped while a database comes in");
      }
      if (broken != null) {
        throw new IOException(broken);
      }
      byte[] next = queue.poll();
      if (next == null) {
        return false;
      }
      piece = next;
      at = 0;
      queuedBytes -= next.length;
      room = full && queuedBytes <= LOW_BYTES;
      full &= !room;
    }
    if (room) {
      low.run();
    }
    return true;
  }
}
