package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Asking for passwords: unseen on a terminal, else one line of the input. */
public final class Prompt {
  private Prompt() {}

  static String secret(Environment environment, String prompt) {
    environment.out().print(prompt);
    environment.out().flush();
    Console console = console(environment);
    if (console != null) {
      char[] secret = console.readPassword();
      return secret == null ? "" : new String(secret);
    }
    return line(environment);
  }

  /** The same; what is printed next begins a line, which a terminal sees to itself. */
  public static String secretOnItsLine(Environment environment, String prompt) {
    String secret = secret(environment, prompt);
    if (console(environment) == null) {
      environment.out().print("\n");
    }
    return secret;
  }

  @SuppressWarnings("SystemConsoleNull") // it is null on JDK 17, the oldest that we run on
  private static @Nullable Console console(Environment environment) {
    return onTerminal(environment) ? System.console() : null;
  }

  private static boolean onTerminal(Environment environment) {
    try {
      String input = Path.of("/proc/self/fd/0").toRealPath().toString();
      return environment.inheritable()
          && (input.startsWith("/dev/pts/") || input.startsWith("/dev/tty"));
    } catch (IOException e) {
      return false;
    }
  }

  /** A new password for {@code user}, typed twice. */
  static String newPassword(Environment environment, String user) {
    String first = secret(environment, "Password of " + user + ": ");
    if (first.isEmpty()) {
      throw Failure.badArgs("empty password");
    }
    String second = secret(environment, "Type password of " + user + " again for confirmation: ");
    if (!first.equals(second)) {
      throw Failure.badArgs("given passwords are different");
    }
    return first;
  }

  /** One word of the input, for scripts that pipe a password. */
  static String word(Environment environment) {
    String line = line(environment).strip();
    int blank = line.indexOf(' ');
    return blank < 0 ? line : line.substring(0, blank);
  }

  private static String line(Environment environment) {
    java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();
    try {
      // Byte by byte: what follows the line belongs to the next reader.
      for (int b = environment.in().read(); b >= 0 && b != '\n'; b = environment.in().read()) {
        line.write(b);
      }
    } catch (IOException e) {
      throw Failure.badArgs("failed to read password: " + e.getMessage());
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }
}
