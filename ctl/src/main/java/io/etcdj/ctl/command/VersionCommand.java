package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Flags;

/** {@code version}: which etcd this program stands in for. */
public final class VersionCommand extends Command {
  /** Of the etcd that this program stands in for. */
  public static final String VERSION = "3.7.1";

  private static final String API_VERSION = "3.7";

  private final String program;

  public VersionCommand(String program) {
    super("version", "Prints the version of " + program);
    this.program = program;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    environment
        .out()
        .print(program + " version: " + VERSION + "\nAPI version: " + API_VERSION + "\n");
    return ExitCode.SUCCESS;
  }
}
