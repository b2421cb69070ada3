package io.etcdj.server.text;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;

/**
 * Durations as Go reads and prints them.
 *
 * <pre>
 *   "1m30s"   90 s        90 s       "1m30s"
 *   "1.5h"    90 min      100 ms     "100ms"
 *   "-5ms"    -5 ms       0          "0s"
 * </pre>
 */
public final class GoDuration {
  private static final BigInteger MAX_NANOS = BigInteger.valueOf(Long.MAX_VALUE);
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000_000_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  private GoDuration() {}

  /**
   * Reads a duration; a bare number is refused, except 0.
   *
   * @throws IllegalArgumentException with Go's words
   */
  public static Duration parse(String text) {
    int at = !text.isEmpty() && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
    if (text.substring(at).equals("0")) {
      return Duration.ZERO;
    }
    if (at == text.length()) {
      throw invalid(text);
    }
    BigInteger nanos = BigInteger.ZERO;
    while (at < text.length()) {
      int numberEnd = skip(text, at, true);
      String number = text.substring(at, numberEnd);
      if (!number.matches("\\d+\\.?\\d*|\\.\\d+")) {
        throw invalid(text);
      }
      int unitEnd = skip(text, numberEnd, false);
      String unit = text.substring(numberEnd, unitEnd);
      if (unit.isEmpty()) {
        throw new IllegalArgumentException("time: missing unit in duration " + GoQuote.quote(text));
      }
      nanos = nanos.add(nanos(number, unitNanos(unit, text)));
      at = unitEnd;
    }
    if (nanos.compareTo(MAX_NANOS) > 0) {
      throw invalid(text);
    }
    Duration duration = Duration.ofNanos(nanos.longValue());
    return text.charAt(0) == '-' ? duration.negated() : duration;
  }

  /**
   * So many units, the rest below a nanosecond cut off. Not with BigDecimal, whose class takes as
   * long to be there as the rest of the flags.
   */
  private static BigInteger nanos(String number, long unitNanos) {
    int point = number.indexOf('.');
    int decimals = point < 0 ? 0 : number.length() - point - 1;
    return new BigInteger(number.replace(".", ""))
        .multiply(BigInteger.valueOf(unitNanos))
        .divide(BigInteger.TEN.pow(decimals));
  }

  private static int skip(String text, int from, boolean digits) {
    int at = from;
    while (at < text.length() && isNumeric(text.charAt(at)) == digits) {
      at++;
    }
    return at;
  }

  private static boolean isNumeric(char c) {
    return c == '.' || (c >= '0' && c <= '9');
  }

  private static long unitNanos(String unit, String text) {
    return switch (unit) {
      case "ns" -> 1;
      case "us", "\u00b5s", "\u03bcs" -> MICRO; // the micro sign and the Greek letter
      case "ms" -> MILLI;
      case "s" -> SECOND;
      case "m" -> MINUTE;
      case "h" -> HOUR;
      default ->
          throw new IllegalArgumentException(
              "time: unknown unit " + GoQuote.quote(unit) + " in duration " + GoQuote.quote(text));
    };
  }

  private static IllegalArgumentException invalid(String text) {
    return new IllegalArgumentException("time: invalid duration " + GoQuote.quote(text));
  }

  /** Prints a duration: the largest unit first, and no unit that would be a leading zero. */
  public static String format(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos == 0) {
      return "0s";
    }
    String sign = nanos < 0 ? "-" : "";
    long rest = Math.abs(nanos);
    if (rest < MICRO) {
      return sign + rest + "ns";
    }
    if (rest < MILLI) {
      return sign + fraction(rest, MICRO) + "\u00b5s";
    }
    if (rest < SECOND) {
      return sign + fraction(rest, MILLI) + "ms";
    }
    StringBuilder out = new StringBuilder(sign);
    if (rest >= HOUR) {
      out.append(rest / HOUR).append('h');
    }
    if (rest >= MINUTE) {
      out.append(rest % HOUR / MINUTE).append('m');
    }
    return out.append(fraction(rest % MINUTE, SECOND)).append('s').toString();
  }

  private static String fraction(long nanos, long unit) {
    return BigDecimal.valueOf(nanos)
        .divide(BigDecimal.valueOf(unit))
        .stripTrailingZeros()
        .toPlainString();
  }
}
