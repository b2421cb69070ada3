package io.etcdj.storage.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One page of a tree in memory, checked: every key and value lies inside it, and the keys rise.
 *
 * <p>Made to be loaded again and again; what was handed out before is then gone.
 */
final class Node {
  private byte[] bytes = new byte[4096];
  private ByteBuffer view = wrap(bytes);
  private long page;
  private boolean leaf;
  private int count;

  /** Loads the page {@code id} of a file whose pages end before {@code highWater}. */
  void load(Pages pages, int pageBytes, long highWater, long id, boolean isRoot)
      throws IOException {
    page = id;
    if (id < 2 || id >= highWater) {
      throw BoltException.at(id, "outside of the file's pages, 2 to " + (highWater - 1));
    }
    long offset = id * pageBytes;
    if (id > pages.fileBytes() / pageBytes - 1) {
      throw BoltException.at(id, "behind the end of the file");
    }
    ensure(pageBytes);
    pages.read(offset, bytes, pageBytes);
    if (view.getLong(0) != id) {
      throw BoltException.at(id, "is marked as page " + Long.toUnsignedString(view.getLong(0)));
    }
    long span = pageBytes;
    long overflow = view.getInt(12) & 0xffffffffL;
    if (overflow != 0) {
      if (id + overflow >= highWater || (id + overflow + 1) * pageBytes > pages.fileBytes()) {
        throw BoltException.at(id, "runs over " + overflow + " pages, more than there are");
      }
      span = (overflow + 1) * pageBytes;
    }
    parseHeader(isRoot);
    int directory = directoryBytes(span);
    if (directory > pageBytes) {
      ensure(directory);
      pages.read(offset, bytes, directory);
    }
    long used = usedBytes(span);
    if (used > pageBytes) {
      if (used > Integer.MAX_VALUE - 64) {
        throw BoltException.at(id, "holds " + used + " bytes");
      }
      ensure((int) used);
      pages.read(offset, bytes, (int) used);
    }
    checkOrder();
  }

  /** Takes the page image of an inline bucket. */
  void loadInline(long holder, byte[] image) throws BoltException {
    page = holder;
    if (image.length < Format.PAGE_HEADER) {
      throw BoltException.at(holder, "an inline bucket of " + image.length + " bytes");
    }
    bytes = image;
    view = wrap(bytes);
    parseHeader(true);
    if (!leaf) {
      throw BoltException.at(holder, "an inline bucket that is not a leaf");
    }
    directoryBytes(image.length);
    usedBytes(image.length);
    checkOrder();
  }

  boolean isLeaf() {
    return leaf;
  }

  int count() {
    return count;
  }

  long page() {
    return page;
  }

  ByteBuffer key(int index) {
    int element = element(index);
    return leaf
        ? slice(element + view.getInt(element + 4), view.getInt(element + 8))
        : slice(element + view.getInt(element), view.getInt(element + 4));
  }

  ByteBuffer value(int index) {
    int element = element(index);
    int keyBytes = view.getInt(element + 8);
    return slice(element + view.getInt(element + 4) + keyBytes, view.getInt(element + 12));
  }

  boolean isBucket(int index) {
    return (view.getInt(element(index)) & Format.BUCKET_FLAG) != 0;
  }

  long child(int index) {
    return view.getLong(element(index) + 8);
  }

  /** The first element whose key is not below {@code key}; {@link #count} if there is none. */
  int ceiling(ByteBuffer key) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(key(middle), key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The child of a branch under which {@code key} is, if it is anywhere. */
  int childFor(ByteBuffer key) {
    int index = ceiling(key);
    if (index < count && compare(key(index), key) == 0) {
      return index;
    }
    return Math.max(0, index - 1);
  }

  /** In the order of the file: byte by byte, unsigned, a prefix first. */
  static int compare(ByteBuffer a, ByteBuffer b) {
    int common = Math.min(a.remaining(), b.remaining());
    int mismatch = a.mismatch(b);
    if (mismatch < 0 || mismatch >= common) {
      return Integer.compare(a.remaining(), b.remaining());
    }
    return Byte.compareUnsigned(a.get(a.position() + mismatch), b.get(b.position() + mismatch));
  }

  private void parseHeader(boolean isRoot) throws BoltException {
    int flags = view.getShort(8) & 0xffff;
    if (flags != Format.LEAF && flags != Format.BRANCH) {
      throw BoltException.at(page, String.format("neither a branch nor a leaf, flags %#x", flags));
    }
    leaf = flags == Format.LEAF;
    count = view.getShort(10) & 0xffff;
    // bbolt never leaves an empty page in a tree. A tree full of them could keep us busy forever.
    if (count == 0 && !(isRoot && leaf)) {
      throw BoltException.at(page, "empty");
    }
  }

  /** Header and elements. */
  private int directoryBytes(long span) throws BoltException {
    int directory = element(count);
    if (directory > span) {
      throw BoltException.at(page, count + " elements do not fit into " + span + " bytes");
    }
    return directory;
  }

  /** Up to the end of the last key or value. */
  private long usedBytes(long span) throws BoltException {
    long used = element(count);
    for (int i = 0; i < count; i++) {
      int element = element(i);
      long position = view.getInt(leaf ? element + 4 : element) & 0xffffffffL;
      long keyBytes = view.getInt(leaf ? element + 8 : element + 4) & 0xffffffffL;
      long valueBytes = leaf ? view.getInt(element + 12) & 0xffffffffL : 0;
      long start = element + position;
      long end = start + keyBytes + valueBytes;
      if (start < element(count) || end > span || keyBytes > Format.LARGEST_KEY) {
        throw BoltException.at(
            page,
            String.format(
                "element %d of %d has its key at %d, %d bytes, and a value of %d, in %d bytes",
                i, count, start, keyBytes, valueBytes, span));
      }
      used = Math.max(used, end);
    }
    return used;
  }

  private void checkOrder() throws BoltException {
    for (int i = 1; i < count; i++) {
      if (compare(key(i - 1), key(i)) >= 0) {
        throw BoltException.at(page, "keys " + (i - 1) + " and " + i + " are out of order");
      }
    }
  }

  private ByteBuffer slice(int start, int length) {
    return view.slice(start, length).asReadOnlyBuffer();
  }

  /** Room for {@code length} bytes; what was there must be read again. */
  private void ensure(int length) {
    if (bytes.length < length) {
      bytes = new byte[length];
      view = wrap(bytes);
    }
  }

  private static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int element(int index) {
    return Format.PAGE_HEADER + index * Format.ELEMENT;
  }
}
