package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.MoveLeaderRequest;
import io.etcdj.api.etcdserverpb.MoveLeaderResponse;
import io.etcdj.api.etcdserverpb.StatusRequest;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.Channel;
import io.etcdj.ctl.rpc.RpcException;
import io.etcdj.ctl.text.GoNumber;
import io.etcdj.ctl.text.GoStrings;

/** {@code move-leader}: asks the leader, which must be among the endpoints, to hand over. */
final class MoveLeaderCommand extends Command {
  MoveLeaderCommand() {
    super(
        "move-leader <transferee-member-id>",
        "Transfers leadership to another etcd cluster member");
  }

  @Override
  public int run(Flags flags, Environment environment) {
    if (flags.arguments().size() != 1) {
      throw Failure.badArgs("move-leader command needs 1 argument");
    }
    long target;
    try {
      target = GoNumber.parseUint(flags.arguments().get(0), 16);
    } catch (IllegalArgumentException e) {
      throw Failure.badArgs(String.valueOf(e.getMessage()));
    }
    try (Session session = Session.open(flags, environment)) {
      for (String endpoint : session.endpoints()) {
        try (Channel channel = session.channelTo(endpoint)) {
          StatusResponse status =
              channel.read(
                  Rpc.STATUS,
                  StatusRequest.getDefaultInstance(),
                  StatusResponse.parser(),
                  session.deadline());
          if (status.getLeader() == status.getHeader().getMemberId()) {
            MoveLeaderRequest request = MoveLeaderRequest.newBuilder().setTargetID(target).build();
            MoveLeaderResponse answer =
                channel.call(
                    Rpc.MOVE_LEADER, request, MoveLeaderResponse.parser(), session.deadline());
            session.printer().moveLeader(status.getLeader(), target, answer);
            return ExitCode.SUCCESS;
          }
        }
      }
      throw Failure.badArgs("no leader endpoint given at " + GoStrings.slice(session.endpoints()));
    } catch (RpcException e) {
      throw Failure.error(e.text());
    }
  }
}
