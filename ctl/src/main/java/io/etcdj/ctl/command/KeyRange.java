package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;

/**
 * The keys that a command means.
 *
 * <pre>
 *   one("a")       just a        key a    end (none)
 *   prefix("a")    a, ab, az...  key a    end b
 *   from("a")      a and after   key a    end \0
 *   prefix("")     all keys      key \0   end \0
 * </pre>
 */
record KeyRange(ByteString key, ByteString end) {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  static KeyRange one(ByteString key) {
    return new KeyRange(key, ByteString.EMPTY);
  }

  static KeyRange between(ByteString key, ByteString end) {
    return new KeyRange(key, end);
  }

  static KeyRange from(ByteString key) {
    return new KeyRange(key.isEmpty() ? ZERO : key, ZERO);
  }

  static KeyRange prefix(ByteString key) {
    return key.isEmpty() ? from(key) : new KeyRange(key, prefixEnd(key));
  }

  private static ByteString prefixEnd(ByteString key) {
    byte[] end = key.toByteArray();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xff) {
        end[i]++;
        return ByteString.copyFrom(end, 0, i + 1);
      }
    }
    return ZERO; // after ff, ff ff, ... comes nothing: the range is open
  }
}
