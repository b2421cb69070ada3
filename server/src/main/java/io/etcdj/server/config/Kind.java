package io.etcdj.server.config;

import io.etcdj.server.text.EtcdUrl;
import io.etcdj.server.text.GoDuration;
import io.etcdj.server.text.GoQuote;
import java.math.BigInteger;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How the text of a flag becomes a value, and the words for a text that does not.
 *
 * <p>Numbers take Go's notations (10, 0x10, 0o17, 1_000); unsigned ones beyond {@code
 * Long.MAX_VALUE} count as that.
 */
enum Kind {
  BOOL,
  UINT,
  UINT32,
  UINT64,
  INT,
  INT64,
  DURATION,
  STRING,
  /** A comma-separated set of words. */
  WORDS,
  /** A comma-separated list of URLs. */
  URLS,
  /** URLs, or {@code *}. */
  ORIGINS,
  /** One of the flag's choices. */
  CHOICE,
  /** {@code Name=true,…} */
  GATES;

  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
  private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");
  private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final BigInteger MAX_UINT32 = BigInteger.TWO.pow(32).subtract(BigInteger.ONE);

  /** The value: Boolean, Long, Duration, String or a List of String or EtcdUrl. */
  Object parse(String text, List<String> choices) throws BadValue {
    return switch (this) {
      case BOOL -> bool(text);
      case UINT, UINT64 -> number(text, BigInteger.ZERO, MAX_UINT64);
      case UINT32 -> uint32(text);
      case INT, INT64 -> number(text, MIN_LONG, MAX_LONG);
      case DURATION -> duration(text);
      case STRING -> text;
      case WORDS -> words(text);
      case URLS -> urls(text);
      case ORIGINS -> origins(text);
      case CHOICE -> choice(text, choices);
      case GATES -> gates(text);
    };
  }

  private static Object bool(String text) throws BadValue {
    if (TRUE.contains(text)) {
      return true;
    }
    if (FALSE.contains(text)) {
      return false;
    }
    throw new BadValue("parse error");
  }

  private static Object number(String text, BigInteger min, BigInteger max) throws BadValue {
    BigInteger number;
    try {
      number = goInteger(text);
    } catch (NumberFormatException notANumber) {
      throw new BadValue("parse error");
    }
    boolean signedToUnsigned = min.signum() == 0 && (text.startsWith("-") || text.startsWith("+"));
    if (signedToUnsigned) {
      throw new BadValue("parse error");
    }
    if (number.compareTo(min) < 0 || number.compareTo(max) > 0) {
      throw new BadValue("value out of range");
    }
    return number.min(MAX_LONG).longValue();
  }

  /** This one was added to etcd with other words. */
  private static Object uint32(String text) throws BadValue {
    String prefix = "strconv.ParseUint: parsing " + GoQuote.quote(text) + ": ";
    BigInteger number;
    try {
      number = goInteger(text);
    } catch (NumberFormatException notANumber) {
      throw new BadValue(prefix + "invalid syntax");
    }
    if (number.signum() < 0 || text.startsWith("+")) {
      throw new BadValue(prefix + "invalid syntax");
    }
    if (number.compareTo(MAX_UINT32) > 0) {
      throw new BadValue(prefix + "value out of range");
    }
    return number.longValue();
  }

  private static BigInteger goInteger(String text) {
    String sign = text.startsWith("-") || text.startsWith("+") ? text.substring(0, 1) : "";
    String body = text.substring(sign.length()).toLowerCase(Locale.ROOT);
    int radix = 10;
    int prefix = 0;
    if (body.length() > 1 && body.charAt(0) == '0') {
      radix =
          switch (body.charAt(1)) {
            case 'x' -> 16;
            case 'b' -> 2;
            default -> 8;
          };
      prefix = "xbo".indexOf(body.charAt(1)) >= 0 ? 2 : 1;
    }
    String digits = body.substring(prefix);
    boolean wellSeparated =
        digits.matches(prefix > 0 ? "_?[0-9a-f]+(_[0-9a-f]+)*" : "[0-9]+(_[0-9]+)*");
    if (!wellSeparated) {
      throw new NumberFormatException(text);
    }
    return new BigInteger(sign + digits.replace("_", ""), radix);
  }

  private static Object duration(String text) throws BadValue {
    try {
      return GoDuration.parse(text);
    } catch (IllegalArgumentException invalid) {
      throw new BadValue("parse error");
    }
  }

  private static List<String> words(String text) {
    return text.isEmpty()
        ? List.of()
        : List.copyOf(new LinkedHashSet<>(List.of(text.split(",", -1))));
  }

  private static List<EtcdUrl> urls(String text) throws BadValue {
    try {
      return EtcdUrl.parseList(text);
    } catch (IllegalArgumentException invalid) {
      throw new BadValue(String.valueOf(invalid.getMessage()));
    }
  }

  private static List<String> origins(String text) throws BadValue {
    return text.equals("*") ? List.of("*") : urls(text).stream().map(EtcdUrl::toString).toList();
  }

  private static Object choice(String text, List<String> choices) throws BadValue {
    if (!choices.contains(text)) {
      throw new BadValue("invalid value");
    }
    return text;
  }

  private static Object gates(String text) throws BadValue {
    FeatureGates.parse(text);
    return text;
  }
}
