package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.RpcException;
import java.util.List;
import java.util.Map;

/** {@code lock}: holds a named lock, for as long as it runs or for one command. */
final class LockCommand extends Command {
  private static final Flag[] FLAGS = {
    Flag.number("ttl", "seconds after which a dead holder loses the lock").withInitial("10"),
  };

  LockCommand() {
    super("lock <lockname> [exec-command arg1 arg2 ...]", "Acquires a named lock");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    List<String> arguments = flags.arguments();
    if (arguments.isEmpty()) {
      throw Failure.badArgs("lock takes a lock name argument and an optional command to execute");
    }
    try (Session session = Session.open(flags, environment)) {
      LeaseSession lease = LeaseSession.start(session, flags.number("ttl"));
      Contest contest = new Contest(session, arguments.get(0), lease);
      if (arguments.size() == 1) {
        contest.stepAsideOnSignal();
      }
      long revision = contest.win(ByteString.EMPTY);
      if (arguments.size() > 1) {
        return execute(
            environment, arguments.subList(1, arguments.size()), contest, revision, lease);
      }
      RangeResponse own = contest.ownKey();
      if (own.getKvsCount() == 0) {
        throw Failure.error("lock lost on init");
      }
      session.printer().range(own);
      session.flush();
      contest.hold();
      throw Failure.error("session expired");
    } catch (RpcException e) {
      throw Failure.error(e.text());
    }
  }

  private static int execute(
      Environment environment,
      List<String> command,
      Contest contest,
      long revision,
      LeaseSession lease) {
    ChildProcess.Result result =
        ChildProcess.run(
            environment,
            command,
            Map.of(
                "ETCD_LOCK_KEY", contest.key().toStringUtf8(),
                "ETCD_LOCK_REV", Long.toString(revision)));
    lease.end();
    if (result.exitCode() != 0) {
      throw new Failure(result.exitCode(), result.error());
    }
    return ExitCode.SUCCESS;
  }
}
