package io.etcdj.storage.wal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A CRC-32C that goes on over many pieces and can start from any value.
 *
 * <p>The JDK's CRC32C is fast but always starts at the beginning. Its register has 32 bits and
 * moves by a reversible step, so four bytes lead from the beginning to any value that one may want:
 * they are found by running the step backwards.
 */
final class RunningCrc {
  private static final int POLYNOMIAL = 0x82f63b78; // Castagnoli, bit-reflected

  private final CRC32C crc = new CRC32C();

  /** Makes {@link #value} be {@code value}, as if what it stands for had gone through here. */
  void seed(int value) {
    int register = ~value;
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      register =
          register < 0 ? ((register ^ POLYNOMIAL) << 1) | 1 : register << 1; // one step backwards
    }
    int prefix = ~register; // the register starts with all bits set
    crc.reset();
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      crc.update(prefix >>> shift);
    }
  }

  void update(byte[] bytes, int offset, int length) {
    crc.update(bytes, offset, length);
  }

  void update(ByteBuffer bytes) {
    crc.update(bytes);
  }

  int value() {
    return (int) crc.getValue();
  }
}
