package io.etcdj.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.server.text.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns an entry into the bytes of one line, line end included.
 *
 * <pre>
 *   {"level":"info","ts":"2026-11-21T00:23:35.41Z","caller":"member/Loop.java:40","msg":"m","k":1}
 *   2026-11-21T00:23:35.41Z	info	member/Loop.java:40	m	{"k": 1}
 * </pre>
 */
public final class LineEncoder {
  private static final char[] HEX = "0123456789abcdef".toCharArray();
  private static final int MICROS_DIGITS = 6;
  private static final int NANOS_PER_MICRO = 1000;
  private static final int SECONDS_PER_MINUTE = 60;
  private static final int SECONDS_PER_HOUR = 3600;

  private final LogFormat format;
  private final ZoneId zone;

  /**
   * @param zone in whose wall-clock time the lines are stamped
   */
  public LineEncoder(LogFormat format, ZoneId zone) {
    this.format = format;
    this.zone = zone;
  }

  /**
   * One line.
   *
   * @param caller empty to leave it out
   * @param fields names and values in turn; a name without a value is shown with null
   */
  public byte[] encode(Level level, Instant time, String caller, String message, Object... fields) {
    StringBuilder out = new StringBuilder(160);
    if (format == LogFormat.JSON) {
      json(out, level, time, caller, message, fields);
    } else {
      console(out, level, time, caller, message, fields);
    }
    return out.append('\n').toString().getBytes(UTF_8);
  }

  /** One line for an entry that was kept; its origin is no longer known. */
  public byte[] encode(Entry entry, Instant time) {
    return encode(entry.level(), time, "", entry.message(), entry.fields().toArray());
  }

  private void json(
      StringBuilder out,
      Level level,
      Instant time,
      String caller,
      String message,
      Object[] fields) {
    out.append("{\"level\":\"").append(level).append("\",\"ts\":\"");
    time(out, time);
    out.append('"');
    if (!caller.isEmpty()) {
      out.append(",\"caller\":");
      string(out, caller);
    }
    out.append(",\"msg\":");
    string(out, message);
    fields(out, fields, ",", ":");
    out.append('}');
  }

  private void console(
      StringBuilder out,
      Level level,
      Instant time,
      String caller,
      String message,
      Object[] fields) {
    time(out, time);
    out.append('\t').append(level);
    if (!caller.isEmpty()) {
      out.append('\t').append(caller);
    }
    out.append('\t').append(message.replace('\n', ' '));
    if (fields.length > 0) {
      int start = out.append('\t').length();
      fields(out, fields, ", ", ": ");
      out.replace(start, start + 2, "{");
      out.append('}');
    }
  }

  /** Every field is preceded by the separator. */
  private void fields(StringBuilder out, Object[] fields, String separator, String colon) {
    for (int i = 0; i < fields.length; i += 2) {
      out.append(separator);
      string(out, String.valueOf(fields[i]));
      out.append(colon);
      value(out, i + 1 < fields.length ? fields[i + 1] : null);
    }
  }

  private static void value(StringBuilder out, @Nullable Object value) {
    if (value == null || value instanceof Boolean || isWhole(value)) {
      out.append(value);
    } else if (value instanceof Number number) {
      number(out, number.doubleValue());
    } else if (value instanceof Duration duration) {
      string(out, GoDuration.format(duration));
    } else if (value instanceof List<?> list) {
      list(out, list);
    } else if (value instanceof Map<?, ?> map) {
      map(out, map);
    } else if (value instanceof Throwable thrown) {
      String message = thrown.getMessage();
      string(out, message == null ? thrown.getClass().getName() : message);
    } else {
      string(out, value.toString());
    }
  }

  private static boolean isWhole(Object value) {
    return value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte;
  }

  private static void number(StringBuilder out, double value) {
    if (Double.isFinite(value)) {
      boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
      out.append(whole ? Long.toString((long) value) : Double.toString(value));
    } else {
      string(out, Double.toString(value)); // JSON has no word for these
    }
  }

  private static void list(StringBuilder out, List<?> list) {
    out.append('[');
    String separator = "";
    for (Object one : list) {
      out.append(separator);
      value(out, one);
      separator = ",";
    }
    out.append(']');
  }

  private static void map(StringBuilder out, Map<?, ?> map) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> one : map.entrySet()) {
      out.append(separator);
      string(out, String.valueOf(one.getKey()));
      out.append(':');
      value(out, one.getValue());
      separator = ",";
    }
    out.append('}');
  }

  static void string(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 0xf]);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** RFC 3339 with microseconds, less their trailing zeros, as the original prints them. */
  private void time(StringBuilder out, Instant instant) {
    ZonedDateTime time = instant.atZone(zone);
    digits(out, time.getYear(), 4).append('-');
    digits(out, time.getMonthValue(), 2).append('-');
    digits(out, time.getDayOfMonth(), 2).append('T');
    digits(out, time.getHour(), 2).append(':');
    digits(out, time.getMinute(), 2).append(':');
    digits(out, time.getSecond(), 2);
    int micros = time.getNano() / NANOS_PER_MICRO;
    if (micros != 0) {
      digits(out.append('.'), micros, MICROS_DIGITS);
      while (out.charAt(out.length() - 1) == '0') {
        out.setLength(out.length() - 1);
      }
    }
    offset(out, time.getOffset());
  }

  private static void offset(StringBuilder out, ZoneOffset offset) {
    int seconds = Math.abs(offset.getTotalSeconds());
    if (seconds == 0) {
      out.append('Z');
      return;
    }
    out.append(offset.getTotalSeconds() < 0 ? '-' : '+');
    digits(out, seconds / SECONDS_PER_HOUR, 2);
    digits(out, seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE, 2);
  }

  private static StringBuilder digits(StringBuilder out, int number, int width) {
    String text = Integer.toString(number);
    return out.append("0".repeat(Math.max(0, width - text.length()))).append(text);
  }
}
