package io.etcdj.ctl.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Escaping and cleaning as Go's {@code net/url} and {@code path} do it: curl lines show it. */
public final class GoUrl {
  private static final String HEX = "0123456789ABCDEF";
  private static final String UNRESERVED = "-_.~";
  private static final String ALLOWED_IN_PATHS = "-_.~$&+,/:;=@";

  private GoUrl() {}

  /** A path for a request line. */
  public static String escapePath(String path) {
    return escape(path.getBytes(StandardCharsets.UTF_8), ALLOWED_IN_PATHS, "%20");
  }

  /** One name or value of a query or a form. */
  public static String escapeQuery(String text) {
    return escapeQuery(text.getBytes(StandardCharsets.UTF_8));
  }

  public static String escapeQuery(byte[] bytes) {
    return escape(bytes, UNRESERVED, "+");
  }

  private static String escape(byte[] bytes, String allowed, String blank) {
    StringBuilder out = new StringBuilder(bytes.length);
    for (byte value : bytes) {
      char c = (char) (value & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || allowed.indexOf(c) >= 0) {
        out.append(c);
      } else if (c == ' ') {
        out.append(blank);
      } else {
        out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
      }
    }
    return out.toString();
  }

  /**
   * A path from the root, without {@code .}, {@code ..} and empty parts; a slash at its end stays.
   *
   * <pre>
   *   a//b/../c   /a/c
   *   /a/         /a/
   * </pre>
   */
  public static String canonicalPath(String path) {
    Deque<String> kept = new ArrayDeque<>();
    int start = 0;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      String part = path.substring(start, end);
      if (part.equals("..")) {
        kept.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        kept.addLast(part);
      }
      start = end + 1;
    }
    String clean = "/" + String.join("/", kept);
    return path.endsWith("/") && !kept.isEmpty() ? clean + "/" : clean;
  }
}
