package io.etcdj.server.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * As much of the encoding of certificates as one of our own takes (X.690, distinguished rules):
 * each value is a tag, the length of its content, and the content.
 *
 * <pre>
 *   sequence(integer(5))     30 03 02 01 05
 * </pre>
 */
final class Der {
  private static final int BOOLEAN = 0x01;
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int CONTEXT = 0x80;
  private static final int CONSTRUCTED = 0x20;

  /** The first year that a time of two digits cannot say (RFC 5280, section 4.1.2.5). */
  private static final int FOUR_DIGITS_FROM = 2050;

  private static final int LONG_LENGTH = 0x80;

  private Der() {}

  static byte[] sequence(byte[]... parts) {
    return tagged(SEQUENCE, parts);
  }

  static byte[] integer(BigInteger value) {
    return tagged(INTEGER, value.toByteArray());
  }

  static byte[] yes() {
    return tagged(BOOLEAN, new byte[] {(byte) 0xff});
  }

  static byte[] octets(byte[] content) {
    return tagged(OCTET_STRING, content);
  }

  /** The content's last bits may be none of the string. */
  static byte[] bits(int unusedBits, byte[] content) {
    return tagged(BIT_STRING, new byte[] {(byte) unusedBits}, content);
  }

  /** An object identifier, written with dots. */
  static byte[] identifier(String dotted) {
    String[] arcs = dotted.split("\\.", -1);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.write(Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
    for (int i = 2; i < arcs.length; i++) {
      int arc = Integer.parseInt(arcs[i]);
      for (int shift = 28; shift > 0; shift -= 7) { // seven bits each, the last without a mark
        if (arc >>> shift != 0) {
          content.write(0x80 | (arc >>> shift & 0x7f));
        }
      }
      content.write(arc & 0x7f);
    }
    return tagged(OBJECT_IDENTIFIER, content.toByteArray());
  }

  static byte[] time(Instant time) {
    boolean four = time.atZone(ZoneOffset.UTC).getYear() >= FOUR_DIGITS_FROM;
    String text =
        DateTimeFormatter.ofPattern(four ? "yyyyMMddHHmmss'Z'" : "yyMMddHHmmss'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(time);
    return tagged(four ? GENERALIZED_TIME : UTC_TIME, text.getBytes(US_ASCII));
  }

  /** A value under a number that its surroundings explain, around whole values. */
  static byte[] explicit(int number, byte[]... parts) {
    return tagged(CONTEXT | CONSTRUCTED | number, parts);
  }

  /** The same in the place of the value's own tag. */
  static byte[] implicit(int number, byte[] content) {
    return tagged(CONTEXT | number, content);
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length < LONG_LENGTH) {
      out.write(length);
    } else {
      byte[] bytes = BigInteger.valueOf(length).toByteArray();
      int from = bytes[0] == 0 ? 1 : 0; // without the sign
      out.write(LONG_LENGTH | (bytes.length - from));
      out.write(bytes, from, bytes.length - from);
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }
}
