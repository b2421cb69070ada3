package io.etcdj.storage.backend;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was applied but is not yet durable: revisions in rising order, and row changes of the other
 * tables, in segments.
 *
 * <pre>
 *   [ 5_0 5_1 6_0 ] [ 7_0 8_0 ...   ]
 *     taken by a      the apply thread
 *     commit          writes here
 * </pre>
 *
 * <p>Segments never move: a reader that holds the array of segments finds every revision that was
 * there when it took it, also after the commit thread let go of them.
 */
final class Overlay {
  /** Rows per segment: large enough to be few, small enough to fill quickly. */
  private static final int SEGMENT_ROWS = 2048;

  /** A change of one row of a small table; a null value removes it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record RowChange(Table table, byte[] key, byte @Nullable [] value) {}

  /** A run of revisions. One thread appends; {@code size} publishes. */
  static final class Segment {
    final long[] mains = new long[SEGMENT_ROWS];
    final long[] subs = new long[SEGMENT_ROWS];
    final boolean[] tombstones = new boolean[SEGMENT_ROWS];
    final byte[][] values = new byte[SEGMENT_ROWS][];
    final List<RowChange> changes = new ArrayList<>();
    volatile int size;

    boolean isEmpty() {
      return size == 0 && changes.isEmpty();
    }

    /** Position of the first revision at or after (main, sub) among the first {@code count}. */
    int lowerBound(long main, long sub, int count) {
      int low = 0;
      int high = count;
      while (low < high) {
        int middle = (low + high) >>> 1;
        boolean before = mains[middle] < main || (mains[middle] == main && subs[middle] < sub);
        if (before) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  private volatile Segment[] segments = {new Segment()};

  /** Bytes and operations since the last {@link #take}; guarded by the caller's lock. */
  private long bytes;

  private int operations;

  /** Index and term of the newest entry that ended; 0 for none since the start. */
  private long appliedIndex;

  private long appliedTerm;
  private long takenIndex;

  /** What one commit makes durable: rows, and the newest entry that they come from. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Pending(Segment[] segments, int operations, long appliedIndex, long appliedTerm) {}

  /** Whether an entry ended since the last {@link #take}. */
  boolean hasUnsavedMark() {
    return appliedIndex > takenIndex;
  }

  void applied(long index, long term) {
    appliedIndex = index;
    appliedTerm = term;
  }

  void addRevision(long main, long sub, boolean tombstone, byte[] value) {
    Segment tail = tail();
    int at = tail.size;
    if (at == SEGMENT_ROWS) {
      tail = grow();
      at = 0;
    }
    tail.mains[at] = main;
    tail.subs[at] = sub;
    tail.tombstones[at] = tombstone;
    tail.values[at] = value;
    tail.size = at + 1;
    bytes += value.length;
    operations++;
  }

  void addChange(RowChange change) {
    tail().changes.add(change);
    bytes += change.key().length + (change.value() == null ? 0 : change.value().length);
    operations++;
  }

  long bytes() {
    return bytes;
  }

  int operations() {
    return operations;
  }

  /** The segments as of now, oldest first, for a reader to hold. */
  Segment[] segments() {
    return segments;
  }

  /**
   * Closes the tail and returns all that is pending, ended entries as a whole; readers keep seeing
   * it until {@link #drop}.
   */
  Pending take() {
    Pending pending = new Pending(segments, operations, appliedIndex, appliedTerm);
    grow();
    bytes = 0;
    operations = 0;
    takenIndex = appliedIndex;
    return pending;
  }

  /** Lets go of the oldest {@code count} segments: they are durable. */
  void drop(int count) {
    Segment[] all = segments;
    Segment[] rest = new Segment[all.length - count];
    System.arraycopy(all, count, rest, 0, rest.length);
    segments = rest;
  }

  private Segment tail() {
    Segment[] all = segments;
    return all[all.length - 1];
  }

  private Segment grow() {
    Segment[] all = segments;
    Segment[] more = new Segment[all.length + 1];
    System.arraycopy(all, 0, more, 0, all.length);
    Segment fresh = new Segment();
    more[all.length] = fresh;
    segments = more;
    return fresh;
  }

  /** The value of a revision in these segments, or null. */
  static byte @Nullable [] find(Segment[] segments, long main, long sub) {
    for (int i = segments.length - 1; i >= 0; i--) {
      Segment segment = segments[i];
      int count = segment.size;
      if (count == 0 || segment.mains[0] > main) {
        continue;
      }
      int at = segment.lowerBound(main, sub, count);
      if (at < count && segment.mains[at] == main && segment.subs[at] == sub) {
        return segment.values[at];
      }
    }
    return null;
  }
}
