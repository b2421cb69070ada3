package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.GrpcCall;
import io.etcdj.ctl.rpc.RpcException;
import java.util.concurrent.CountDownLatch;

/**
 * A lease that lives as long as this process: what it holds is set free if the process dies.
 *
 * <p>A daemon thread renews it; {@link #awaitExpiry} returns when that has failed.
 */
final class LeaseSession {
  private final Session session;
  private final long id;
  private final long ttlSeconds;
  private final CountDownLatch expired = new CountDownLatch(1);

  private LeaseSession(Session session, long id, long ttlSeconds) {
    this.session = session;
    this.id = id;
    this.ttlSeconds = ttlSeconds;
  }

  static LeaseSession start(Session session, long ttlSeconds) throws RpcException {
    LeaseGrantResponse lease =
        session
            .channel()
            .call(
                Rpc.LEASE_GRANT,
                LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build(),
                LeaseGrantResponse.parser(),
                session.deadline());
    LeaseSession started = new LeaseSession(session, lease.getID(), lease.getTTL());
    Thread renewal = new Thread(started::renew, "lease");
    renewal.setDaemon(true);
    renewal.start();
    return started;
  }

  long id() {
    return id;
  }

  private void renew() {
    LeaseKeepAliveRequest request = LeaseKeepAliveRequest.newBuilder().setID(id).build();
    long lastSuccess = System.nanoTime();
    while (System.nanoTime() - lastSuccess < ttlSeconds * 1_000_000_000) {
      try {
        Deadline deadline = Deadline.afterMillis(ttlSeconds * 1000);
        GrpcCall call = session.channel().stream(Rpc.LEASE_KEEP_ALIVE, false, deadline);
        while (true) {
          call.send(request);
          LeaseKeepAliveResponse answer =
              call.receive(
                  LeaseKeepAliveResponse.parser(), Deadline.afterMillis(ttlSeconds * 1000));
          if (answer == null || answer.getTTL() <= 0) {
            expired.countDown();
            return;
          }
          lastSuccess = System.nanoTime();
          Thread.sleep(Math.max(1, ttlSeconds * 1000 / 3));
        }
      } catch (RpcException e) {
        // Another endpoint may still be there in time; the loop's condition says for how long.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    expired.countDown();
  }

  void awaitExpiry() throws InterruptedException {
    expired.await();
  }

  /** Gives the lease, and with it every key that it holds, back at once. */
  void end() {
    try {
      session
          .channel()
          .call(
              Rpc.LEASE_REVOKE,
              LeaseRevokeRequest.newBuilder().setID(id).build(),
              LeaseRevokeResponse.parser(),
              session.deadline());
    } catch (RpcException e) {
      // Then it ends by itself, one TTL from now.
    }
  }
}
