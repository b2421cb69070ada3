package io.etcdj.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * An encoded message with holes for keys, filled in place for each request.
 *
 * <p>The message is built once by the generated classes, with {@link #hole} where a key goes:
 *
 * <pre>
 *   Template.of(PutRequest.newBuilder().setKey(Template.hole(4)).setValue(…).build(), 4)
 *   key(0, 17)      k017
 * </pre>
 */
final class Template {
  private static final byte HOLE = '#';

  private final byte[] bytes;
  private final int[] offsets;
  private final int keySizeBytes;

  private Template(byte[] bytes, int[] offsets, int keySizeBytes) {
    this.bytes = bytes;
    this.offsets = offsets;
    this.keySizeBytes = keySizeBytes;
  }

  static ByteString hole(int keySizeBytes) {
    byte[] hole = new byte[keySizeBytes];
    Arrays.fill(hole, HOLE);
    return ByteString.copyFrom(hole);
  }

  /** Letters and digits, so that neither side can compress them nor mistake them for a hole. */
  static ByteString value(int sizeBytes, long seed) {
    String alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
    SplittableRandom random = new SplittableRandom(seed);
    byte[] value = new byte[sizeBytes];
    for (int i = 0; i < sizeBytes; i++) {
      value[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
    }
    return ByteString.copyFrom(value);
  }

  static Template of(MessageLite message, int keySizeBytes) {
    byte[] bytes = message.toByteArray();
    int[] offsets = new int[bytes.length / keySizeBytes];
    int found = 0;
    for (int i = 0; i + keySizeBytes <= bytes.length; i++) {
      if (holeAt(bytes, i, keySizeBytes)) {
        offsets[found++] = i;
        i += keySizeBytes - 1;
      }
    }
    return new Template(bytes, Arrays.copyOf(offsets, found), keySizeBytes);
  }

  private static boolean holeAt(byte[] bytes, int at, int length) {
    // A length or tag may be '#' as well: the hole is preceded by its own length.
    if (at == 0 || bytes[at - 1] != (byte) length) {
      return false;
    }
    for (int i = at; i < at + length; i++) {
      if (bytes[i] != HOLE) {
        return false;
      }
    }
    return true;
  }

  int holes() {
    return offsets.length;
  }

  /** Fills a hole with key number {@code number}. */
  void key(int hole, long number) {
    int first = offsets[hole];
    bytes[first] = 'k';
    long rest = number;
    for (int i = first + keySizeBytes - 1; i > first; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** The message as filled last; not to be kept or changed. */
  byte[] bytes() {
    return bytes;
  }
}
