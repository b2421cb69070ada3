package io.etcdj.ctl.text;

/** {@code strconv}'s number parsers, with their error texts as the exception's message. */
public final class GoNumber {
  private GoNumber() {}

  /**
   * {@code strconv.ParseInt(text, base, 64)}; base 0 takes 0x, 0o and 0b prefixes.
   *
   * @throws IllegalArgumentException with Go's words
   */
  public static long parseInt(String text, int base) {
    try {
      if (base == 0) {
        return prefixed(text);
      }
      requireDigits(text);
      return Long.parseLong(text, base);
    } catch (NumberFormatException e) {
      throw failure("ParseInt", text, base == 0 ? 10 : base);
    }
  }

  /** {@code strconv.ParseUint(text, base, 64)}. */
  public static long parseUint(String text, int base) {
    try {
      if (text.startsWith("+") || text.startsWith("-")) {
        throw new NumberFormatException();
      }
      return Long.parseUnsignedLong(text, base);
    } catch (NumberFormatException e) {
      throw failure("ParseUint", text, base);
    }
  }

  /** {@code strconv.ParseBool}. */
  public static boolean parseBool(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw new IllegalArgumentException(words("ParseBool", text, "invalid syntax"));
    };
  }

  private static long prefixed(String text) {
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    int base = 10;
    if (digits.length() > 1 && digits.charAt(0) == '0') {
      base =
          switch (digits.charAt(1)) {
            case 'x', 'X' -> 16;
            case 'b', 'B' -> 2;
            default -> 8;
          };
      boolean letter = !Character.isDigit(digits.charAt(1));
      digits = digits.substring(letter ? 2 : 1);
    }
    requireDigits(digits);
    return Long.parseLong(negative ? "-" + digits : digits, base);
  }

  /** Java would also take digits of other scripts. */
  private static void requireDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        throw new NumberFormatException();
      }
    }
  }

  private static IllegalArgumentException failure(String function, String text, int base) {
    boolean tooLarge = !text.isEmpty();
    int start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    for (int i = start; i < text.length(); i++) {
      tooLarge &= text.charAt(i) < 0x80 && Character.digit(text.charAt(i), base) >= 0;
    }
    if (function.equals("ParseUint") && start == 1) {
      tooLarge = false;
    }
    return new IllegalArgumentException(
        words(
            function,
            text,
            tooLarge && text.length() > start ? "value out of range" : "invalid syntax"));
  }

  private static String words(String function, String text, String why) {
    return "strconv." + function + ": parsing " + GoStrings.quote(text) + ": " + why;
  }
}
