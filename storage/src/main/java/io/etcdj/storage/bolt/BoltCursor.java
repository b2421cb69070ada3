package io.etcdj.storage.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a bucket's pairs, which come in the order of their keys.
 *
 * <pre>
 *   for (boolean there = cursor.first(); there; there = cursor.next()) { cursor.key() ... }
 * </pre>
 *
 * <p>One thread at a time per file. Keys and values are views: good until the cursor moves.
 */
public final class BoltCursor {
  /** More levels than a tree of the largest file can have; a tree that is deeper is a circle. */
  private static final int DEEPEST = 64;

  private final BoltReader reader;
  private final BoltBucket bucket;
  private final List<Level> levels = new ArrayList<>();
  private int depth = -1;
  private @Nullable ByteBuffer lastKeyOfLeaf;

  BoltCursor(BoltReader reader, BoltBucket bucket) {
    this.reader = reader;
    this.bucket = bucket;
  }

  private static final class Level {
    final Node node = new Node();
    int index;
  }

  /** Goes to the first pair; false if there is none. */
  public boolean first() throws IOException {
    return start(null);
  }

  /** Goes to the first pair whose key is {@code key} or behind it; false if there is none. */
  public boolean seek(byte[] key) throws IOException {
    return start(ByteBuffer.wrap(key));
  }

  /** Goes to the following pair; false if there is none. */
  public boolean next() throws IOException {
    if (depth < 0) {
      return false;
    }
    Level leaf = levels.get(depth);
    leaf.index++;
    return leaf.index < leaf.node.count() || nextLeaf();
  }

  public ByteBuffer key() {
    Level leaf = current();
    return leaf.node.key(leaf.index);
  }

  public ByteBuffer value() {
    Level leaf = current();
    return leaf.node.value(leaf.index);
  }

  /** Whether the pair is a bucket, as those of the root are. */
  boolean isBucket() {
    Level leaf = current();
    return leaf.node.isBucket(leaf.index);
  }

  long page() {
    return current().node.page();
  }

  private Level current() {
    if (depth < 0) {
      throw new IllegalStateException("the cursor is at no pair");
    }
    return levels.get(depth);
  }

  private boolean start(@Nullable ByteBuffer key) throws IOException {
    lastKeyOfLeaf = null;
    depth = 0;
    bucket.loadRoot(level(0).node);
    descend(key);
    Level leaf = current();
    leaf.index = key == null ? 0 : leaf.node.ceiling(key);
    return leaf.index < leaf.node.count() || nextLeaf();
  }

  /** From the branch at {@code depth} down to a leaf: the one for {@code key}, or the first. */
  private void descend(@Nullable ByteBuffer key) throws IOException {
    while (!levels.get(depth).node.isLeaf()) {
      Level branch = levels.get(depth);
      branch.index = key == null ? 0 : branch.node.childFor(key);
      loadChild(branch);
    }
  }

  private void loadChild(Level branch) throws IOException {
    long child = branch.node.child(branch.index);
    if (depth + 1 == DEEPEST) {
      throw BoltException.at(child, "deeper than any tree, so the tree leads back into itself");
    }
    reader.load(level(depth + 1).node, child, false);
    depth++;
  }

  private boolean nextLeaf() throws IOException {
    Node left = current().node;
    if (left.count() > 0) {
      lastKeyOfLeaf = copy(left.key(left.count() - 1));
    }
    depth--;
    while (depth >= 0) {
      Level branch = levels.get(depth);
      branch.index++;
      if (branch.index < branch.node.count()) {
        loadChild(branch);
        descend(null);
        Level leaf = current();
        leaf.index = 0;
        // That keys rise from leaf to leaf is also what ends every walk, whatever the file says.
        if (lastKeyOfLeaf != null && Node.compare(lastKeyOfLeaf, leaf.node.key(0)) >= 0) {
          throw BoltException.at(leaf.node.page(), "its keys do not follow those before it");
        }
        return true;
      }
      depth--;
    }
    return false;
  }

  private Level level(int number) {
    if (number == levels.size()) {
      levels.add(new Level());
    }
    return levels.get(number);
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
  }
}
