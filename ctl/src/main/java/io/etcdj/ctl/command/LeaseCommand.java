package io.etcdj.ctl.command;

import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseLeasesRequest;
import io.etcdj.api.etcdserverpb.LeaseLeasesResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.GrpcCall;
import io.etcdj.ctl.rpc.RpcException;
import io.etcdj.ctl.text.GoNumber;
import io.etcdj.ctl.text.GoStrings;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code lease}: times after which keys vanish. */
final class LeaseCommand extends Command {
  LeaseCommand() {
    super("lease <subcommand>", "Lease related commands");
  }

  @Override
  public List<String> children() {
    return List.of("grant", "revoke", "timetolive", "list", "keep-alive");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "grant" -> new Grant();
      case "revoke" -> new Revoke();
      case "timetolive" -> new TimeToLive();
      case "list" -> new ListAll();
      case "keep-alive" -> new KeepAlive();
      default -> null;
    };
  }

  private static long leaseId(String argument) {
    try {
      return GoNumber.parseInt(argument, 16);
    } catch (IllegalArgumentException e) {
      throw Failure.badArgs("bad lease ID arg (" + e.getMessage() + "), expecting ID in Hex");
    }
  }

  private static final class Grant extends Command {
    Grant() {
      super("grant <ttl>", "Creates leases");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (flags.arguments().size() != 1) {
        throw Failure.badArgs("lease grant command needs TTL argument");
      }
      LeaseGrantRequest.Builder request = LeaseGrantRequest.newBuilder();
      try {
        request.setTTL(GoNumber.parseInt(flags.arguments().get(0), 10));
      } catch (IllegalArgumentException e) {
        throw Failure.badArgs("bad TTL (" + e.getMessage() + ")");
      }
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .leaseGrant(
                session
                    .channel()
                    .call(
                        Rpc.LEASE_GRANT,
                        request.build(),
                        LeaseGrantResponse.parser(),
                        session.deadline()));
        return ExitCode.SUCCESS;
      } catch (RpcException e) {
        throw Failure.error("failed to grant lease (" + e.text() + ")");
      }
    }
  }

  private static final class Revoke extends Command {
    Revoke() {
      super("revoke <leaseID>", "Revokes leases");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (flags.arguments().size() != 1) {
        throw Failure.badArgs("lease revoke command needs 1 argument");
      }
      long id = leaseId(flags.arguments().get(0));
      try (Session session = Session.open(flags, environment)) {
        LeaseRevokeResponse answer =
            session
                .channel()
                .call(
                    Rpc.LEASE_REVOKE,
                    LeaseRevokeRequest.newBuilder().setID(id).build(),
                    LeaseRevokeResponse.parser(),
                    session.deadline());
        session.printer().leaseRevoke(id, answer);
        return ExitCode.SUCCESS;
      } catch (RpcException e) {
        throw Failure.error("failed to revoke lease (" + e.text() + ")");
      }
    }
  }

  private static final class TimeToLive extends Command {
    private static final Flag[] FLAGS = {Flag.bool("keys", "print the keys of the lease too")};

    TimeToLive() {
      super("timetolive <leaseID> [options]", "Get lease information");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (flags.arguments().size() != 1) {
        throw Failure.badArgs("lease timetolive command needs lease ID as argument");
      }
      boolean keys = flags.bool("keys");
      LeaseTimeToLiveRequest request =
          LeaseTimeToLiveRequest.newBuilder()
              .setID(leaseId(flags.arguments().get(0)))
              .setKeys(keys)
              .build();
      try (Session session = Session.open(flags, environment)) {
        LeaseTimeToLiveResponse answer =
            session
                .channel()
                .read(
                    Rpc.LEASE_TIME_TO_LIVE,
                    request,
                    LeaseTimeToLiveResponse.parser(),
                    session.deadline());
        session.printer().leaseTimeToLive(answer, keys);
        return ExitCode.SUCCESS;
      } catch (RpcException e) {
        throw new Failure(ExitCode.BAD_CONNECTION, e.text());
      }
    }
  }

  private static final class ListAll extends Command {
    ListAll() {
      super("list", "List all active leases");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      try (Session session = Session.open(flags, environment)) {
        session
            .printer()
            .leases(
                session
                    .channel()
                    .read(
                        Rpc.LEASE_LEASES,
                        LeaseLeasesRequest.getDefaultInstance(),
                        LeaseLeasesResponse.parser(),
                        session.deadline()));
        return ExitCode.SUCCESS;
      } catch (RpcException e) {
        throw new Failure(ExitCode.BAD_CONNECTION, e.text());
      }
    }
  }

  private static final class KeepAlive extends Command {
    private static final Flag[] FLAGS = {Flag.bool("once", "renew once and exit")};

    /** How much longer than a connection may take the first answer may. */
    private static final long MORE_THAN_DIALLING_MILLIS = 1000;

    KeepAlive() {
      super("keep-alive [options] <leaseID>", "Keeps leases alive (renew)");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (flags.arguments().size() != 1) {
        throw Failure.badArgs("lease keep-alive command needs lease ID as argument");
      }
      long id = leaseId(flags.arguments().get(0));
      boolean once = flags.bool("once");
      try (Session session = Session.open(flags, environment)) {
        if (once) {
          renewOnce(session, id);
          return ExitCode.SUCCESS;
        }
        long patienceMillis =
            TimeUnit.NANOSECONDS.toMillis(flags.nanos("dial-timeout")) + MORE_THAN_DIALLING_MILLIS;
        LeaseRenewal.run(session, id, patienceMillis, answer -> print(session, answer));
        environment.out().print("lease " + GoStrings.hex16(id) + " expired or revoked.\n");
        return ExitCode.SUCCESS;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Failure.silent(ExitCode.INTERRUPTED);
      }
    }

    private static void renewOnce(Session session, long id) {
      try {
        GrpcCall call = session.channel().stream(Rpc.LEASE_KEEP_ALIVE, false, session.deadline());
        call.send(LeaseKeepAliveRequest.newBuilder().setID(id).build());
        LeaseKeepAliveResponse answer =
            call.receive(LeaseKeepAliveResponse.parser(), session.deadline());
        if (answer == null || answer.getTTL() <= 0) {
          throw new Failure(ExitCode.BAD_CONNECTION, EtcdError.LEASE_NOT_FOUND.message());
        }
        print(session, answer);
      } catch (RpcException e) {
        throw new Failure(ExitCode.BAD_CONNECTION, e.text());
      }
    }

    private static void print(Session session, LeaseKeepAliveResponse answer) {
      session.printer().leaseKeepAlive(answer);
      session.flush();
    }
  }
}
