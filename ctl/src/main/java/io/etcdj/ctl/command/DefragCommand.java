package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.DefragmentRequest;
import io.etcdj.api.etcdserverpb.DefragmentResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.Channel;
import io.etcdj.ctl.rpc.RpcException;
import io.etcdj.ctl.text.GoDuration;

/** {@code defrag}: gives unused space of each member's backend back to the file system. */
final class DefragCommand extends Command {
  private static final Flag[] FLAGS = {EndpointCommand.CLUSTER};

  DefragCommand() {
    super("defrag", "Defragments the storage of the etcd members with given endpoints");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    int exitCode = ExitCode.SUCCESS;
    try (Session session = Session.open(flags, environment)) {
      for (String endpoint : EndpointCommand.endpoints(session, flags)) {
        long start = System.nanoTime();
        try (Channel channel = session.channelTo(endpoint)) {
          channel.call(
              Rpc.DEFRAGMENT,
              DefragmentRequest.getDefaultInstance(),
              DefragmentResponse.parser(),
              session.deadline());
          environment
              .out()
              .print(
                  "Finished defragmenting etcd member["
                      + endpoint
                      + "]. took "
                      + GoDuration.format(System.nanoTime() - start)
                      + "\n");
        } catch (RpcException e) {
          exitCode = ExitCode.ERROR;
          environment
              .err()
              .print(
                  "Failed to defragment etcd member["
                      + endpoint
                      + "]. took "
                      + GoDuration.format(System.nanoTime() - start)
                      + ". ("
                      + e.text()
                      + ")\n");
        }
        session.flush();
      }
    }
    return exitCode;
  }
}
