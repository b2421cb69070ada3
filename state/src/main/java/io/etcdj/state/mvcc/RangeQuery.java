package io.etcdj.state.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What to read: keys, as of when, in which order, and which of them.
 *
 * @param keys the keys
 * @param revision the revision to read at; 0 or less means now
 * @param limit keys in the answer at most; 0 or less means all
 * @param order how to sort; with {@link Order#NONE} a target other than KEY sorts ascending, but
 *     only what the limit leaves: see {@link #limitsBeforeSorting}
 * @param target what to sort by
 * @param keysOnly leave out values
 * @param countOnly leave out everything but the count
 * @param minMod lowest mod revision to show, inclusive; 0 for no bound; likewise the others
 */
public record RangeQuery(
    KeyRange keys,
    long revision,
    long limit,
    Order order,
    Target target,
    boolean keysOnly,
    boolean countOnly,
    long minMod,
    long maxMod,
    long minCreate,
    long maxCreate) {

  /** Direction of a sort. */
  public enum Order {
    NONE,
    ASCEND,
    DESCEND
  }

  /** What is compared. */
  public enum Target {
    KEY,
    VERSION,
    CREATE,
    MOD,
    VALUE
  }

  /** All of a range, as of a revision. */
  public static RangeQuery of(KeyRange keys, long revision) {
    return new RangeQuery(keys, revision, 0, Order.NONE, Target.KEY, false, false, 0, 0, 0, 0);
  }

  /** Whether keys come out as the index has them, each passing, so that a limit can stop early. */
  public boolean isPlain() {
    return target == Target.KEY && order != Order.DESCEND && !isFiltered();
  }

  /**
   * Whether the limit applies to the keys as the index has them, whatever they are sorted by. So it
   * is in etcd when no order is given: the first keys and one more are read, these are sorted, and
   * the last of them is cut off.
   */
  boolean limitsBeforeSorting() {
    return limit > 0 && order == Order.NONE && !isFiltered();
  }

  private boolean isFiltered() {
    return minMod != 0 || maxMod != 0 || minCreate != 0 || maxCreate != 0;
  }

  /** The keys of a request: one key, or from {@code from} up to {@code end}, or to the last. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record KeyRange(byte[] from, byte @Nullable [] end, boolean single) {

    /**
     * Reads etcd's convention: no end means the one key, the end {@code \0} means all keys from
     * {@code from} on.
     */
    public static KeyRange of(byte[] from, byte[] end) {
      if (end.length == 0) {
        byte[] next = new byte[from.length + 1]; // from + \0 is the first key behind it
        System.arraycopy(from, 0, next, 0, from.length);
        return new KeyRange(from, next, true);
      }
      if (end.length == 1 && end[0] == 0) {
        return new KeyRange(from, null, false);
      }
      return new KeyRange(from, end, false);
    }

    /** Whether no key can be in it: its end is not above its start. */
    public boolean isEmpty() {
      return end != null && Arrays.compareUnsigned(from, end) >= 0;
    }

    public boolean contains(byte[] key) {
      return Arrays.compareUnsigned(from, key) <= 0
          && (end == null || Arrays.compareUnsigned(key, end) < 0);
    }
  }
}
