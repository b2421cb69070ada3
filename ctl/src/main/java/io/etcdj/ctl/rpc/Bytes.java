package io.etcdj.ctl.rpc;

import java.nio.charset.StandardCharsets;

/**
 * A growing run of bytes: appended at the end, consumed at the front.
 *
 * <p>Numbers are written in network order, as HTTP/2 and gRPC want them.
 */
final class Bytes {
  private byte[] array;
  private int start;
  private int end;

  Bytes(int capacity) {
    array = new byte[capacity];
  }

  int size() {
    return end - start;
  }

  byte get(int index) {
    return array[start + index];
  }

  int int32(int index) {
    return (get(index) & 0xff) << 24
        | (get(index + 1) & 0xff) << 16
        | (get(index + 2) & 0xff) << 8
        | (get(index + 3) & 0xff);
  }

  Bytes put(int value) {
    reserve(1);
    array[end++] = (byte) value;
    return this;
  }

  Bytes putInt24(int value) {
    return put(value >>> 16).put(value >>> 8).put(value);
  }

  Bytes putInt32(int value) {
    return put(value >>> 24).putInt24(value);
  }

  Bytes put(byte[] source, int offset, int length) {
    reserve(length);
    System.arraycopy(source, offset, array, end, length);
    end += length;
    return this;
  }

  Bytes put(byte[] source) {
    return put(source, 0, source.length);
  }

  /** Writes {@code value} over the three bytes at {@code index}: a length known only afterwards. */
  void setInt24(int index, int value) {
    array[start + index] = (byte) (value >>> 16);
    array[start + index + 1] = (byte) (value >>> 8);
    array[start + index + 2] = (byte) value;
  }

  /** Drops {@code count} bytes from the front. */
  void skip(int count) {
    start += count;
    if (start == end) {
      start = 0;
      end = 0;
    }
  }

  /** Removes {@code count} bytes from the front and returns them. */
  byte[] take(int count) {
    byte[] taken = new byte[count];
    System.arraycopy(array, start, taken, 0, count);
    skip(count);
    return taken;
  }

  /**
   * Where an {@code InputStream} may put up to {@code wanted} bytes; follow with {@link #added}.
   */
  int room(int wanted) {
    reserve(wanted);
    return end;
  }

  byte[] array() {
    return array;
  }

  int arrayOffset() {
    return start;
  }

  void added(int count) {
    end += count;
  }

  void clear() {
    start = 0;
    end = 0;
  }

  static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private void reserve(int extra) {
    if (end + extra <= array.length) {
      return;
    }
    int size = end - start;
    byte[] target =
        size + extra <= array.length / 2
            ? array
            : new byte[Math.max(Math.addExact(size, extra), size * 2)];
    System.arraycopy(array, start, target, 0, size);
    array = target;
    start = 0;
    end = size;
  }
}
