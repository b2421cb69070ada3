package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.text.GoStrings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A line as words: {@code "…"} with Go's escapes, {@code '…'} as it stands, else up to a blank. */
final class Words {
  private Words() {}

  static List<String> split(String line) {
    List<String> words = new ArrayList<>();
    int i = 0;
    while (i < line.length()) {
      char c = line.charAt(i);
      if (c == '"') {
        int end = GoStrings.endOfQuoted(line, i);
        if (end >= 0) {
          words.add(unquote(line.substring(i, end)));
          i = end;
        } else {
          i++; // an opening quote that is never closed is dropped
        }
      } else if (c == '\'') {
        int end = line.indexOf('\'', i + 1);
        if (end >= 0) {
          words.add(line.substring(i + 1, end));
          i = end;
        }
        i++;
      } else if (Character.isWhitespace(c)) {
        i++;
      } else {
        int end = i;
        while (end < line.length() && !Character.isWhitespace(line.charAt(end))) {
          end++;
        }
        words.add(line.substring(i, end));
        i = end;
      }
    }
    return words;
  }

  private static String unquote(String quoted) {
    byte[] text = GoStrings.unquote(quoted);
    if (text == null) {
      throw new Failure(ExitCode.INVALID_INPUT, "invalid syntax");
    }
    return new String(text, StandardCharsets.UTF_8);
  }
}
