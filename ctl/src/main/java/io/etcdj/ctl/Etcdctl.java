package io.etcdj.ctl;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Program;
import io.etcdj.ctl.command.EtcdctlCommands;
import io.etcdj.ctl.command.GlobalFlags;
import io.etcdj.ctl.command.VersionCommand;
import io.etcdj.ctl.v2.V2Program;

/**
 * The command-line client: {@code etcdctl put foo bar}; or, with {@code ETCDCTL_API=2}, {@code
 * etcdctl set foo bar}.
 */
public final class Etcdctl {
  private Etcdctl() {}

  public static void main(String[] args) {
    int exitCode = run(RawArguments.repaired(args), Environment.ofProcess());
    if (exitCode != 0) {
      System.exit(exitCode); // with 0 the JVM ends by itself: no thread of ours keeps it
    }
  }

  /** Runs one command line with the given surroundings and returns its exit code. */
  public static int run(String[] args, Environment environment) {
    if ("2".equals(environment.variables().get("ETCDCTL_API"))) {
      return new V2Program(VersionCommand.VERSION, environment).run(args);
    }
    return new Program(new EtcdctlCommands(), GlobalFlags.all(), false).run(args, environment);
  }
}
