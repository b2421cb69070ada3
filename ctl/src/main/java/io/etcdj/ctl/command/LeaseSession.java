package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
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
    try {
      LeaseRenewal.run(session, id, ttlSeconds * 1000, renewed -> {});
      expired.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
