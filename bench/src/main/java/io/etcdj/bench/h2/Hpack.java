package io.etcdj.bench.h2;

import io.netty.buffer.ByteBuf;

/** What can be told about a header block without decoding it (RFC 7541). */
final class Hpack {
  private Hpack() {}

  /**
   * Whether a block consists of one-byte indexes only (section 6.1), so that it leaves the table as
   * it was and means the same again while nothing else changes the table.
   */
  static boolean onlyIndexes(byte[] block) {
    for (byte octet : block) {
      if (!isIndex(octet)) {
        return false;
      }
    }
    return true;
  }

  static boolean onlyIndexes(ByteBuf block) {
    for (int i = block.readerIndex(); i < block.writerIndex(); i++) {
      if (!isIndex(block.getByte(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isIndex(byte octet) {
    return octet < 0 && octet != (byte) 0xff; // 0xff: the index continues in the next octets
  }
}
