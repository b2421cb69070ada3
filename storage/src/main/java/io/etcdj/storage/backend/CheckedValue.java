package io.etcdj.storage.backend;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A stored value with its checksum: 4 bytes CRC-32C over key and value, then the value.
 *
 * <p>LMDB has no checksums of its own. The key is covered so that a value under the wrong key is
 * seen too. Confined to one thread at a time.
 */
final class CheckedValue {
  static final int OVERHEAD = Integer.BYTES;

  private final CRC32C crc = new CRC32C();

  /** Checksum over {@code key} (from position to limit, which stay) and {@code value}. */
  private int checksum(ByteBuffer key, ByteBuffer value) {
    crc.reset();
    int keyStart = key.position();
    crc.update(key);
    key.position(keyStart);
    int valueStart = value.position();
    crc.update(value);
    value.position(valueStart);
    return (int) crc.getValue();
  }

  /** Writes checksum and value into {@code target}, which must have room, and flips it. */
  void write(ByteBuffer key, byte[] value, ByteBuffer target) {
    target.clear();
    target.putInt(checksum(key, ByteBuffer.wrap(value)));
    target.put(value).flip();
  }

  /** The value within {@code stored}, checked. */
  byte[] read(Table table, ByteBuffer key, ByteBuffer stored) {
    check(table, key, stored);
    byte[] value = new byte[stored.remaining()];
    stored.get(value);
    return value;
  }

  /** Checks what is stored and leaves {@code stored} at the value in it. */
  void check(Table table, ByteBuffer key, ByteBuffer stored) {
    if (stored.remaining() < OVERHEAD) {
      throw corrupt(table, key, "value of " + stored.remaining() + " bytes has no checksum");
    }
    int expected = stored.getInt();
    int actual = checksum(key, stored);
    if (actual != expected) {
      throw corrupt(
          table,
          key,
          String.format("checksum %08x does not fit the stored %08x", actual, expected));
    }
  }

  private static BackendCorruptException corrupt(Table table, ByteBuffer key, String why) {
    StringBuilder hex = new StringBuilder();
    for (int i = key.position(); i < key.limit(); i++) {
      hex.append(Character.forDigit((key.get(i) >> 4) & 15, 16));
      hex.append(Character.forDigit(key.get(i) & 15, 16));
    }
    return new BackendCorruptException(
        "backend table " + table.bucket() + ", key " + hex + ": " + why);
  }
}
