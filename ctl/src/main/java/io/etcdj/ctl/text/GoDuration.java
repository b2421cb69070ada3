package io.etcdj.ctl.text;

/** Durations in nanoseconds, as Go reads and writes them: {@code 1m30s}, {@code 2.5ms}. */
public final class GoDuration {
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000_000_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  private GoDuration() {}

  public static String format(long nanos) {
    if (nanos == 0) {
      return "0s";
    }
    if (nanos < 0) {
      return "-" + format(-nanos);
    }
    if (nanos < MICRO) {
      return nanos + "ns";
    }
    if (nanos < MILLI) {
      return decimal(nanos, MICRO) + "µs";
    }
    if (nanos < SECOND) {
      return decimal(nanos, MILLI) + "ms";
    }
    StringBuilder out = new StringBuilder();
    if (nanos >= HOUR) {
      out.append(nanos / HOUR).append('h');
    }
    if (nanos >= MINUTE) {
      out.append(nanos % HOUR / MINUTE).append('m');
    }
    return out.append(decimal(nanos % MINUTE, SECOND)).append('s').toString();
  }

  /** {@code nanos / unit} without trailing zeros. */
  private static String decimal(long nanos, long unit) {
    long fraction = nanos % unit;
    if (fraction == 0) {
      return Long.toString(nanos / unit);
    }
    String digits = Long.toString(unit + fraction).substring(1);
    int end = digits.length();
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    return nanos / unit + "." + digits.substring(0, end);
  }

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException with Go's words
   */
  public static long parse(String text) {
    String rest = text;
    boolean negative = rest.startsWith("-");
    if (negative || rest.startsWith("+")) {
      rest = rest.substring(1);
    }
    if (rest.equals("0")) {
      return 0;
    }
    if (rest.isEmpty()) {
      throw invalid(text);
    }
    double total = 0;
    while (!rest.isEmpty()) {
      int digits = 0;
      while (digits < rest.length() && isNumeric(rest.charAt(digits))) {
        digits++;
      }
      int end = digits;
      while (end < rest.length() && !isNumeric(rest.charAt(end))) {
        end++;
      }
      if (digits == 0 || rest.substring(0, digits).equals(".")) {
        throw invalid(text);
      }
      String unit = rest.substring(digits, end);
      if (unit.isEmpty()) {
        throw new IllegalArgumentException(
            "time: missing unit in duration " + GoStrings.quote(text));
      }
      total += number(rest.substring(0, digits), text) * nanosOf(unit, text);
      rest = rest.substring(end);
    }
    long nanos = Math.round(total);
    return negative ? -nanos : nanos;
  }

  private static boolean isNumeric(char c) {
    return c == '.' || (c >= '0' && c <= '9');
  }

  private static double number(String digits, String text) {
    try {
      return Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      throw invalid(text);
    }
  }

  private static long nanosOf(String unit, String text) {
    return switch (unit) {
      case "ns" -> 1;
      case "us", "µs", "μs" -> MICRO;
      case "ms" -> MILLI;
      case "s" -> SECOND;
      case "m" -> MINUTE;
      case "h" -> HOUR;
      default ->
          throw new IllegalArgumentException(
              "time: unknown unit "
                  + GoStrings.quote(unit)
                  + " in duration "
                  + GoStrings.quote(text));
    };
  }

  private static IllegalArgumentException invalid(String text) {
    return new IllegalArgumentException("time: invalid duration " + GoStrings.quote(text));
  }
}
