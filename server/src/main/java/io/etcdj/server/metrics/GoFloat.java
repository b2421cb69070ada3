package io.etcdj.server.metrics;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Floating-point numbers as Go's Prometheus client prints them (strconv's format 'g' with the
 * fewest digits that read back as the same number): an exponent below 1e-4 and from 1e+06 up.
 *
 * <pre>
 *   1        1
 *   0.001    0.001
 *   1234567  1.234567e+06
 *   0.00002  2e-05
 * </pre>
 */
final class GoFloat {
  private GoFloat() {}

  static String format(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return "0";
    }
    if (value == (long) value && Math.abs(value) < 1e6) {
      return Long.toString((long) value);
    }
    BigDecimal shortest = shortest(value);
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    String sign = value < 0 ? "-" : "";
    return sign
        + (exponent < -4 || exponent >= 6
            ? scientific(digits, exponent)
            : shortest.abs().toPlainString());
  }

  private static String scientific(String digits, int exponent) {
    StringBuilder text = new StringBuilder().append(digits.charAt(0));
    if (digits.length() > 1) {
      text.append('.').append(digits, 1, digits.length());
    }
    int magnitude = Math.abs(exponent);
    text.append('e').append(exponent < 0 ? '-' : '+');
    if (magnitude < 10) {
      text.append('0');
    }
    return text.append(magnitude).toString();
  }

  /** JDK 17's Double.toString is not always the shortest, so the precisions are tried in turn. */
  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int precision = 1; precision < 17; precision++) {
      BigDecimal candidate = exact.round(new MathContext(precision));
      if (candidate.doubleValue() == value) {
        return candidate.stripTrailingZeros();
      }
    }
    return exact.round(new MathContext(17)).stripTrailingZeros();
  }
}
