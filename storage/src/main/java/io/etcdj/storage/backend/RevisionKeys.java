package io.etcdj.storage.backend;

import java.nio.ByteBuffer;

/**
 * Keys of the {@link Table#KEY} table: 8 bytes main, {@code _}, 8 bytes sub, big-endian; a
 * tombstone has a {@code t} behind. Byte order is revision order.
 */
public final class RevisionKeys {
  /** Length of a key that is not a tombstone. */
  public static final int LENGTH = 17;

  private static final byte SEPARATOR = '_';
  private static final byte TOMBSTONE = 't';

  private RevisionKeys() {}

  public static byte[] encode(long main, long sub, boolean tombstone) {
    ByteBuffer key = ByteBuffer.allocate(tombstone ? LENGTH + 1 : LENGTH);
    write(key, main, sub, tombstone);
    return key.array();
  }

  static void write(ByteBuffer into, long main, long sub, boolean tombstone) {
    into.putLong(main).put(SEPARATOR).putLong(sub);
    if (tombstone) {
      into.put(TOMBSTONE);
    }
  }

  public static long main(byte[] key) {
    return ByteBuffer.wrap(key).getLong(0);
  }

  public static long sub(byte[] key) {
    return ByteBuffer.wrap(key).getLong(9);
  }

  public static boolean isTombstone(byte[] key) {
    return key.length == LENGTH + 1 && key[LENGTH] == TOMBSTONE;
  }

  /** Whether these bytes have the shape of a revision key at all. */
  public static boolean isValid(byte[] key) {
    return key.length >= LENGTH
        && key[8] == SEPARATOR
        && (key.length == LENGTH || isTombstone(key));
  }
}
