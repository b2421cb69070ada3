package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.cli.Program;

/** {@code options}: the flags that every command takes, which help pages leave out. */
final class OptionsCommand extends Command {
  OptionsCommand() {
    super("options", "Prints the options that every command takes");
  }

  @Override
  public int run(Flags flags, Environment environment) {
    environment
        .out()
        .print(
            "The following options can be passed to any command:\n\n"
                + Program.describe(GlobalFlags.all()));
    return ExitCode.SUCCESS;
  }
}
