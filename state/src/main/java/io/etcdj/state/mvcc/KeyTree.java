package io.etcdj.state.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One version of the key index: which revision each key had at every revision that is kept.
 *
 * <p>A B+tree whose nodes are never changed once this version was published, so any thread may read
 * it. {@link KeyIndex} makes the next version by copying the path to what it changes. Every node
 * knows how many live keys are below it, which makes counting a range cheap.
 *
 * <pre>
 *   a  2_0 5_0          at revision 4: a is 2_0, b is 3_0
 *   b  3_0 6_0t         at revision 6: a is 5_0, b is deleted
 * </pre>
 */
final class KeyTree {
  /** Entries per node at most. */
  static final int FANOUT = 64;

  final Node root;

  KeyTree(Node root) {
    this.root = root;
  }

  /** A subtree. {@code owner} is the edit during which it may still be changed. */
  abstract static sealed class Node permits Leaf, Inner {
    long owner;
    int size;

    /** Keys below that are not deleted. */
    abstract int live();

    abstract byte[] firstKey();
  }

  /** Keys with their latest revision, and their past if they have one. */
  static final class Leaf extends Node {
    byte[][] keys;
    long[] mains;
    int[] subs;
    long[] creates;

    /** 0 when the latest revision is a tombstone. */
    long[] versions;

    /** Null while no key of this leaf has a past. */
    @Nullable Past @Nullable [] pasts;

    int @Nullable [] pastCounts;
    int live;

    Leaf(int capacity) {
      keys = new byte[capacity][];
      mains = new long[capacity];
      subs = new int[capacity];
      creates = new long[capacity];
      versions = new long[capacity];
    }

    @Override
    int live() {
      return live;
    }

    @Override
    byte[] firstKey() {
      return keys[0];
    }

    boolean isLive(int at) {
      return versions[at] != 0;
    }

    int pastCount(int at) {
      return pastCounts == null ? 0 : pastCounts[at];
    }

    /** The past of an entry whose {@link #pastCount} is above 0. */
    Past past(int at) {
      Past past = pasts == null ? null : pasts[at];
      if (past == null) {
        throw new IllegalStateException("entry " + at + " has no past");
      }
      return past;
    }

