package io.etcdj.storage.bolt;

import java.nio.ByteBuffer;

/** The numbers of the format; sizes in bytes. All integers are little-endian. */
final class Format {
  /** id 8, flags 2, count 2, overflow 4. */
  static final int PAGE_HEADER = 16;

  /** Leaf: flags 4, pos 4, key size 4, value size 4. Branch: pos 4, key size 4, page 8. */
  static final int ELEMENT = 16;

  /** root page 8, sequence 8; root 0 means that a page image follows. */
  static final int BUCKET_HEADER = 16;

  static final int BRANCH = 1;
  static final int LEAF = 2;
  static final int META = 4;
  static final int FREELIST = 0x10;

  /** On a leaf element: the value is a bucket. */
  static final int BUCKET_FLAG = 1;

  static final int MAGIC = 0xED0CDAED;
  static final int VERSION = 2;

  /** The checksummed part of a meta, and the checksum. */
  static final int META_BODY = 56;

  static final int META_SIZE = META_BODY + 8;

  static final int LARGEST_KEY = 32768;

  private Format() {}

  /** FNV-1a over the first {@link #META_BODY} bytes from {@code start}. */
  static long checksum(ByteBuffer bytes, int start) {
    long hash = 0xcbf29ce484222325L;
    for (int i = start; i < start + META_BODY; i++) {
      hash = (hash ^ (bytes.get(i) & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
