package io.etcdj.server.front.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.etcdj.api.EtcdException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why well-formed JSON is no message, and says so as Go's protojson does. Only made once
 * the parser has refused; walks the text beside the message's type to the first value that does not
 * fit.
 *
 * <pre>
 *   {"key":"!!"}     proto: (line 1:8): invalid value for bytes field key: "!!"
 *   {"limit":"x"}    proto: (line 1:10): invalid value for int64 field limit: "x"
 *   []               proto: syntax error (line 1:1): unexpected token [
 * </pre>
 */
final class JsonComplaint {
  private static final BigInteger INT64_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger INT64_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger UINT64_MAX = INT64_MAX.shiftLeft(1).add(BigInteger.ONE);

  private final String json;
  private int at;

  JsonComplaint(byte[] json) {
    this.json = new String(json, StandardCharsets.UTF_8);
  }

  /** The refusal to send. */
  EtcdException about(Descriptor type) {
    String found = message(type);
    return JsonSyntax.refusal(
        "proto: " + (found != null ? found : "syntax error (line 1:1): invalid value"));
  }

  private @Nullable String message(Descriptor type) {
    if (next() != '{') {
      return unexpected();
    }
    at++;
    while (next() != '}') {
      String name = unquote(token());
      next(); // the colon
      at++;
      FieldDescriptor field = field(type, name);
      String found = field == null ? skip() : member(field);
      if (found != null) {
        return found;
      }
      if (next() == ',') {
        at++;
      }
    }
    at++;
    return null;
  }

  private static @Nullable FieldDescriptor field(Descriptor type, String name) {
    for (FieldDescriptor field : type.getFields()) {
      if (field.getJsonName().equals(name) || field.getName().equals(name)) {
        return field;
      }
    }
    return null;
  }

  private @Nullable String member(FieldDescriptor field) {
    if (json.startsWith("null", skipBlanks())) {
      at += 4;
      return null;
    }
    if (!field.isRepeated()) {
      return value(field);
    }
    if (next() != '[') {
      return unexpected();
    }
    at++;
    while (next() != ']') {
      String found = value(field);
      if (found != null) {
        return found;
      }
      if (next() == ',') {
        at++;
      }
    }
    at++;
    return null;
  }

  private @Nullable String value(FieldDescriptor field) {
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      return message(field.getMessageType());
    }
    next();
    int start = at;
    String token = token();
    return fits(field, token)
        ? null
        : place(start)
            + "invalid value for "
            + field.getType().name().toLowerCase(Locale.ROOT)
            + " field "
            + field.getJsonName()
            + ": "
            + token;
  }

  private static boolean fits(FieldDescriptor field, String token) {
    boolean string = token.startsWith("\"");
    boolean number = !string && !token.isEmpty() && "-0123456789".indexOf(token.charAt(0)) >= 0;
    return switch (field.getType()) {
      case BYTES -> string && base64(unquote(token));
      case STRING -> string;
      case BOOL -> token.equals("true") || token.equals("false");
      case ENUM -> string || number;
      case INT32, SINT32, SFIXED32 ->
          integer(
              token, BigInteger.valueOf(Integer.MIN_VALUE), BigInteger.valueOf(Integer.MAX_VALUE));
      case UINT32, FIXED32 -> integer(token, BigInteger.ZERO, BigInteger.valueOf(0xffff_ffffL));
      case UINT64, FIXED64 -> integer(token, BigInteger.ZERO, UINT64_MAX);
      default -> integer(token, INT64_MIN, INT64_MAX);
    };
  }

  private static boolean base64(String text) {
    String plain = text.replace('-', '+').replace('_', '/').replaceAll("=*$", "");
    try {
      Base64.getDecoder().decode(plain);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean integer(String token, BigInteger min, BigInteger max) {
    try {
      BigInteger value = new BigDecimal(unquote(token)).toBigIntegerExact();
      return value.compareTo(min) >= 0 && value.compareTo(max) <= 0;
    } catch (ArithmeticException | NumberFormatException e) {
      return false;
    }
  }

  /** Steps over a value of an unknown field. */
  private @Nullable String skip() {
    char c = next();
    if (c != '{' && c != '[') {
      token();
      return null;
    }
    int depth = 0;
    do {
      switch (next()) {
        case '{', '[' -> {
          depth++;
          at++;
        }
        case '}', ']' -> {
          depth--;
          at++;
        }
        case ',', ':' -> at++;
        default -> token();
      }
    } while (depth > 0);
    return null;
  }

  /** The next character that is not blank, which stays unread. */
  private char next() {
    return json.charAt(skipBlanks());
  }

  private int skipBlanks() {
    while (JsonSyntax.blank(json.charAt(at))) {
      at++;
    }
    return at;
  }

  /** A string with its quotes, a number or a word; the syntax is known to be good. */
  private String token() {
    int start = skipBlanks();
    if (json.charAt(at) == '"') {
      at++;
      while (json.charAt(at) != '"') {
        at += json.charAt(at) == '\\' ? 2 : 1;
      }
      at++;
    } else {
      at++;
      while (at < json.length() && ",:]} \t\r\n".indexOf(json.charAt(at)) < 0) {
        at++;
      }
    }
    return json.substring(start, at);
  }

  /** Enough for names and numbers: escapes other than of a single character do not occur there. */
  private static String unquote(String token) {
    return token.startsWith("\"")
        ? token.substring(1, token.length() - 1).replace("\\/", "/")
        : token;
  }

  private String unexpected() {
    int start = skipBlanks();
    char c = json.charAt(start);
    String token = "{}[],:".indexOf(c) >= 0 ? String.valueOf(c) : token();
    return "syntax error " + place(start) + "unexpected token " + token;
  }

  private String place(int index) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < index; i++) {
      if (json.charAt(i) == '\n') {
        line++;
        column = 1;
      } else {
        column++;
      }
    }
    return "(line " + line + ':' + column + "): ";
  }
}
