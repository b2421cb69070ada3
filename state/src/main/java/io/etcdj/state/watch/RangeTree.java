package io.etcdj.state.watch;

import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ranges with a value each, searched by a key that lies in them.
 *
 * <p>A treap ordered by where a range starts; each node knows the highest end below it, so a search
 * leaves out subtrees that end before the key. Priorities are a hash of a counter: the shape is
 * balanced in practice and the same in every run.
 */
final class RangeTree<V> {
  private @Nullable Node<V> root;
  private long counter;

  private static final class Node<V> {
    private final KeyRange range;
    private final V value;
    private final long priority;
    private @Nullable Node<V> left;
    private @Nullable Node<V> right;

    /** Highest end in this subtree; null means one has no end. */
    private byte @Nullable [] highestEnd;

    Node(KeyRange range, V value, long priority) {
      this.range = range;
      this.value = value;
      this.priority = priority;
      this.highestEnd = range.end();
    }

    void update() {
      highestEnd = range.end();
      if (left != null) {
        highestEnd = higher(highestEnd, left.highestEnd);
      }
      if (right != null) {
        highestEnd = higher(highestEnd, right.highestEnd);
      }
    }
  }

  private static byte @Nullable [] higher(byte @Nullable [] a, byte @Nullable [] b) {
    if (a == null || b == null) {
      return null;
    }
    return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static int compare(KeyRange a, KeyRange b) {
    int byStart = Arrays.compareUnsigned(a.from(), b.from());
    if (byStart != 0) {
      return byStart;
    }
    byte[] aEnd = a.end();
    byte[] bEnd = b.end();
    if (aEnd == null || bEnd == null) {
      return aEnd == bEnd ? 0 : (aEnd == null ? 1 : -1);
    }
    return Arrays.compareUnsigned(aEnd, bEnd);
  }

  /** The value of exactly this range, or null. */
  @Nullable V get(KeyRange range) {
    Node<V> node = root;
    while (node != null) {
      int order = compare(range, node.range);
      if (order == 0) {
        return node.value;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  /** Adds a range that is not there. */
  void put(KeyRange range, V value) {
    long z = (counter++ + 1) * 0x9E3779B97F4A7C15L; // splitmix64
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    root = insert(root, new Node<>(range, value, z ^ (z >>> 31)));
  }

  private static <V> Node<V> insert(@Nullable Node<V> at, Node<V> fresh) {
    if (at == null) {
      return fresh;
    }
    if (compare(fresh.range, at.range) < 0) {
      Node<V> left = insert(at.left, fresh);
      at.left = left;
      if (left.priority > at.priority) { // rotate right
        at.left = left.right;
        left.right = at;
        at.update();
        left.update();
        return left;
      }
    } else {
      Node<V> right = insert(at.right, fresh);
      at.right = right;
      if (right.priority > at.priority) { // rotate left
        at.right = right.left;
        right.left = at;
        at.update();
        right.update();
        return right;
      }
    }
    at.update();
    return at;
  }

  void remove(KeyRange range) {
    root = remove(root, range);
  }

  private static <V> @Nullable Node<V> remove(@Nullable Node<V> at, KeyRange range) {
    if (at == null) {
      return null;
    }
    int order = compare(range, at.range);
    if (order == 0) {
      return merge(at.left, at.right);
    }
    if (order < 0) {
      at.left = remove(at.left, range);
    } else {
      at.right = remove(at.right, range);
    }
    at.update();
    return at;
  }

  private static <V> @Nullable Node<V> merge(@Nullable Node<V> left, @Nullable Node<V> right) {
    if (left == null) {
      return right;
    }
    if (right == null) {
      return left;
    }
    if (left.priority > right.priority) {
      left.right = merge(left.right, right);
      left.update();
      return left;
    }
    right.left = merge(left, right.left);
    right.update();
    return right;
  }

  void clear() {
    root = null;
  }

  /** Visits all values. */
  void forEach(Consumer<V> visitor) {
    visitAll(root, visitor);
  }

  private static <V> void visitAll(@Nullable Node<V> at, Consumer<V> visitor) {
    if (at != null) {
      visitAll(at.left, visitor);
      visitor.accept(at.value);
      visitAll(at.right, visitor);
    }
  }

  /** Visits the values of all ranges that contain {@code key}. */
  void forEachContaining(byte[] key, Consumer<V> visitor) {
    visit(root, key, visitor);
  }

  private static <V> void visit(@Nullable Node<V> at, byte[] key, Consumer<V> visitor) {
    if (at == null || (at.highestEnd != null && Arrays.compareUnsigned(at.highestEnd, key) <= 0)) {
      return;
    }
    visit(at.left, key, visitor);
    if (at.range.contains(key)) {
      visitor.accept(at.value);
    }
    if (Arrays.compareUnsigned(at.range.from(), key) <= 0) {
      visit(at.right, key, visitor);
    }
  }
}
