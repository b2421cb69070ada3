package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.Environment;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Running the user's own command, for {@code watch}, {@code lock} and {@code exec-watch}. */
public final class ChildProcess {
  /**
   * How it ended.
   *
   * @param error Go's words for an exit code other than 0
   */
  record Result(int exitCode, String error) {}

  private ChildProcess() {}

  static Result run(Environment environment, List<String> command, Map<String, String> variables) {
    try {
      Process process = builder(environment, command, variables).start();
      if (!environment.inheritable()) {
        Thread errors = copying(process.getErrorStream(), environment.err());
        copy(process.getInputStream(), environment.out());
        errors.join();
      }
      int exitCode = process.waitFor();
      return new Result(exitCode, "exit status " + exitCode);
    } catch (IOException e) {
      return new Result(1, words(command, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result(1, "signal: interrupt");
    }
  }

  /** A process that is to have our output, which is flushed before, and no input. */
  public static ProcessBuilder builder(
      Environment environment, List<String> command, Map<String, String> variables) {
    environment.flush();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(variables);
    builder.redirectInput(new File("/dev/null"));
    if (environment.inheritable()) {
      builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    }
    return builder;
  }

  /** Go's words for a command that could not be started; only a bare name is looked for in PATH. */
  public static String words(List<String> command, IOException e) {
    String program = command.get(0);
    if (program.indexOf('/') < 0) {
      return "exec: \"" + program + "\": executable file not found in $PATH";
    }
    boolean denied = String.valueOf(e.getMessage()).contains("Permission denied");
    return "fork/exec "
        + program
        + ": "
        + (denied ? "permission denied" : "no such file or directory");
  }

  /** Copies in the background, to the end. */
  public static Thread copying(InputStream from, PrintStream to) {
    Thread copier = new Thread(() -> copy(from, to), "child-output");
    copier.setDaemon(true);
    copier.start();
    return copier;
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
