package io.etcdj.server.text;

import java.util.List;
import java.util.stream.Collectors;

/** Quoted text as Go's {@code %q} prints it. */
public final class GoQuote {
  private GoQuote() {}

  public static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || c == 0x7f) {
            out.append(String.format("\\x%02x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  /** A list of quoted words: {@code ["a" "b"]}. */
  public static String quote(List<String> words) {
    return words.stream().map(GoQuote::quote).collect(Collectors.joining(" ", "[", "]"));
  }
}
