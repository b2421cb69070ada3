package io.etcdj.ctl.cli;

/** The exit codes that scripts rely on. */
public final class ExitCode {
  public static final int SUCCESS = 0;
  public static final int ERROR = 1;
  public static final int BAD_CONNECTION = 2;
  public static final int INVALID_INPUT = 3;
  public static final int BAD_FEATURE = 4;
  public static final int INTERRUPTED = 5;
  public static final int IO = 6;
  public static final int BAD_ARGS = 128;

  private ExitCode() {}
}
