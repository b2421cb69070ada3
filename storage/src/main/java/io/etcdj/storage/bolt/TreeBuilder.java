package io.etcdj.storage.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds one tree from pairs in order, leaves first.
 *
 * <p>A page is written as soon as it is full, so pages of a level lie in the order of their keys.
 * Each level holds back its last entries, so that no branch is left with a single child.
 */
final class TreeBuilder {
  private final PageOutput out;
  private final LeafBuilder leaf;
  private final List<Branch> branches = new ArrayList<>();
  private @Nullable ByteBuffer lastKeyWritten;

  TreeBuilder(PageOutput out, int elementFlags) {
    this.out = out;
    this.leaf = new LeafBuilder(elementFlags);
  }

  void put(ByteBuffer key, ByteBuffer value) throws IOException {
    if (!key.hasRemaining() || key.remaining() > Format.LARGEST_KEY) {
      throw new IllegalArgumentException("a key of " + key.remaining() + " bytes");
    }
    ByteBuffer last = leaf.count() > 0 ? leaf.lastKey() : lastKeyWritten;
    if (last != null && Node.compare(last, key) >= 0) {
      throw new IllegalArgumentException("keys must rise, and one does not");
    }
    if (leaf.count() > 0 && !leaf.takes(key, value)) {
      writeLeaf();
    }
    leaf.add(key, value);
  }

  /** The leaf that is all of the tree, if it is small enough to live in the parent; else null. */
  byte @Nullable [] inline() {
    return branches.isEmpty() && leaf.size() <= PageOutput.PAGE_BYTES / 4 ? leaf.inline() : null;
  }

  /** Writes what is left and returns the page of the root. */
  long finish() throws IOException {
    if (branches.isEmpty()) {
      return leaf.writeTo(out);
    }
    writeLeaf();
    for (int level = 0; ; level++) {
      Branch branch = branches.get(level);
      boolean top = level == branches.size() - 1;
      if (top && branch.children.size() == 1) {
        return branch.children.get(0).page;
      }
      int count = branch.children.size();
      if (count > branch.fitting && branch.fitting > 2) {
        writeBranch(level, count - 2);
      }
      writeBranch(level, branch.children.size());
    }
  }

  private void writeLeaf() throws IOException {
    byte[] firstKey = leaf.firstKey();
    ByteBuffer last = leaf.lastKey();
    lastKeyWritten = ByteBuffer.allocate(last.remaining()).put(last).flip();
    addChild(0, new Child(firstKey, leaf.writeTo(out)));
  }

  private void addChild(int level, Child child) throws IOException {
    if (level == branches.size()) {
      branches.add(new Branch());
    }
    Branch branch = branches.get(level);
    branch.add(child);
    if (branch.children.size() == branch.fitting + 2) {
      writeBranch(level, branch.fitting);
    }
  }

  /** Writes the first {@code count} children of a level as one page, and tells the level above. */
  private void writeBranch(int level, int count) throws IOException {
    List<Child> children = branches.get(level).removeFirst(count);
    long size = Format.PAGE_HEADER;
    for (Child child : children) {
      size += child.size();
    }
    long page = out.begin(Format.BRANCH, count, size);
    int position = count * Format.ELEMENT;
    for (Child child : children) {
      out.putInt(position);
      out.putInt(child.key.length);
      out.putLong(child.page);
      position += child.key.length - Format.ELEMENT;
    }
    for (Child child : children) {
      out.put(child.key, child.key.length);
    }
    addChild(level + 1, new Child(children.get(0).key, page));
  }

  private static final class Child {
    final byte[] key;
    final long page;

    Child(byte[] key, long page) {
      this.key = key;
      this.page = page;
    }

    int size() {
      return Format.ELEMENT + key.length;
    }
  }

  /** Children of a level that no page has been written for. */
  private static final class Branch {
    private final List<Child> children = new ArrayList<>();

    /** How many of them go into one page; two at least, if need be over its end. */
    int fitting;

    private long fittingBytes = Format.PAGE_HEADER;

    void add(Child child) {
      children.add(child);
      boolean all = fitting == children.size() - 1;
      if (all && (fitting < 2 || fittingBytes + child.size() <= PageOutput.PAGE_BYTES)) {
        fitting++;
        fittingBytes += child.size();
      }
    }

    List<Child> removeFirst(int count) {
      List<Child> first = List.copyOf(children.subList(0, count));
      List<Child> rest = List.copyOf(children.subList(count, children.size()));
      children.clear();
      fitting = 0;
      fittingBytes = Format.PAGE_HEADER;
      rest.forEach(this::add);
      return first;
    }
  }
}
