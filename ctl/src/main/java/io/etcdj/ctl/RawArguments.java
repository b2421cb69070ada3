package io.etcdj.ctl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Arguments as the user typed them.
 *
 * <p>The JVM decodes its arguments by the locale, and in a bare environment (only PATH set, as test
 * harnesses start us) that is ASCII: anything else is lost. The kernel still has the bytes.
 */
final class RawArguments {
  private RawArguments() {}

  /** The same arguments read as UTF-8, if some are not plain ASCII and the kernel tells. */
  static String[] repaired(String[] args) {
    if (isAscii(args)) {
      return args;
    }
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc/self/cmdline"));
      return lastArguments(line, args.length);
    } catch (IOException e) {
      return args; // no /proc: what the JVM made of them is the best there is
    }
  }

  private static boolean isAscii(String[] args) {
    for (String arg : args) {
      for (int i = 0; i < arg.length(); i++) {
        if (arg.charAt(i) >= 0x80) {
          return false;
        }
      }
    }
    return true;
  }

  /** The last {@code count} of the zero-terminated strings in {@code line}. */
  static String[] lastArguments(byte[] line, int count) {
    String[] args = new String[count];
    int end = line.length - 1;
    for (int i = count - 1; i >= 0; i--) {
      int start = end;
      while (start > 0 && line[start - 1] != 0) {
        start--;
      }
      args[i] = new String(line, start, end - start, StandardCharsets.UTF_8);
      end = start - 1;
    }
    return args;
  }
}
