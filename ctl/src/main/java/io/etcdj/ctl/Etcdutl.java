package io.etcdj.ctl;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Program;
import io.etcdj.ctl.utl.EtcdutlCommands;

/** The tool for the files of a member that is not running: {@code etcdutl snapshot status db}. */
public final class Etcdutl {
  private Etcdutl() {}

  public static void main(String[] args) {
    int exitCode = run(RawArguments.repaired(args), Environment.ofProcess());
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Runs one command line with the given surroundings and returns its exit code. */
  public static int run(String[] args, Environment environment) {
    return new Program(new EtcdutlCommands(), EtcdutlCommands.globalFlags(), true)
        .run(args, environment);
  }
}
