package io.etcdj.storage.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The pairs of one leaf before they are written. */
final class LeafBuilder {
  private static final int START_BYTES = 2 * PageOutput.PAGE_BYTES;

  /** Of a page of 4096 bytes with elements of at least 17. */
  private static final int MOST_PAIRS = 256;

  private final int[] keyBytes = new int[MOST_PAIRS];
  private final int[] valueBytes = new int[MOST_PAIRS];
  private final int elementFlags;
  private byte[] packed = new byte[START_BYTES];
  private int packedBytes;
  private int count;

  LeafBuilder(int elementFlags) {
    this.elementFlags = elementFlags;
  }

  int count() {
    return count;
  }

  /** Of the page, header and elements included. */
  long size() {
    return Format.PAGE_HEADER + (long) count * Format.ELEMENT + packedBytes;
  }

  /** Whether another pair still goes into one page. */
  boolean takes(ByteBuffer key, ByteBuffer value) {
    return size() + Format.ELEMENT + key.remaining() + value.remaining() <= PageOutput.PAGE_BYTES;
  }

  void add(ByteBuffer key, ByteBuffer value) {
    int length = Math.addExact(key.remaining(), value.remaining());
    int end = Math.addExact(packedBytes, length);
    if (packed.length < end) {
      packed = Arrays.copyOf(packed, end);
    }
    keyBytes[count] = key.remaining();
    valueBytes[count] = value.remaining();
    key.duplicate().get(packed, packedBytes, keyBytes[count]);
    value.duplicate().get(packed, packedBytes + keyBytes[count], valueBytes[count]);
    packedBytes = end;
    count++;
  }

  byte[] firstKey() {
    return Arrays.copyOf(packed, keyBytes[0]);
  }

  ByteBuffer lastKey() {
    int start = packedBytes - valueBytes[count - 1] - keyBytes[count - 1];
    return ByteBuffer.wrap(packed, start, keyBytes[count - 1]);
  }

  /** Writes the page and is empty again. */
  long writeTo(PageOutput out) throws IOException {
    long page = out.begin(Format.LEAF, count, size());
    int position = count * Format.ELEMENT;
    for (int i = 0; i < count; i++) {
      out.putInt(elementFlags);
      out.putInt(position);
      out.putInt(keyBytes[i]);
      out.putInt(valueBytes[i]);
      position += keyBytes[i] + valueBytes[i] - Format.ELEMENT;
    }
    out.put(packed, packedBytes);
    clear();
    return page;
  }

  /** The value of an inline bucket: its header, and the page as it would be. */
  byte[] inline() {
    ByteBuffer image =
        ByteBuffer.allocate(Format.BUCKET_HEADER + (int) size()).order(ByteOrder.LITTLE_ENDIAN);
    image.putLong(0).putLong(0);
    image.putLong(0).putShort((short) Format.LEAF).putShort((short) count).putInt(0);
    int position = count * Format.ELEMENT;
    for (int i = 0; i < count; i++) {
      image.putInt(elementFlags).putInt(position).putInt(keyBytes[i]).putInt(valueBytes[i]);
      position += keyBytes[i] + valueBytes[i] - Format.ELEMENT;
    }
    image.put(packed, 0, packedBytes);
    return image.array();
  }

  private void clear() {
    count = 0;
    packedBytes = 0;
    if (packed.length > START_BYTES) {
      packed = new byte[START_BYTES]; // one large value must not hold its memory for good
    }
  }
}
