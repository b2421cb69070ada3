package io.etcdj.state.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The revisions of one key before its latest, oldest first.
 *
 * <p>Grows at its end only, so that versions of the index share it: each remembers how many
 * revisions it saw. An append beyond what the arrays hold makes a new object, and the old one stays
 * as its readers know it.
 */
final class Past {
  private final long[] mains;

  /** Sub revisions; a tombstone's is stored as its complement, which is negative. */
  private final int[] subs;

  private Past(long[] mains, int[] subs) {
    this.mains = mains;
    this.subs = subs;
  }

  long main(int at) {
    return mains[at];
  }

  int sub(int at) {
    return subs[at] < 0 ? ~subs[at] : subs[at];
  }

  boolean isTombstone(int at) {
    return subs[at] < 0;
  }

  /** Appends behind the first {@code count} revisions of {@code past}, which may be null for 0. */
  static Past append(@Nullable Past past, int count, long main, int sub, boolean tombstone) {
    Past into = past;
    if (into == null) {
      into = new Past(new long[2], new int[2]);
    } else if (count == into.mains.length) {
      into = new Past(Arrays.copyOf(into.mains, 2 * count), Arrays.copyOf(into.subs, 2 * count));
    }
    into.mains[count] = main;
    into.subs[count] = tombstone ? ~sub : sub;
    return into;
  }

  /** A copy without the first {@code from} of {@code count} revisions. */
  Past tail(int from, int count) {
    return new Past(Arrays.copyOfRange(mains, from, count), Arrays.copyOfRange(subs, from, count));
  }

  /**
   * Position of the newest of the first {@code count} revisions at or below {@code main}, or -1.
   */
  int floor(long main, int count) {
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (mains[middle] <= main) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
