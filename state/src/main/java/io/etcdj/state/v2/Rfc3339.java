package io.etcdj.state.v2;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Unix times in ns as texts (RFC 3339), with as many digits as are needed. */
public final class Rfc3339 {
  private static final long NANOS = 1_000_000_000;

  private Rfc3339() {}

  /** A time in UTC, without zeros at the end. */
  public static String write(long unixNanos) {
    long nanos = Math.floorMod(unixNanos, NANOS);
    String seconds =
        DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
            Instant.ofEpochSecond(Math.floorDiv(unixNanos, NANOS))
                .atOffset(ZoneOffset.UTC)
                .toLocalDateTime());
    if (nanos == 0) {
      return seconds + "Z";
    }
    String fraction = Long.toString(NANOS + nanos).substring(1);
    int end = fraction.length();
    while (fraction.charAt(end - 1) == '0') {
      end--;
    }
    return seconds + "." + fraction.substring(0, end) + "Z";
  }

  /**
   * Reads a time of any zone.
   *
   * @throws IllegalArgumentException when it is none, or cannot be counted in ns
   */
  static long read(String text) {
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), NANOS), instant.getNano());
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException("no time: " + text, e);
    }
  }
}
