package io.etcdj.server.v2;

import java.util.Collection;

/** JSON texts with the escapes that Go makes. */
final class GoJson {
  private GoJson() {}

  /** Appends a text in quotes. */
  static StringBuilder quote(StringBuilder to, String text) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> to.append("\\\"");
        case '\\' -> to.append("\\\\");
        case '\n' -> to.append("\\n");
        case '\r' -> to.append("\\r");
        case '\t' -> to.append("\\t");
        case '\ufffd' -> to.append("\\ufffd"); // what was no text before is written so
        default -> {
          if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
            to.append("\\u");
            to.append(Integer.toHexString(0x10000 + c), 1, 5);
          } else {
            to.append(c);
          }
        }
      }
    }
    return to.append('"');
  }

  static String quote(String text) {
    return quote(new StringBuilder(), text).toString();
  }

  /** A list of texts. */
  static String list(Collection<String> texts) {
    StringBuilder json = new StringBuilder("[");
    for (String text : texts) {
      if (json.length() > 1) {
        json.append(',');
      }
      quote(json, text);
    }
    return json.append(']').toString();
  }
}
