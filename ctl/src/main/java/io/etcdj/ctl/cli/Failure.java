package io.etcdj.ctl.cli;

import org.jspecify.annotations.Nullable;

/** Ends the command with an exit code, after {@code Error: message} on stderr if there is one. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final @Nullable String text;

  public Failure(int exitCode, @Nullable String text) {
    super(text, null, false, false);
    this.exitCode = exitCode;
    this.text = text;
  }

  public static Failure badArgs(String text) {
    return new Failure(ExitCode.BAD_ARGS, text);
  }

  public static Failure badFeature(String text) {
    return new Failure(ExitCode.BAD_FEATURE, text);
  }

  public static Failure error(@Nullable String text) {
    return new Failure(ExitCode.ERROR, text);
  }

  /** Everything that is to be said has been said. */
  public static Failure silent(int exitCode) {
    return new Failure(exitCode, null);
  }

  public int exitCode() {
    return exitCode;
  }

  /** What to print after {@code Error: }, or null. */
  public @Nullable String text() {
    return text;
  }
}
