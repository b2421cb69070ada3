package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.api.etcdserverpb.HashKVResponse;
import io.etcdj.api.etcdserverpb.Member;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.StatusRequest;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.print.EndpointHash;
import io.etcdj.ctl.print.EndpointHealth;
import io.etcdj.ctl.print.EndpointStatus;
import io.etcdj.ctl.rpc.Channel;
import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.RpcException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** {@code endpoint}: how each member is doing. */
final class EndpointCommand extends Command {
  static final Flag CLUSTER = Flag.bool("cluster", "ask all members of the cluster");

  EndpointCommand() {
    super("endpoint <subcommand>", "Endpoint related commands");
  }

  @Override
  public List<String> children() {
    return List.of("health", "status", "hashkv");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "health" -> new Health();
      case "status" -> new Status();
      case "hashkv" -> new HashKv();
      default -> null;
    };
  }

  /** The endpoints to ask: those given, or with --cluster those that the members advertise. */
  static List<String> endpoints(Session session, Flags flags) {
    if (!flags.bool(CLUSTER.name())) {
      return session.endpoints();
    }
    List<String> endpoints = new ArrayList<>();
    try {
      for (Member member : MemberCommand.list(session, true).getMembersList()) {
        endpoints.addAll(member.getClientURLsList());
      }
    } catch (Failure failure) {
      throw Failure.error(
          "failed to fetch endpoints from etcd cluster member list: " + failure.text());
    }
    return endpoints;
  }

  private static final class Health extends Command {
    private static final Flag[] FLAGS = {CLUSTER};

    Health() {
      super("health", "Checks the healthiness of endpoints specified in `--endpoints` flag");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      try (Session session = Session.open(flags, environment)) {
        List<EndpointHealth> reports = askAll(session, endpoints(session, flags));
        boolean healthy = true;
        for (EndpointHealth report : reports) {
          healthy &= report.healthy();
        }
        session.printer().endpointHealth(reports);
        if (session.printer().isForPeople()) {
          environment.out().flush();
          for (EndpointHealth report : reports) {
            if (!report.healthy()) {
              environment
                  .err()
                  .print(
                      report.endpoint()
                          + " is unhealthy: failed to commit proposal: "
                          + report.error()
                          + "\n");
            }
          }
        }
        if (!healthy) {
          throw Failure.error("unhealthy cluster");
        }
        return ExitCode.SUCCESS;
      }
    }

    /** Asks all at once, since a dead one takes its time; in the order of their answers. */
    private static List<EndpointHealth> askAll(Session session, List<String> endpoints) {
      if (endpoints.size() == 1) {
        return List.of(ask(session, endpoints.get(0)));
      }
      BlockingQueue<EndpointHealth> answers = new LinkedBlockingQueue<>();
      for (String endpoint : endpoints) {
        Thread thread = new Thread(() -> answers.add(ask(session, endpoint)), endpoint);
        thread.setDaemon(true);
        thread.start();
      }
      List<EndpointHealth> reports = new ArrayList<>();
      try {
        while (reports.size() < endpoints.size()) {
          reports.add(answers.take());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Failure.silent(ExitCode.INTERRUPTED);
      }
      return reports;
    }

    private static EndpointHealth ask(Session session, String endpoint) {
      long start = System.nanoTime();
      String error = "";
      try (Channel channel = session.channelTo(endpoint)) {
        Deadline deadline = session.deadline();
        try {
          channel.read(
              Rpc.RANGE,
              RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("health")).build(),
              RangeResponse.parser(),
              deadline);
        } catch (RpcException e) {
          // A member that refuses for want of permission had to commit something to know that.
          if (!e.description().equals(EtcdError.PERMISSION_DENIED.message())) {
            error = e.text();
          }
        }
        if (error.isEmpty()) {
          error = alarms(channel, deadline);
        }
      }
      return new EndpointHealth(endpoint, error.isEmpty(), System.nanoTime() - start, error);
    }

    private static String alarms(Channel channel, Deadline deadline) {
      AlarmResponse answer;
      try {
        answer =
            channel.read(
                Rpc.ALARM, AlarmRequest.getDefaultInstance(), AlarmResponse.parser(), deadline);
      } catch (RpcException e) {
        return "Unable to fetch the alarm list";
      }
      if (answer.getAlarmsCount() == 0) {
        return "";
      }
      StringBuilder text = new StringBuilder("Active Alarm(s): ");
      for (AlarmMember alarm : answer.getAlarmsList()) {
        text.append(alarm.getAlarm().name()).append(' ');
      }
      return text.toString();
    }
  }

  private static final class Status extends Command {
    private static final Flag[] FLAGS = {CLUSTER};

    Status() {
      super("status", "Prints out the status of endpoints specified in `--endpoints` flag");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      try (Session session = Session.open(flags, environment)) {
        List<EndpointStatus> reports = new ArrayList<>();
        int exitCode = ExitCode.SUCCESS;
        for (String endpoint : endpoints(session, flags)) {
          try (Channel channel = session.channelTo(endpoint)) {
            reports.add(
                new EndpointStatus(
                    endpoint,
                    channel.read(
                        Rpc.STATUS,
                        StatusRequest.getDefaultInstance(),
                        StatusResponse.parser(),
                        session.deadline())));
          } catch (RpcException e) {
            exitCode = ExitCode.ERROR;
            environment
                .err()
                .print(
                    "Failed to get the status of endpoint " + endpoint + " (" + e.text() + ")\n");
          }
        }
        session.printer().endpointStatus(reports);
        return exitCode;
      }
    }
  }

  private static final class HashKv extends Command {
    private static final Flag[] FLAGS = {
      CLUSTER, Flag.number("rev", "hash up to this revision (0 for the latest)")
    };

    HashKv() {
      super("hashkv", "Prints the KV history hash for each endpoint in --endpoints");
    }

    @Override
    public Flag[] flags() {
      return FLAGS;
    }

    @Override
    public int run(Flags flags, Environment environment) {
      HashKVRequest request = HashKVRequest.newBuilder().setRevision(flags.number("rev")).build();
      try (Session session = Session.open(flags, environment)) {
        List<EndpointHash> reports = new ArrayList<>();
        String error = null;
        for (String endpoint : endpoints(session, flags)) {
          try (Channel channel = session.channelTo(endpoint)) {
            reports.add(
                new EndpointHash(
                    endpoint,
                    channel.read(
                        Rpc.HASH_KV, request, HashKVResponse.parser(), session.deadline())));
          } catch (RpcException e) {
            error = e.text();
            environment
                .err()
                .print("Failed to get the hash of endpoint " + endpoint + " (" + error + ")\n");
          }
        }
        session.printer().endpointHash(reports);
        if (error != null) {
          throw Failure.error(error);
        }
        return ExitCode.SUCCESS;
      }
    }
  }
}