    /** Position of the first key at or after {@code key}. */
    int lowerBound(byte[] key) {
      int low = 0;
      int high = size;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (Arrays.compareUnsigned(keys[middle], key) < 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  /** Children in key order; {@code keys[i]} is at or below the first key of child i. */
  static final class Inner extends Node {
    byte[][] keys;
    Node[] children;
    int live;

    Inner(int capacity) {
      keys = new byte[capacity][];
      children = new Node[capacity];
    }

    @Override
    int live() {
      return live;
    }

    @Override
    byte[] firstKey() {
      return keys[0];
    }

    /** The child that holds {@code key} if any does. */
    int childFor(byte[] key) {
      int low = 1;
      int high = size;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (Arrays.compareUnsigned(keys[middle], key) <= 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low - 1;
    }
  }

  /** Where the value of a key is: the revision that it had. */
  record Located(long main, int sub, long create, long version) {}

  /** Called for each key in order; the key must not be changed. Returns whether to go on. */
  @FunctionalInterface
  interface KeyVisitor {
    boolean visit(byte[] key, long main, int sub);
  }

  /** The latest state of a key, or null if it is not there or deleted. */
  @Nullable Located latest(byte[] key) {
    Leaf leaf = leafFor(root, key);
    int at = leaf.lowerBound(key);
    if (at == leaf.size || !Arrays.equals(leaf.keys[at], key) || !leaf.isLive(at)) {
      return null;
    }
    return new Located(leaf.mains[at], leaf.subs[at], leaf.creates[at], leaf.versions[at]);
  }

  /** The leaf that holds {@code key} if any does. */
  static Leaf leafFor(Node root, byte[] key) {
    Node node = root;
    while (node instanceof Inner inner) {
      node = inner.children[inner.childFor(key)];
    }
    return (Leaf) node;
  }

  /**
   * Visits the keys of a range that were live at a revision.
   *
   * @param end first key that is not visited, or null for no end
   * @return whether the visitor never stopped it
   */
  boolean visit(byte[] from, byte @Nullable [] end, long revision, KeyVisitor visitor) {
    return visit(root, from, end, revision, visitor);
  }

  private static boolean visit(
      Node node, byte[] from, byte @Nullable [] end, long revision, KeyVisitor visitor) {
    if (node instanceof Inner inner) {
      for (int i = inner.childFor(from); i < inner.size; i++) {
        if (end != null && i > 0 && Arrays.compareUnsigned(inner.keys[i], end) >= 0) {
          return true;
        }
        if (!visit(inner.children[i], from, end, revision, visitor)) {
          return false;
        }
      }
      return true;
    }
    Leaf leaf = (Leaf) node;
    for (int i = leaf.lowerBound(from); i < leaf.size; i++) {
      byte[] key = leaf.keys[i];
      if (end != null && Arrays.compareUnsigned(key, end) >= 0) {
        return true;
      }
      if (!visitEntry(leaf, i, revision, visitor)) {
        return false;
      }
    }
    return true;
  }

  private static boolean visitEntry(Leaf leaf, int at, long revision, KeyVisitor visitor) {
    if (leaf.mains[at] <= revision) {
      return !leaf.isLive(at) || visitor.visit(leaf.keys[at], leaf.mains[at], leaf.subs[at]);
    }
    int count = leaf.pastCount(at);
    if (count == 0) {
      return true;
    }
    Past past = leaf.past(at);
    int floor = past.floor(revision, count);
    return floor < 0
        || past.isTombstone(floor)
        || visitor.visit(leaf.keys[at], past.main(floor), past.sub(floor));
  }

  /** Number of keys of a range that are live now. */
  long count(byte[] from, byte @Nullable [] end) {
    return count(root, from, end);
  }

  private static long count(Node node, byte @Nullable [] from, byte @Nullable [] end) {
    if (from == null && end == null) {
      return node.live();
    }
    long sum = 0;
    if (node instanceof Inner inner) {
      int first = from == null ? 0 : inner.childFor(from);
      int last = end == null ? inner.size - 1 : inner.childFor(end);
      for (int i = first; i <= last; i++) {
        sum += count(inner.children[i], i == first ? from : null, i == last ? end : null);
      }
      return sum;
    }
    Leaf leaf = (Leaf) node;
    int to = end == null ? leaf.size : leaf.lowerBound(end);
    for (int i = from == null ? 0 : leaf.lowerBound(from); i < to; i++) {
      if (leaf.isLive(i)) {
        sum++;
      }
    }
    return sum;
  }

  /**
   * Whether a stored revision is the one its key had at {@code revision}, deleted keys excepted:
   * what HashKV counts of the revisions at or below the last compaction.
   */
  boolean isKept(byte[] key, long main, long sub, long revision) {
    Leaf leaf = leafFor(root, key);
    int at = leaf.lowerBound(key);
    if (at == leaf.size || !Arrays.equals(leaf.keys[at], key)) {
      return false;
    }
    if (leaf.mains[at] <= revision) {
      return leaf.isLive(at) && leaf.mains[at] == main && leaf.subs[at] == sub;
    }
    int count = leaf.pastCount(at);
    if (count == 0) {
      return false;
    }
    Past past = leaf.past(at);
    int floor = past.floor(revision, count);
    return floor >= 0
        && !past.isTombstone(floor)
        && past.main(floor) == main
        && past.sub(floor) == sub;
  }

  /** Receives what a compaction supersedes, key by key. */
  interface SupersededVisitor {
    void superseded(long main, int sub, boolean tombstone);

    /** All of this key's were told. Returns whether to go on. */
    boolean endOfKey(byte[] key);
  }

  /**
   * Visits the revisions that a compaction at {@code compactRevision} makes unreachable: per key
   * all but the newest at or below it; that one too if it is a tombstone below it.
   *
   * @return whether the visitor never stopped it
   */
  boolean visitSuperseded(byte[] from, long compactRevision, SupersededVisitor visitor) {
    return visitSuperseded(root, from, compactRevision, visitor);
  }

  private static boolean visitSuperseded(
      Node node, byte[] from, long compactRevision, SupersededVisitor visitor) {
    if (node instanceof Inner inner) {
      for (int i = inner.childFor(from); i < inner.size; i++) {
        if (!visitSuperseded(inner.children[i], from, compactRevision, visitor)) {
          return false;
        }
      }
      return true;
    }
    Leaf leaf = (Leaf) node;
    for (int i = leaf.lowerBound(from); i < leaf.size; i++) {
      int goneOfPast = supersededInPast(leaf, i, compactRevision);
      boolean latestGone = supersedesLatest(leaf, i, compactRevision);
      if (goneOfPast == 0 && !latestGone) {
        continue;
      }
      for (int p = 0; p < goneOfPast; p++) {
        Past past = leaf.past(i);
        visitor.superseded(past.main(p), past.sub(p), past.isTombstone(p));
      }
      if (latestGone) {
        visitor.superseded(leaf.mains[i], leaf.subs[i], true);
      }
      if (!visitor.endOfKey(leaf.keys[i])) {
        return false;
      }
    }
    return true;
  }

  /** How many of an entry's past revisions a compaction removes, from the oldest on. */
  static int supersededInPast(Leaf leaf, int at, long compactRevision) {
    int count = leaf.pastCount(at);
    if (count == 0) {
      return 0;
    }
    if (leaf.mains[at] <= compactRevision) {
      return count;
    }
    Past past = leaf.past(at);
    int floor = past.floor(compactRevision, count);
    if (floor < 0) {
      return 0;
    }
    boolean floorGone = past.isTombstone(floor) && past.main(floor) < compactRevision;
    return floorGone ? floor + 1 : floor;
  }

  /** Whether a compaction removes an entry's latest revision: it is a tombstone below it. */
  static boolean supersedesLatest(Leaf leaf, int at, long compactRevision) {
    return !leaf.isLive(at) && leaf.mains[at] < compactRevision;
  }
}
