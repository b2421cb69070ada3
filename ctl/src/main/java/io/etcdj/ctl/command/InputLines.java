package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The input, line by line; on some terminals a line ends with {@code \r}. */
final class InputLines {
  private final InputStream in;

  InputLines(InputStream in) {
    this.in = new BufferedInputStream(in);
  }

  /** The next complete line without its end, or null: an unfinished line is none. */
  @Nullable String next() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      while (true) {
        int b = in.read();
        if (b < 0) {
          return null;
        }
        if (b == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        line.write(b);
      }
    } catch (IOException e) {
      throw new Failure(ExitCode.INVALID_INPUT, e.getMessage());
    }
  }
}
