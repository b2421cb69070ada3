package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.CompactionResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.text.GoNumber;
import java.util.List;

/** {@code compaction}: forgets the history before a revision. */
final class CompactionCommand extends Command {
  private static final Flag[] FLAGS = {
    Flag.bool("physical", "wait until the old revisions are physically gone"),
  };

  CompactionCommand() {
    super("compaction [options] <revision>", "Compacts the event history in etcd");
  }

  @Override
  public List<String> aliases() {
    return List.of("compact");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    if (flags.arguments().size() != 1) {
      throw Failure.badArgs("compaction command needs 1 argument");
    }
    long revision;
    try {
      revision = GoNumber.parseInt(flags.arguments().get(0), 10);
    } catch (IllegalArgumentException e) {
      throw Failure.error(e.getMessage());
    }
    CompactionRequest request =
        CompactionRequest.newBuilder()
            .setRevision(revision)
            .setPhysical(flags.bool("physical"))
            .build();
    try (Session session = Session.open(flags, environment)) {
      session.call(Rpc.COMPACT, request, CompactionResponse.parser());
      environment.out().print("compacted revision " + revision + "\n");
      return ExitCode.SUCCESS;
    }
  }
}
