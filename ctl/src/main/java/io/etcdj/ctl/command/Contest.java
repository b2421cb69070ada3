package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.ctl.rpc.RpcException;
import io.etcdj.ctl.text.GoStrings;

/**
 * First come, first served: what a lock and an election have in common.
 *
 * <p>Every contender writes a key {@code NAME/LEASE}. The oldest key holds; the others wait until
 * every older one is gone. Since each key hangs on its contender's lease, the dead step aside.
 */
final class Contest {
  private final Session session;
  private final ByteString prefix;
  private final ByteString key;
  private final LeaseSession lease;

  Contest(Session session, String name, LeaseSession lease) {
    this.session = session;
    this.prefix = ByteString.copyFromUtf8(name + "/");
    this.key = prefix.concat(ByteString.copyFromUtf8(GoStrings.hex(lease.id())));
    this.lease = lease;
  }

  ByteString key() {
    return key;
  }

  /**
   * Enters with {@code value} and waits for the turn.
   *
   * @return the revision with which the turn began
   */
  long win(ByteString value) throws RpcException {
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(key)
                    .setTarget(Compare.CompareTarget.CREATE)
                    .setResult(Compare.CompareResult.EQUAL)
                    .setCreateRevision(0))
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(
                        PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease.id())))
            .addFailure(
                RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)))
            .build();
    TxnResponse entered =
        session.channel().call(Rpc.TXN, request, TxnResponse.parser(), session.deadline());
    long ours =
        entered.getSucceeded()
            ? entered.getHeader().getRevision()
            : entered.getResponses(0).getResponseRange().getKvs(0).getCreateRevision();
    return awaitOlder(ours, entered.getHeader().getRevision());
  }

  private long awaitOlder(long ours, long revision) throws RpcException {
    KeyRange all = KeyRange.prefix(prefix);
    long now = revision;
    while (true) {
      RangeRequest youngestOlder =
          RangeRequest.newBuilder()
              .setKey(all.key())
              .setRangeEnd(all.end())
              .setMaxCreateRevision(ours - 1)
              .setSortTarget(RangeRequest.SortTarget.CREATE)
              .setSortOrder(RangeRequest.SortOrder.DESCEND)
              .setLimit(1)
              .build();
      RangeResponse older =
          session
              .channel()
              .read(Rpc.RANGE, youngestOlder, RangeResponse.parser(), session.deadline());
      if (older.getKvsCount() == 0) {
        return now;
      }
      now = awaitDelete(older.getKvs(0).getKey(), older.getHeader().getRevision() + 1);
    }
  }

  private long awaitDelete(ByteString other, long fromRevision) throws RpcException {
    WatchCreateRequest watch =
        WatchCreateRequest.newBuilder().setKey(other).setStartRevision(fromRevision).build();
    try (WatchStream stream = new WatchStream(session, watch)) {
      while (true) {
        WatchResponse answer = stream.next();
        for (Event event : answer.getEventsList()) {
          if (event.getType() == Event.EventType.DELETE) {
            return answer.getHeader().getRevision();
          }
        }
        if (answer.getCanceled()) {
          return answer.getHeader().getRevision(); // compacted away: look again
        }
      }
    }
  }

  /** Our own key as it stands in the store. */
  RangeResponse ownKey() throws RpcException {
    return session
        .channel()
        .read(
            Rpc.RANGE,
            RangeRequest.newBuilder().setKey(key).build(),
            RangeResponse.parser(),
            session.deadline());
  }

  /**
   * Holds until the process is told to stop or the lease is lost.
   *
   * @throws io.etcdj.ctl.cli.Failure when the lease is lost
   */
  void hold() {
    try {
      lease.awaitExpiry();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** On SIGINT or SIGTERM, steps aside at once and exits with 0, as one who asked for it would. */
  void stepAsideOnSignal() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  lease.end();
                  session.flush();
                  Runtime.getRuntime().halt(0);
                },
                "step-aside"));
  }
}
