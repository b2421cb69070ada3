package io.etcdj.ctl.utl;

import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import java.io.IOException;
import java.util.List;

/** {@code defrag}: repacks the backend of a member that is not running. */
final class DefragCommand extends Command {
  private static final Flag[] FLAGS = {
    Flag.string("data-dir", "data directory of the member"),
  };

  DefragCommand() {
    super("defrag", "Defragments the storage of the etcd");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public List<String> requiredFlags() {
    return List.of("data-dir");
  }

  @Override
  public int run(Flags flags, Environment environment) {
    String directory = flags.string("data-dir");
    try {
      Backend.rewrite(directory, new Backend.Changes());
    } catch (IOException e) {
      throw Failure.error(
          "Failed to defragment etcd data[" + directory + "] (" + e.getMessage() + ")");
    }
    environment.err().print("finished defragmenting directory " + directory + "\n");
    return ExitCode.SUCCESS;
  }
}
