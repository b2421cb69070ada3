package io.etcdj.server.v2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.server.text.GoQuote;
import io.etcdj.state.v2.V2Error;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request: those of the body, then those of the query; of several with one name the
 * first counts.
 */
final class Form {
  private static final String HEX = "0123456789abcdefABCDEF";

  private final Map<String, String> fields = new HashMap<>();

  /** Adds what {@code text} has, in the encoding of HTML forms; a refusal tells what is wrong. */
  void add(String text) {
    for (String pair : text.split("&", -1)) {
      if (pair.indexOf(';') >= 0) {
        throw invalid("invalid semicolon separator in query");
      }
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
        String value = equals < 0 ? "" : decode(pair.substring(equals + 1), true);
        fields.putIfAbsent(name, value);
      }
    }
  }

  /** Resolves escapes. */
  static String decode(String text, boolean plusIsSpace) {
    if (text.indexOf('%') < 0 && (!plusIsSpace || text.indexOf('+') < 0)) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      int c = text.codePointAt(i);
      if (c == '%') {
        if (i + 2 >= text.length()
            || HEX.indexOf(text.charAt(i + 1)) < 0
            || HEX.indexOf(text.charAt(i + 2)) < 0) {
          String escape = text.substring(i, Math.min(text.length(), i + 3));
          throw invalid("invalid URL escape " + GoQuote.quote(escape));
        }
        bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else if (c == '+' && plusIsSpace) {
        bytes.write(' ');
      } else {
        bytes.writeBytes(Character.toString(c).getBytes(UTF_8));
        i += Character.charCount(c) - 1;
      }
    }
    return bytes.toString(UTF_8);
  }

  private static RuntimeException invalid(String why) {
    return V2Error.INVALID_FORM.at(0, why);
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  /** A field, or the empty text. */
  String text(String name) {
    return fields.getOrDefault(name, "");
  }

  /** A field that is an index, or 0. */
  long index(String name) {
    String text = fields.get(name);
    Long number = text == null ? Long.valueOf(0) : unsigned(text);
    if (number == null) {
      throw V2Error.INDEX_NOT_A_NUMBER.at(0, "invalid value for \"" + name + "\"");
    }
    return number;
  }

  /** A number without a sign, or null if it is none. */
  static @Nullable Long unsigned(String text) {
    if (text.isEmpty() || text.charAt(0) == '+') {
      return null;
    }
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** A field that is true or false, or false. */
  boolean flag(String name) {
    return has(name) && flag(name, "invalid value for \"" + name + "\"");
  }

  /** A field that is there and is true or false. */
  boolean flag(String name, String complaint) {
    return switch (text(name)) {
      case "1", "t", "T", "TRUE", "true", "True" -> true;
      case "0", "f", "F", "FALSE", "false", "False" -> false;
      default -> throw V2Error.INVALID_FIELD.at(0, complaint);
    };
  }
}
