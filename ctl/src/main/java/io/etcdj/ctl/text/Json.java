package io.etcdj.ctl.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value that was read. What is absent reads as null, as zero or as empty, which is what Go
 * makes of it.
 *
 * <pre>
 *   Json.parse("{\"a\":[1]}").get("a").items().get(0).number()   1
 * </pre>
 */
public final class Json {
  private static final Json NULL = new Json(null);
  private static final int DEEPEST = 1000;

  private final @Nullable Object value;

  private Json(@Nullable Object value) {
    this.value = value;
  }

  /**
   * Reads one value.
   *
   * @throws IllegalArgumentException with the words of Go's {@code encoding/json}
   */
  public static Json parse(String text) {
    Parser parser = new Parser(text);
    Json result = parser.value(0);
    parser.blanks();
    if (parser.position < text.length()) {
      throw parser.unexpected("after top-level value");
    }
    return result;
  }

  public boolean isNull() {
    return value == null;
  }

  public boolean isObject() {
    return value instanceof Map;
  }

  /** A member of an object. */
  public Json get(String name) {
    if (value instanceof Map<?, ?> members && members.get(name) instanceof Json member) {
      return member;
    }
    return NULL;
  }

  /** The items of an array. */
  public List<Json> items() {
    List<Json> items = new ArrayList<>();
    if (value instanceof List<?> all) {
      for (Object item : all) {
        items.add((Json) item);
      }
    }
    return items;
  }

  /** The texts of an array of strings. */
  public List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (Json item : items()) {
      texts.add(item.text());
    }
    return texts;
  }

  public String text() {
    return value instanceof String text ? text : "";
  }

  /** An integer, signed or unsigned, of 64 bits. */
  public long number() {
    if (!(value instanceof Number number)) {
      return 0;
    }
    return number.longValue();
  }

  public boolean bool() {
    return Boolean.TRUE.equals(value);
  }

  private static final class Parser {
    private final String text;
    private int position;

    Parser(String text) {
      this.text = text;
    }

    void blanks() {
      while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
        position++;
      }
    }

    IllegalArgumentException unexpected(String where) {
      if (position >= text.length()) {
        return new IllegalArgumentException("unexpected end of JSON input");
      }
      char c = text.charAt(position);
      String quoted = GoStrings.quote(String.valueOf(c));
      String shown =
          switch (c) {
            case '\'' -> "\\'";
            case '"' -> "\"";
            default -> quoted.substring(1, quoted.length() - 1);
          };
      return new IllegalArgumentException("invalid character '" + shown + "' " + where);
    }

    Json value(int depth) {
      blanks();
      if (position >= text.length() || depth > DEEPEST) {
        throw unexpected("exceeded max depth");
      }
      char c = text.charAt(position);
      return switch (c) {
        case '{' -> new Json(object(depth));
        case '[' -> new Json(array(depth));
        case '"' -> new Json(string());
        case 't' -> word("true", new Json(true));
        case 'f' -> word("false", new Json(false));
        case 'n' -> word("null", NULL);
        default -> {
          if (c != '-' && (c < '0' || c > '9')) {
            throw unexpected("looking for beginning of value");
          }
          yield new Json(numeral());
        }
      };
    }

    private Json word(String word, Json meaning) {
      for (int i = 0; i < word.length(); i++, position++) {
        if (position >= text.length() || text.charAt(position) != word.charAt(i)) {
          throw unexpected("in literal " + word + " (expecting '" + word.charAt(i) + "')");
        }
      }
      return meaning;
    }

    private Map<String, Json> object(int depth) {
      Map<String, Json> members = new LinkedHashMap<>();
      position++;
      blanks();
      if (position < text.length() && text.charAt(position) == '}') {
        position++;
        return members;
      }
      while (true) {
        blanks();
        if (position >= text.length() || text.charAt(position) != '"') {
          throw unexpected("looking for beginning of object key string");
        }
        String name = string();
        blanks();
        if (position >= text.length() || text.charAt(position) != ':') {
          throw unexpected("after object key");
        }
        position++;
        members.put(name, value(depth + 1));
        blanks();
        if (position < text.length() && text.charAt(position) == '}') {
          position++;
          return members;
        }
        if (position >= text.length() || text.charAt(position) != ',') {
          throw unexpected("after object key:value pair");
        }
        position++;
      }
    }

    private List<Json> array(int depth) {
      List<Json> items = new ArrayList<>();
      position++;
      blanks();
      if (position < text.length() && text.charAt(position) == ']') {
        position++;
        return items;
      }
      while (true) {
        items.add(value(depth + 1));
        blanks();
        if (position < text.length() && text.charAt(position) == ']') {
          position++;
          return items;
        }
        if (position >= text.length() || text.charAt(position) != ',') {
          throw unexpected("after array element");
        }
        position++;
      }
    }

    private String string() {
      StringBuilder out = new StringBuilder();
      position++;
      while (true) {
        if (position >= text.length()) {
          throw unexpected("in string literal");
        }
        char c = text.charAt(position);
        if (c == '"') {
          position++;
          return out.toString();
        }
        if (c < ' ') {
          throw unexpected("in string literal");
        }
        position++;
        out.append(c == '\\' ? escaped() : c);
      }
    }

    private char escaped() {
      if (position >= text.length()) {
        throw unexpected("in string escape code");
      }
      char c = text.charAt(position);
      if (c == 'u') {
        int value = 0;
        for (int i = 0; i < 4; i++) {
          position++;
          int digit = position < text.length() ? Character.digit(text.charAt(position), 16) : -1;
          if (digit < 0) {
            throw unexpected("in \\u hexadecimal character escape");
          }
          value = value * 16 + digit;
        }
        position++;
        return (char) value;
      }
      int index = "\"\\/bfnrt".indexOf(c);
      if (index < 0) {
        throw unexpected("in string escape code");
      }
      position++;
      return "\"\\/\b\f\n\r\t".charAt(index);
    }

    private Number numeral() {
      int start = position;
      while (position < text.length() && "+-.eE0123456789".indexOf(text.charAt(position)) >= 0) {
        position++;
      }
      String digits = text.substring(start, position);
      try {
        return digits.startsWith("-") ? Long.parseLong(digits) : Long.parseUnsignedLong(digits);
      } catch (NumberFormatException e) {
        try {
          return Double.parseDouble(digits);
        } catch (NumberFormatException notEither) {
          throw new IllegalArgumentException("invalid number literal " + digits, notEither);
        }
      }
    }
  }
}
