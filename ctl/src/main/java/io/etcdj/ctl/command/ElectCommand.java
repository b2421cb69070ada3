package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.RpcException;
import java.util.List;

/** {@code elect}: stands for a named election, or watches who leads. */
final class ElectCommand extends Command {
  private static final Flag[] FLAGS = {
    Flag.bool("listen", "watch the election instead of standing for it").withShorthand('l'),
  };

  private static final long LEASE_SECONDS = 60;

  ElectCommand() {
    super("elect <election-name> [proposal]", "Observes and participates in leader election");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    List<String> arguments = flags.arguments();
    if (arguments.size() != 1 && arguments.size() != 2) {
      throw Failure.badArgs(
          "elect takes one election name argument and an optional proposal argument");
    }
    boolean listen = flags.bool("listen");
    if (arguments.size() == 1 && !listen) {
      throw Failure.badArgs("no proposal argument but -l not set");
    }
    if (arguments.size() == 2 && listen) {
      throw Failure.badArgs("proposal given but -l is set");
    }
    try (Session session = Session.open(flags, environment)) {
      if (listen) {
        observe(session, arguments.get(0));
        throw Failure.error("elect: observer lost");
      }
      stand(session, arguments.get(0), ByteString.copyFromUtf8(arguments.get(1)));
      throw Failure.error("elect: session expired");
    } catch (RpcException e) {
      throw Failure.error(e.text());
    }
  }

  private static void stand(Session session, String name, ByteString proposal) throws RpcException {
    LeaseSession lease = LeaseSession.start(session, LEASE_SECONDS);
    Contest contest = new Contest(session, name, lease);
    contest.stepAsideOnSignal();
    contest.win(proposal);
    session.printer().range(contest.ownKey());
    session.flush();
    contest.hold();
  }

  /** Prints the leader, each of its proposals and every successor. */
  private static void observe(Session session, String name) throws RpcException {
    KeyRange range = KeyRange.prefix(ByteString.copyFromUtf8(name + "/"));
    RangeRequest oldest =
        RangeRequest.newBuilder()
            .setKey(range.key())
            .setRangeEnd(range.end())
            .setSortTarget(RangeRequest.SortTarget.CREATE)
            .setSortOrder(RangeRequest.SortOrder.ASCEND)
            .setLimit(1)
            .build();
    while (true) {
      RangeResponse answer =
          session.channel().read(Rpc.RANGE, oldest, RangeResponse.parser(), session.deadline());
      ResponseHeader header = answer.getHeader();
      KeyValue leader =
          answer.getKvsCount() > 0
              ? answer.getKvs(0)
              : firstCandidate(session, range, header.getRevision() + 1);
      print(session, header, leader);
      long from = Math.max(header.getRevision(), leader.getModRevision()) + 1;
      followLeader(session, leader.getKey(), from);
    }
  }

  private static KeyValue firstCandidate(Session session, KeyRange range, long fromRevision)
      throws RpcException {
    WatchCreateRequest watch =
        WatchCreateRequest.newBuilder()
            .setKey(range.key())
            .setRangeEnd(range.end())
            .setStartRevision(fromRevision)
            .addFilters(WatchCreateRequest.FilterType.NODELETE)
            .build();
    try (WatchStream stream = new WatchStream(session, watch)) {
      while (true) {
        WatchResponse answer = stream.next();
        if (answer.getEventsCount() > 0) {
          return answer.getEvents(0).getKv();
        }
        if (answer.getCanceled()) {
          throw Failure.error("elect: observer lost");
        }
      }
    }
  }

  /** Prints what the leader says until it is gone. */
  private static void followLeader(Session session, ByteString key, long fromRevision)
      throws RpcException {
    WatchCreateRequest watch =
        WatchCreateRequest.newBuilder().setKey(key).setStartRevision(fromRevision).build();
    try (WatchStream stream = new WatchStream(session, watch)) {
      while (true) {
        WatchResponse answer = stream.next();
        for (Event event : answer.getEventsList()) {
          if (event.getType() == Event.EventType.DELETE) {
            return;
          }
          print(session, answer.getHeader(), event.getKv());
        }
        if (answer.getCanceled()) {
          return;
        }
      }
    }
  }

  private static void print(Session session, ResponseHeader header, KeyValue leader) {
    session.printer().range(RangeResponse.newBuilder().setHeader(header).addKvs(leader).build());
    session.flush();
  }
}
