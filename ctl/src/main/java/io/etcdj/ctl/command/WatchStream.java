package io.etcdj.ctl.command;

import io.etcdj.api.EtcdError;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchProgressRequest;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.GrpcCall;
import io.etcdj.ctl.rpc.RpcException;

/**
 * One watcher that survives lost connections: it goes on, at another endpoint if need be, with the
 * revision after the last one seen.
 */
final class WatchStream implements AutoCloseable {
  private final Session session;
  private final WatchCreateRequest wanted;
  private long nextRevision;
  private volatile GrpcCall call;

  WatchStream(Session session, WatchCreateRequest wanted) throws RpcException {
    this.session = session;
    this.wanted = wanted;
    this.nextRevision = wanted.getStartRevision();
    this.call = open();
  }

  private GrpcCall open() throws RpcException {
    GrpcCall fresh = session.channel().stream(Rpc.WATCH, true, Deadline.NEVER);
    fresh.send(
        WatchRequest.newBuilder()
            .setCreateRequest(wanted.toBuilder().setStartRevision(nextRevision))
            .build());
    return fresh;
  }

  /**
   * Waits for events, a progress notice or the end.
   *
   * @return never the confirmation of the watch itself; {@code canceled} is set on the last one
   */
  WatchResponse next() throws RpcException {
    while (true) {
      try {
        WatchResponse answer = call.receive(WatchResponse.parser());
        if (answer == null) {
          throw new RpcException(GrpcCode.UNAVAILABLE, "watch stream ended");
        }
        if (answer.getCreated() && !answer.getCanceled()) {
          nextRevision = Math.max(nextRevision, answer.getHeader().getRevision() + 1);
          if (wanted.getStartRevision() > 0) {
            nextRevision = wanted.getStartRevision();
          }
          continue;
        }
        if (!answer.getCanceled()) {
          nextRevision = Math.max(nextRevision, answer.getHeader().getRevision() + 1);
        }
        return answer;
      } catch (RpcException e) {
        if (e.code() != GrpcCode.UNAVAILABLE
            || e.description().equals(EtcdError.NO_LEADER.message())) {
          throw e;
        }
        call = open();
      }
    }
  }

  void requestProgress() throws RpcException {
    call.send(
        WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
            .build());
  }

  @Override
  public void close() {
    call.cancel();
  }
}
