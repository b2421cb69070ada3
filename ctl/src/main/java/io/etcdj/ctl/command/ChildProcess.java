package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.Environment;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Running the user's own command, for {@code watch} and {@code lock}. */
final class ChildProcess {
  /**
   * How it ended.
   *
   * @param error Go's words for an exit code other than 0
   */
  record Result(int exitCode, String error) {}

  private ChildProcess() {}

  static Result run(Environment environment, List<String> command, Map<String, String> variables) {
    environment.flush();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(variables);
    builder.redirectInput(new File("/dev/null"));
    if (environment.inheritable()) {
      builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    }
    try {
      Process process = builder.start();
      if (!environment.inheritable()) {
        Thread errors =
            new Thread(() -> copy(process.getErrorStream(), environment.err()), "child-stderr");
        errors.start();
        copy(process.getInputStream(), environment.out());
        errors.join();
      }
      int exitCode = process.waitFor();
      return new Result(exitCode, "exit status " + exitCode);
    } catch (IOException e) {
      return new Result(1, "exec: \"" + command.get(0) + "\": executable file not found in $PATH");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result(1, "signal: interrupt");
    }
  }

  private static void copy(InputStream from, PrintStream to) {
    try {
      from.transferTo(to);
      to.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
