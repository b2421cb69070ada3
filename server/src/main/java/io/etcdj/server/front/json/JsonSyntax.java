package io.etcdj.server.front.json;

import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import java.util.BitSet;

/**
 * Finds where a JSON value ends, byte by byte as they come, and complains about bad syntax in the
 * words of Go's JSON decoder, which etcd's clients see.
 *
 * <p>Grammar: RFC 8259. Confined to one thread.
 *
 * <pre>
 *   {"a":1,}   invalid character '}' looking for beginning of object key string
 *   bad        invalid character 'b' looking for beginning of value
 * </pre>
 */
final class JsonSyntax {
  private static final int MAX_DEPTH = 10_000; // Go's

  private enum State {
    /** Anything may begin. */
    VALUE("looking for beginning of value"),
    /** Just after an opening bracket: a value or the closing one. */
    FIRST_ELEMENT("looking for beginning of value"),
    /** Just after an opening brace: a key or the closing one. */
    FIRST_KEY("looking for beginning of object key string"),
    /** After a comma in an object. */
    KEY("looking for beginning of object key string"),
    COLON("after object key"),
    AFTER_MEMBER("after object key:value pair"),
    AFTER_ELEMENT("after array element"),
    STRING("in string literal"),
    ESCAPE("in string escape code"),
    HEX("in \\u hexadecimal character escape"),
    MINUS("in numeric literal"),
    ZERO(""),
    DIGITS(""),
    POINT("after decimal point in numeric literal"),
    FRACTION(""),
    EXPONENT("in exponent of numeric literal"),
    EXPONENT_SIGN("in exponent of numeric literal"),
    EXPONENT_DIGITS(""),
    LITERAL(""),
    /** The value is complete. */
    DONE("after top-level value");

    private final String context;

    State(String context) {
      this.context = context;
    }
  }

  private State state = State.VALUE;
  private final BitSet objects = new BitSet(); // per depth: an object rather than an array
  private int depth;
  private boolean key; // the string under way is a key
  private int hexDigits;
  private String literal = "";
  private int literalAt;

  /**
   * Reads on from {@code from}. Returns the index after the value, or -1 when it goes on beyond
   * {@code to}; after a value the next call begins a new one.
   */
  int scan(byte[] text, int from, int to) {
    for (int i = from; i < to; i++) {
      int c = text[i] & 0xff;
      if (number() && !continuesNumber(c)) {
        valueEnds();
        if (state == State.DONE) {
          state = State.VALUE;
          return i; // what ends a number is not part of it
        }
      }
      step(c);
      if (state == State.DONE) {
        state = State.VALUE;
        return i + 1;
      }
    }
    return -1;
  }

  /** The text ends here: returns whether what was read is a whole value after all (a number). */
  boolean endsNumber() {
    return depth == 0
        && (state == State.ZERO
            || state == State.DIGITS
            || state == State.FRACTION
            || state == State.EXPONENT_DIGITS);
  }

  /** Whether a value has begun and not ended. */
  boolean midValue() {
    return state != State.VALUE || depth > 0;
  }

  static EtcdException afterTopLevelValue(byte c) {
    return complaint(c & 0xff, State.DONE.context);
  }

