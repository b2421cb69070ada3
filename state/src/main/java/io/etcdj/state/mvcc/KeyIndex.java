package io.etcdj.state.mvcc;

import io.etcdj.state.mvcc.KeyTree.Inner;
import io.etcdj.state.mvcc.KeyTree.Leaf;
import io.etcdj.state.mvcc.KeyTree.Node;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The index of keys that the apply thread changes and everybody reads.
 *
 * <p>Confined to one thread. Changes touch only nodes made since the last {@link #publish}; older
 * ones belong to published versions and are copied first, so a reader's version never moves under
 * it and a batch of changes copies each node at most once.
 *
 * <pre>
 *   put a at 2_0    a: 2_0
 *   put a at 3_0    a: 2_0 3_0
 *   delete a at 4_0 a: 2_0 3_0 4_0t
 *   trim a to 3     a: 3_0 4_0t        (2_0 is unreachable: 3 is where a read may start)
 *   trim a to 5     nothing is left of a
 * </pre>
 */
final class KeyIndex {
  private static final byte[] SMALLEST = {};

  /** A version that tells {@link #set} to enter a tombstone without a put before it. */
  private static final long ORPHAN = -1;

  private Node root = new Leaf(8);
  private long edit = 1;

  /** The right half when the last {@link #insert} divided a node. */
  private @Nullable Node splitOff;

  /** What {@link #put} did to its key: revision of creation and number of puts since. */
  record Written(long create, long version) {}

  private @Nullable Written written;

  /** While {@link #restore} runs: the counters of the row, else version 0. */
  private long storedCreate;

  private long storedVersion;

  KeyIndex() {
    root.owner = edit;
  }

  /** The current version, frozen; changes from now on go to copies. */
  KeyTree publish() {
    edit++;
    return new KeyTree(root);
  }

  /** The state of this thread's own changes, valid until the next one. */
  KeyTree current() {
    return new KeyTree(root);
  }

  /** Forgets everything. */
  void clear() {
    root = new Leaf(8);
    root.owner = edit;
  }

  /** Adds a stored put at start: its counters come from the row, since older ones may be gone. */
  void restore(byte[] key, long main, int sub, long create, long version) {
    storedCreate = create;
    storedVersion = version;
    change(key, main, sub, false);
    storedVersion = 0;
  }

  /** Adds a stored tombstone at start. Of a key whose puts are compacted it may be all there is. */
  void restoreTombstone(byte[] key, long main, int sub) {
    if (new KeyTree(root).latest(key) == null) {
      // Stands for the put that is gone, at the tombstone's place.
      restore(key, main, sub, 0, ORPHAN);
      return;
    }
    change(key, main, sub, true);
  }

  /** Adds a revision of a key. */
  Written put(byte[] key, long main, int sub) {
    change(key, main, sub, false);
    Written result = written;
    if (result == null) {
      throw new IllegalStateException("put left no result");
    }
    return result;
  }

  /** Adds a tombstone to a key that is live. */
  void delete(byte[] key, long main, int sub) {
    change(key, main, sub, true);
  }

  private void change(byte[] key, long main, int sub, boolean tombstone) {
    splitOff = null;
    root = insert(root, key, main, sub, tombstone);
    Node right = splitOff;
    if (right != null) {
      Inner top = new Inner(4);
      top.owner = edit;
      top.size = 2;
      top.keys[0] = SMALLEST;
      top.children[0] = root;
      top.keys[1] = right.firstKey();
      top.children[1] = right;
      top.live = root.live() + right.live();
      root = top;
      splitOff = null;
    }
  }

  private Node insert(Node node, byte[] key, long main, int sub, boolean tombstone) {
    if (node instanceof Inner inner) {
      Inner mine = owned(inner);
      int at = mine.childFor(key);
      int before = mine.children[at].live();
      Node child = insert(mine.children[at], key, main, sub, tombstone);
      mine.children[at] = child;
      mine.live += child.live() - before;
      Node right = splitOff;
      if (right == null) {
        return mine;
      }
      splitOff = null;
      mine.live += right.live();
      return addChild(mine, at + 1, right);
    }
    Leaf mine = owned((Leaf) node);
    int at = mine.lowerBound(key);
    if (at < mine.size && Arrays.equals(mine.keys[at], key)) {
      replace(mine, at, main, sub, tombstone);
      return mine;
    }
    if (tombstone) {
      throw new IllegalStateException("deleting a key that is not there");
    }
    return addEntry(mine, at, key, main, sub);
  }

  private void replace(Leaf leaf, int at, long main, int sub, boolean tombstone) {
    boolean wasLive = leaf.isLive(at);
    if (tombstone && !wasLive) {
      throw new IllegalStateException("deleting a key that is deleted");
    }
    int count = leaf.pastCount(at);
    Past past =
        Past.append(
            count == 0 ? null : leaf.past(at), count, leaf.mains[at], leaf.subs[at], !wasLive);
    setPast(leaf, at, past, count + 1);
    leaf.mains[at] = main;
    leaf.subs[at] = sub;
    if (tombstone) {
      leaf.creates[at] = 0;
      leaf.versions[at] = 0;
      leaf.live--;
    } else {
      set(leaf, at, wasLive ? leaf.creates[at] : main, leaf.versions[at] + 1);
      leaf.live += (leaf.isLive(at) ? 1 : 0) - (wasLive ? 1 : 0);
    }
  }

  /** Enters the counters of a put, or those that its row has. */
  private void set(Leaf leaf, int at, long create, long version) {
    if (storedVersion == 0) {
      leaf.creates[at] = create;
      leaf.versions[at] = version;
    } else {
      leaf.creates[at] = storedCreate;
      leaf.versions[at] = storedVersion == ORPHAN ? 0 : storedVersion;
    }
    written = new Written(leaf.creates[at], leaf.versions[at]);
  }

  private Leaf addEntry(Leaf leaf, int at, byte[] key, long main, int sub) {
    if (leaf.size == KeyTree.FANOUT) {
      Leaf right = splitLeaf(leaf, at);
      int half = leaf.size;
      if (at > half) {
        addEntry(right, at - half, key, main, sub);
      } else {
        addEntry(leaf, at, key, main, sub);
      }
      splitOff = right;
      return leaf;
    }
    ensureCapacity(leaf, leaf.size + 1);
    int tail = leaf.size - at;
    System.arraycopy(leaf.keys, at, leaf.keys, at + 1, tail);
    System.arraycopy(leaf.mains, at, leaf.mains, at + 1, tail);
    System.arraycopy(leaf.subs, at, leaf.subs, at + 1, tail);
    System.arraycopy(leaf.creates, at, leaf.creates, at + 1, tail);
    System.arraycopy(leaf.versions, at, leaf.versions, at + 1, tail);
    if (leaf.pasts != null && leaf.pastCounts != null) {
      System.arraycopy(leaf.pasts, at, leaf.pasts, at + 1, tail);
      System.arraycopy(leaf.pastCounts, at, leaf.pastCounts, at + 1, tail);
      leaf.pasts[at] = null;
      leaf.pastCounts[at] = 0;
    }
    leaf.keys[at] = key;
    leaf.mains[at] = main;
    leaf.subs[at] = sub;
    set(leaf, at, main, 1);
    leaf.size++;
    leaf.live += leaf.isLive(at) ? 1 : 0;
    return leaf;
  }

  private Node addChild(Inner inner, int at, Node child) {
    if (inner.size == KeyTree.FANOUT) {
      Inner right = splitInner(inner, at);
      int half = inner.size;
      if (at > half) {
        placeChild(right, at - half, child);
      } else {
        placeChild(inner, at, child);
      }
      inner.live = sumLive(inner);
      right.live = sumLive(right);
      splitOff = right;
      return inner;
    }
    placeChild(inner, at, child);
    return inner;
  }

  private static void placeChild(Inner inner, int at, Node child) {
    if (inner.size == inner.keys.length) {
      int capacity = Math.min(KeyTree.FANOUT, inner.size + inner.size / 2 + 2);
      inner.keys = Arrays.copyOf(inner.keys, capacity);
      inner.children = Arrays.copyOf(inner.children, capacity);
    }
    System.arraycopy(inner.keys, at, inner.keys, at + 1, inner.size - at);
    System.arraycopy(inner.children, at, inner.children, at + 1, inner.size - at);
    inner.keys[at] = child.firstKey();
    inner.children[at] = child;
    inner.size++;
  }

  /**
   * Moves the upper part of a full leaf to a new one. Keys that only ever grow leave the left one
   * nearly full; others divide it in the middle.
   */
  private Leaf splitLeaf(Leaf leaf, int insertAt) {
    int half = insertAt == leaf.size ? leaf.size - KeyTree.FANOUT / 16 : leaf.size / 2;
    Leaf right = copyRange(leaf, half, leaf.size, leaf.size - half + KeyTree.FANOUT / 4);
    Leaf left = copyRange(leaf, 0, half, half + 1);
    leaf.keys = left.keys;
    leaf.mains = left.mains;
    leaf.subs = left.subs;
    leaf.creates = left.creates;
    leaf.versions = left.versions;
    leaf.pasts = left.pasts;
    leaf.pastCounts = left.pastCounts;
    leaf.size = half;
    leaf.live = left.live;
    return right;
  }

  private Inner splitInner(Inner inner, int insertAt) {
    int half = insertAt == inner.size ? inner.size - KeyTree.FANOUT / 16 : inner.size / 2;
    Inner right = new Inner(inner.size - half + KeyTree.FANOUT / 4);
    right.owner = edit;
    right.size = inner.size - half;
    System.arraycopy(inner.keys, half, right.keys, 0, right.size);
    System.arraycopy(inner.children, half, right.children, 0, right.size);
    inner.keys = Arrays.copyOf(inner.keys, half);
    inner.children = Arrays.copyOf(inner.children, half);
    inner.size = half;
    return right;
  }

  private static int sumLive(Inner inner) {
    int sum = 0;
    for (int i = 0; i < inner.size; i++) {
      sum += inner.children[i].live();
    }
    return sum;
  }

  /** The leaf itself if it was made during this edit, else a copy with a little room. */
  private Leaf owned(Leaf leaf) {
    if (leaf.owner == edit) {
      return leaf;
    }
    return copyRange(leaf, 0, leaf.size, Math.min(KeyTree.FANOUT, leaf.size + 4));
  }

  private Inner owned(Inner inner) {
    if (inner.owner == edit) {
      return inner;
    }
    Inner copy = new Inner(Math.min(KeyTree.FANOUT, inner.size + 2));
    copy.owner = edit;
    copy.size = inner.size;
    copy.live = inner.live;
    System.arraycopy(inner.keys, 0, copy.keys, 0, inner.size);
    System.arraycopy(inner.children, 0, copy.children, 0, inner.size);
    return copy;
  }

  private Leaf copyRange(Leaf leaf, int from, int to, int capacity) {
    int count = to - from;
    Leaf copy = new Leaf(capacity);
    copy.owner = edit;
    copy.size = count;
    System.arraycopy(leaf.keys, from, copy.keys, 0, count);
    System.arraycopy(leaf.mains, from, copy.mains, 0, count);
    System.arraycopy(leaf.subs, from, copy.subs, 0, count);
    System.arraycopy(leaf.creates, from, copy.creates, 0, count);
    System.arraycopy(leaf.versions, from, copy.versions, 0, count);
    if (leaf.pasts != null && leaf.pastCounts != null) {
      copy.pasts = new Past[capacity];
      copy.pastCounts = new int[capacity];
      System.arraycopy(leaf.pasts, from, copy.pasts, 0, count);
      System.arraycopy(leaf.pastCounts, from, copy.pastCounts, 0, count);
    }
    for (int i = 0; i < count; i++) {
      if (copy.isLive(i)) {
        copy.live++;
      }
    }
    return copy;
  }

  private static void ensureCapacity(Leaf leaf, int needed) {
    if (needed <= leaf.keys.length) {
      return;
    }
    int capacity = Math.min(KeyTree.FANOUT, needed + needed / 4 + 2);
    leaf.keys = Arrays.copyOf(leaf.keys, capacity);
    leaf.mains = Arrays.copyOf(leaf.mains, capacity);
    leaf.subs = Arrays.copyOf(leaf.subs, capacity);
    leaf.creates = Arrays.copyOf(leaf.creates, capacity);
    leaf.versions = Arrays.copyOf(leaf.versions, capacity);
    if (leaf.pasts != null && leaf.pastCounts != null) {
      leaf.pasts = Arrays.copyOf(leaf.pasts, capacity);
      leaf.pastCounts = Arrays.copyOf(leaf.pastCounts, capacity);
    }
  }

  private static void setPast(Leaf leaf, int at, @Nullable Past past, int count) {
    if (leaf.pasts == null || leaf.pastCounts == null) {
      leaf.pasts = new Past[leaf.keys.length];
      leaf.pastCounts = new int[leaf.keys.length];
    }
    leaf.pasts[at] = past;
    leaf.pastCounts[at] = count;
  }

  /** Forgets what a compaction at {@code compactRevision} made unreachable of this key. */
  void trim(byte[] key, long compactRevision) {
    root = trim(root, key, compactRevision);
    if (root instanceof Inner inner) {
      if (inner.size == 0) {
        root = new Leaf(8);
        root.owner = edit;
      } else if (inner.size == 1) {
        root = inner.children[0];
      }
    }
  }

  private Node trim(Node node, byte[] key, long compactRevision) {
    if (node instanceof Inner inner) {
      int at = inner.childFor(key);
      Node before = inner.children[at];
      Node after = trim(before, key, compactRevision);
      if (after == before) {
        return inner; // nothing to do, or done in place: then this node is of this edit as well
      }
      Inner mine = owned(inner);
      if (after.size == 0) {
        removeChild(mine, at);
      } else {
        mine.children[at] = after;
      }
      return mine; // live counts stay: only deleted keys leave
    }
    Leaf leaf = (Leaf) node;
    int at = leaf.lowerBound(key);
    if (at == leaf.size || !Arrays.equals(leaf.keys[at], key)) {
      return leaf;
    }
    int gone = KeyTree.supersededInPast(leaf, at, compactRevision);
    if (KeyTree.supersedesLatest(leaf, at, compactRevision)) {
      return removeEntry(leaf, at);
    }
    if (gone == 0) {
      return leaf;
    }
    Leaf mine = owned(leaf);
    int count = leaf.pastCount(at);
    setPast(mine, at, gone == count ? null : leaf.past(at).tail(gone, count), count - gone);
    return mine;
  }

  private Leaf removeEntry(Leaf leaf, int at) {
    Leaf left = copyRange(leaf, 0, at, Math.max(1, leaf.size - 1));
    Leaf right = copyRange(leaf, at + 1, leaf.size, Math.max(1, leaf.size - at - 1));
    int count = right.size;
    System.arraycopy(right.keys, 0, left.keys, at, count);
    System.arraycopy(right.mains, 0, left.mains, at, count);
    System.arraycopy(right.subs, 0, left.subs, at, count);
    System.arraycopy(right.creates, 0, left.creates, at, count);
    System.arraycopy(right.versions, 0, left.versions, at, count);
    if (left.pasts != null
        && left.pastCounts != null
        && right.pasts != null
        && right.pastCounts != null) {
      System.arraycopy(right.pasts, 0, left.pasts, at, count);
      System.arraycopy(right.pastCounts, 0, left.pastCounts, at, count);
    }
    left.size = at + count;
    left.live += right.live;
    return left;
  }

  private static void removeChild(Inner inner, int at) {
    byte[][] keys = new byte[inner.size - 1][];
    Node[] children = new Node[inner.size - 1];
    System.arraycopy(inner.keys, 0, keys, 0, at);
    System.arraycopy(inner.children, 0, children, 0, at);
    System.arraycopy(inner.keys, at + 1, keys, at, inner.size - at - 1);
    System.arraycopy(inner.children, at + 1, children, at, inner.size - at - 1);
    inner.keys = keys;
    inner.children = children;
    inner.size--;
  }
}
