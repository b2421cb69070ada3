package io.etcdj.server.front.grpc;

import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import java.nio.charset.StandardCharsets;

/** How gRPC writes a status message and a timeout into headers (gRPC's PROTOCOL-HTTP2.md). */
public final class GrpcText {
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();
  private static final long DIGITS_AT_MOST = 8;

  private GrpcText() {}

  /** Visible ASCII stays, everything else and the percent sign becomes its UTF-8 bytes in hex. */
  static String percentEncode(String message) {
    for (int i = 0; i < message.length(); i++) {
      if (!plain(message.charAt(i))) {
        return encode(message);
      }
    }
    return message;
  }

  private static boolean plain(int c) {
    return c >= ' ' && c <= '~' && c != '%';
  }

  private static String encode(String message) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : message.getBytes(StandardCharsets.UTF_8)) {
      int c = b & 0xff;
      if (plain(c)) {
        encoded.append((char) c);
      } else {
        encoded.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
      }
    }
    return encoded.toString();
  }

  /**
   * Nanoseconds of a {@code grpc-timeout}: up to eight digits and a unit, {@code 5S}. A time beyond
   * the clock's range is as good as none and reads as Long.MAX_VALUE.
   */
  public static long timeoutNanos(String header) {
    int digits = header.length() - 1;
    if (digits < 1 || digits > DIGITS_AT_MOST) {
      throw malformed(header);
    }
    long count = 0;
    for (int i = 0; i < digits; i++) {
      char c = header.charAt(i);
      if (c < '0' || c > '9') {
        throw malformed(header);
      }
      count = 10 * count + c - '0';
    }
    long unit =
        switch (header.charAt(digits)) {
          case 'H' -> 3_600_000_000_000L;
          case 'M' -> 60_000_000_000L;
          case 'S' -> 1_000_000_000L;
          case 'm' -> 1_000_000L;
          case 'u' -> 1_000L;
          case 'n' -> 1L;
          default -> throw malformed(header);
        };
    return count > Long.MAX_VALUE / 4 / unit ? Long.MAX_VALUE : count * unit;
  }

  private static EtcdException malformed(String header) {
    return EtcdException.of(
        GrpcCode.INTERNAL,
        "malformed grpc-timeout: transport: timeout string is malformed: \"" + header + '"');
  }
}