  static boolean blank(int c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  private void step(int c) {
    switch (state) {
      case VALUE, FIRST_ELEMENT -> {
        if (blank(c)) {
          return;
        }
        if (c == ']' && state == State.FIRST_ELEMENT) {
          close();
        } else {
          begin(c);
        }
      }
      case FIRST_KEY, KEY -> {
        if (blank(c)) {
          return;
        }
        if (c == '}' && state == State.FIRST_KEY) {
          close();
        } else if (c == '"') {
          key = true;
          state = State.STRING;
        } else {
          throw complaint(c);
        }
      }
      case COLON -> punctuation(c, ':', State.VALUE);
      case AFTER_MEMBER -> afterPart(c, '}', State.KEY);
      case AFTER_ELEMENT -> afterPart(c, ']', State.VALUE);
      case STRING -> string(c);
      case ESCAPE -> escape(c);
      case HEX -> hex(c);
      case MINUS -> {
        if (c == '0') {
          state = State.ZERO;
        } else if (digit(c)) {
          state = State.DIGITS;
        } else {
          throw complaint(c);
        }
      }
      case ZERO, DIGITS, FRACTION, EXPONENT_DIGITS -> inNumber(c);
      case POINT -> digitsFollow(c, State.FRACTION);
      case EXPONENT -> {
        if (c == '+' || c == '-') {
          state = State.EXPONENT_SIGN;
        } else {
          digitsFollow(c, State.EXPONENT_DIGITS);
        }
      }
      case EXPONENT_SIGN -> digitsFollow(c, State.EXPONENT_DIGITS);
      case LITERAL -> literal(c);
      case DONE -> throw complaint(c);
    }
  }

  private void begin(int c) {
    switch (c) {
      case '{' -> open(true, State.FIRST_KEY);
      case '[' -> open(false, State.FIRST_ELEMENT);
      case '"' -> {
        key = false;
        state = State.STRING;
      }
      case '-' -> state = State.MINUS;
      case '0' -> state = State.ZERO;
      case 't' -> literalBegins("true");
      case 'f' -> literalBegins("false");
      case 'n' -> literalBegins("null");
      default -> {
        if (!digit(c)) {
          throw complaint(c, State.VALUE.context);
        }
        state = State.DIGITS;
      }
    }
  }

  private void open(boolean object, State next) {
    if (depth == MAX_DEPTH) {
      throw refusal("exceeded max depth");
    }
    objects.set(depth++, object);
    state = next;
  }

  private void close() {
    depth--;
    valueEnds();
  }

  private void valueEnds() {
    state =
        depth == 0 ? State.DONE : objects.get(depth - 1) ? State.AFTER_MEMBER : State.AFTER_ELEMENT;
  }

  private void punctuation(int c, char wanted, State next) {
    if (c == wanted) {
      state = next;
    } else if (!blank(c)) {
      throw complaint(c);
    }
  }

  private void afterPart(int c, char closing, State afterComma) {
    if (c == closing) {
      close();
    } else {
      punctuation(c, ',', afterComma);
    }
  }

  private void string(int c) {
    if (c == '"') {
      if (key) {
        state = State.COLON;
      } else {
        valueEnds();
      }
    } else if (c == '\\') {
      state = State.ESCAPE;
    } else if (c < ' ') {
      throw complaint(c);
    }
  }

  private void escape(int c) {
    if (c == 'u') {
      hexDigits = 0;
      state = State.HEX;
    } else if ("bfnrt\\/\"".indexOf(c) >= 0) {
      state = State.STRING;
    } else {
      throw complaint(c);
    }
  }

  private void hex(int c) {
    if (Character.digit(c, 16) < 0 || c > 'f') {
      throw complaint(c);
    }
    if (++hexDigits == 4) {
      state = State.STRING;
    }
  }

  private boolean number() {
    return state == State.ZERO
        || state == State.DIGITS
        || state == State.FRACTION
        || state == State.EXPONENT_DIGITS;
  }

  private boolean continuesNumber(int c) {
    return (digit(c) && state != State.ZERO)
        || (c == '.' && (state == State.ZERO || state == State.DIGITS))
        || ((c == 'e' || c == 'E') && state != State.EXPONENT_DIGITS);
  }

  /** Called only with what {@link #continuesNumber} accepts. */
  private void inNumber(int c) {
    if (c == '.') {
      state = State.POINT;
    } else if (!digit(c)) {
      state = State.EXPONENT;
    }
  }

  private void digitsFollow(int c, State next) {
    if (!digit(c)) {
      throw complaint(c);
    }
    state = next;
  }

  private void literalBegins(String word) {
    literal = word;
    literalAt = 1;
    state = State.LITERAL;
  }

  private void literal(int c) {
    if (c != literal.charAt(literalAt)) {
      throw complaint(
          c, "in literal " + literal + " (expecting '" + literal.charAt(literalAt) + "')");
    }
    if (++literalAt == literal.length()) {
      valueEnds();
    }
  }

  private static boolean digit(int c) {
    return c >= '0' && c <= '9';
  }

  private EtcdException complaint(int c) {
    return complaint(c, state.context);
  }

  private static EtcdException complaint(int c, String context) {
    return refusal("invalid character " + quote(c) + ' ' + context);
  }

  static EtcdException refusal(String text) {
    return EtcdException.of(GrpcCode.INVALID_ARGUMENT, text);
  }

  /** A byte as Go quotes a character. */
  private static String quote(int c) {
    String inner =
        switch (c) {
          case '\'' -> "\\'";
          case '\\' -> "\\\\";
          case '\n' -> "\\n";
          case '\r' -> "\\r";
          case '\t' -> "\\t";
          case '\b' -> "\\b";
          case '\f' -> "\\f";
          case 7 -> "\\a";
          case 11 -> "\\v";
          default ->
              c < ' ' || c == 0x7f
                  ? String.format("\\x%02x", c)
                  : (c >= 0x80 && c < 0xa1) || c == 0xad
                      ? String.format("\\u%04x", c)
                      : String.valueOf((char) c);
        };
    return '\'' + inner + '\'';
  }
}
