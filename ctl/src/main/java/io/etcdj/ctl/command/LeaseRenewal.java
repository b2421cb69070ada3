package io.etcdj.ctl.command;

import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.ctl.rpc.Channel;
import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.GrpcCall;
import io.etcdj.ctl.rpc.RpcException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Renews a lease until it has ended. A connection that breaks ends nothing: another is opened, to
 * whichever endpoint there is, as long as the lease may still live.
 */
final class LeaseRenewal {
  private static final long PAUSE_MILLIS = 500;

  private LeaseRenewal() {}

  /**
   * Returns when the server says that the lease has ended, or when it has as far as is known here.
   *
   * @param patienceMillis how long to wait for the first answer; later it is the lease's own time
   * @param renewed told each answer
   */
  static void run(
      Session session, long id, long patienceMillis, Consumer<LeaseKeepAliveResponse> renewed)
      throws InterruptedException {
    LeaseKeepAliveRequest request = LeaseKeepAliveRequest.newBuilder().setID(id).build();
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    try (Channel channel = session.channel().another()) {
      // With another endpoint to try, one that does not answer is not waited for to the end.
      int share = channel.settings().endpoints().size() > 1 ? 2 : 1;
      while (leftMillis(endNanos) > 0) {
        try {
          Deadline deadline = Deadline.afterMillis(leftMillis(endNanos));
          GrpcCall call = channel.stream(Rpc.LEASE_KEEP_ALIVE, false, deadline);
          while (true) {
            call.send(request);
            LeaseKeepAliveResponse answer =
                call.receive(
                    LeaseKeepAliveResponse.parser(),
                    Deadline.afterMillis(leftMillis(endNanos) / share));
            if (answer == null) {
              break; // the server ended the call, not the lease
            }
            if (answer.getTTL() <= 0) {
              return;
            }
            endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(answer.getTTL());
            renewed.accept(answer);
            // Thrice per TTL survives two lost answers.
            Thread.sleep(Math.max(1, answer.getTTL() * 1000 / 3));
          }
        } catch (RpcException e) {
          // another endpoint may still be there in time
        }
        channel.turnToTheNextEndpoint();
        Thread.sleep(Math.max(0, Math.min(PAUSE_MILLIS, leftMillis(endNanos))));
      }
    }
  }

  private static long leftMillis(long endNanos) {
    return TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
  }
}
