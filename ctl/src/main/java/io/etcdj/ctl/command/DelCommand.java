package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.text.GoStrings;

/** {@code del}: removes one key or a range of them. */
final class DelCommand extends Command {
  static final Flag[] FLAGS = {
    Flag.bool("from-key", "delete all keys from the given one on"),
    Flag.bool("prefix", "delete all keys that start with the given one"),
    Flag.bool("prev-kv", "print what was deleted"),
    Flag.bool("range", "delete a range of keys without delay"),
  };

  private static final long SECOND_THOUGHTS_MILLIS = 2_000;

  DelCommand() {
    super(
        "del [options] <key> [range_end]",
        "Removes the given key or range of keys [key, range_end)");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    DeleteRangeRequest request = request(flags);
    if (flags.arguments().size() > 1 && !flags.bool("range")) {
      leaveTimeForSecondThoughts(flags, environment);
    }
    try (Session session = Session.open(flags, environment)) {
      session
          .printer()
          .delete(session.call(Rpc.DELETE_RANGE, request, DeleteRangeResponse.parser()));
      return ExitCode.SUCCESS;
    }
  }

  private static void leaveTimeForSecondThoughts(Flags flags, Environment environment) {
    environment
        .err()
        .print(
            "Warning: Keys between "
                + GoStrings.quote(flags.arguments().get(0))
                + " and "
                + GoStrings.quote(flags.arguments().get(1))
                + " will be deleted. Please interrupt the command within next 2 seconds to cancel."
                + " You can provide `--range` flag to avoid the delay.\n");
    environment.err().flush();
    try {
      Thread.sleep(SECOND_THOUGHTS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.silent(ExitCode.INTERRUPTED);
    }
  }

  /** The request that the flags and arguments mean, or a {@link Failure}. */
  static DeleteRangeRequest request(Flags flags) {
    if (flags.arguments().isEmpty()) {
      throw Failure.badArgs(
          "del command needs one argument as key and an optional argument as range_end");
    }
    boolean prefix = flags.bool("prefix");
    boolean fromKey = flags.bool("from-key");
    if (prefix && fromKey) {
      throw Failure.badArgs(
          "`--prefix` and `--from-key` cannot be set at the same time, choose one");
    }
    KeyRange range = GetCommand.range(flags.arguments(), prefix, fromKey);
    return DeleteRangeRequest.newBuilder()
        .setKey(range.key())
        .setRangeEnd(range.end())
        .setPrevKv(flags.bool("prev-kv"))
        .build();
  }
}
