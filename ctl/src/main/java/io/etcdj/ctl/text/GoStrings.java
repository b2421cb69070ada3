package io.etcdj.ctl.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Strings the way Go prints them. */
public final class GoStrings {
  private static final String HEX = "0123456789abcdef";

  private GoStrings() {}

  /** {@code %q}: in double quotes, with escapes for whatever does not print. */
  public static String quote(String text) {
    return quote(text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@code %q} of bytes: what is not UTF-8 shows as {@code \xNN}. */
  public static String quote(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length + 2).append('"');
    int i = 0;
    while (i < bytes.length) {
      int length = utf8Length(bytes, i);
      if (length == 0) {
        hexEscape(out, bytes[i]);
        i++;
        continue;
      }
      int rune = new String(bytes, i, length, StandardCharsets.UTF_8).codePointAt(0);
      appendQuoted(out, rune);
      i += length;
    }
    return out.append('"').toString();
  }

  private static void appendQuoted(StringBuilder out, int rune) {
    switch (rune) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case 7 -> out.append("\\a");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case 11 -> out.append("\\v");
      default -> {
        if (prints(rune)) {
          out.appendCodePoint(rune);
        } else if (rune < 0x80) {
          hexEscape(out, (byte) rune);
        } else {
          int digits = rune < 0x10000 ? 4 : 8;
          out.append(digits == 4 ? "\\u" : "\\U");
          for (int shift = digits * 4 - 4; shift >= 0; shift -= 4) {
            out.append(HEX.charAt((rune >>> shift) & 0xf));
          }
        }
      }
    }
  }

  private static void hexEscape(StringBuilder out, byte value) {
    out.append("\\x").append(HEX.charAt((value >> 4) & 0xf)).append(HEX.charAt(value & 0xf));
  }

  private static boolean prints(int rune) {
    if (rune < 0x7f) {
      return rune >= ' ';
    }
    return switch (Character.getType(rune)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** The length of the valid UTF-8 sequence at {@code i}, or 0. */
  private static int utf8Length(byte[] bytes, int i) {
    int first = bytes[i] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || i + length > bytes.length) {
      return 0;
    }
    for (int k = 1; k < length; k++) {
      if ((bytes[i + k] & 0xc0) != 0x80) {
        return 0;
      }
    }
    int second = bytes[i + 1] & 0xff;
    boolean overlongOrOutside =
        (first == 0xe0 && second < 0xa0)
            || (first == 0xed && second >= 0xa0)
            || (first == 0xf0 && second < 0x90)
            || (first == 0xf4 && second >= 0x90);
    return overlongOrOutside ? 0 : length;
  }

  /** Where the string literal that starts at {@code start} ends, or -1 if there is none. */
  public static int endOfQuoted(String text, int start) {
    if (start >= text.length() || text.charAt(start) != '"') {
      return -1;
    }
    for (int i = start + 1; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        i++;
      } else if (text.charAt(i) == '"') {
        return i + 1;
      }
    }
    return -1;
  }

  /** The bytes that a double-quoted literal stands for, or null if an escape is wrong. */
  public static byte @Nullable [] unquote(String literal) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(literal.length());
    int i = 1;
    int end = literal.length() - 1;
    while (i < end) {
      int rune = literal.codePointAt(i);
      i += Character.charCount(rune);
      if (rune != '\\') {
        out.writeBytes(Character.toString(rune).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      char escape = literal.charAt(i++);
      int simple = "abfnrtv\\'\"".indexOf(escape);
      if (simple >= 0) {
        out.write("\u0007\b\f\n\r\t\u000b\\'\"".charAt(simple));
        continue;
      }
      int digits =
          switch (escape) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 3;
          };
      boolean octal = digits == 3;
      int from = octal ? i - 1 : i;
      int value = number(literal, from, Math.min(from + digits, end), octal ? 8 : 16);
      if (value < 0 || from + digits > end || (digits > 3 && !Character.isValidCodePoint(value))) {
        return null;
      }
      if (digits > 3) {
        out.writeBytes(Character.toString(value).getBytes(StandardCharsets.UTF_8));
      } else {
        out.write(value);
      }
      i = from + digits;
    }
    return out.toByteArray();
  }

  private static int number(String text, int start, int end, int base) {
    int value = 0;
    for (int i = start; i < end; i++) {
      int digit = Character.digit(text.charAt(i), base);
      if (digit < 0) {
        return -1;
      }
      value = value * base + digit;
    }
    return value;
  }

  /** {@code --hex}: every byte as {@code \xNN}. */
  public static String hexEscaped(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length * 4);
    for (byte value : bytes) {
      hexEscape(out, value);
    }
    return out.toString();
  }

  /** {@code %v} of a slice: {@code [a b c]}. */
  public static String slice(List<String> items) {
    return "[" + String.join(" ", items) + "]";
  }

  /** {@code %x} of an unsigned 64-bit id. */
  public static String hex(long id) {
    return Long.toHexString(id);
  }

  /** {@code %016x}: lease ids. */
  public static String hex16(long id) {
    return padLeft(Long.toHexString(id), 16, '0');
  }

  public static String padLeft(String text, int width, char pad) {
    StringBuilder out = new StringBuilder(width);
    for (int i = text.length(); i < width; i++) {
      out.append(pad);
    }
    return out.append(text).toString();
  }

  /** SI sizes as the humanize library writes them: {@code 20 kB}, {@code 4.6 MB}. */
  public static String bytes(long size) {
    if (size < 10) {
      return size + " B";
    }
    String[] units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = size;
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    // Rounded twice, the second time half to even: 20480 is 20.5, then 20.
    long tenths = (long) Math.floor(value * 10 + 0.5);
    String number =
        tenths < 100
            ? tenths / 10 + "." + tenths % 10
            : Long.toString((long) Math.rint(tenths / 10.0));
    return number + " " + units[unit];
  }
}
