package io.etcdj.server.cluster;

import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.RaftView;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.Membership;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

/** Hands leadership over to another member: when somebody asks for it, and before a stop. */
public final class LeaderTransfer {
  private final long self;
  private final RaftView view;
  private final Membership membership;
  private final Peers peers;
  private final LongConsumer transfer;
  private final ScheduledExecutorService timer;
  private final long pollMillis;
  private final Log log;

  /**
   * @param transfer tells the core to hand over to this member
   * @param pollMillis how often to look whether it has, a tick
   */
  public LeaderTransfer(
      long self,
      RaftView view,
      Membership membership,
      Peers peers,
      LongConsumer transfer,
      ScheduledExecutorService timer,
      long pollMillis,
      Log log) {
    this.self = self;
    this.view = view;
    this.membership = membership;
    this.peers = peers;
    this.transfer = transfer;
    this.timer = timer;
    this.pollMillis = pollMillis;
    this.log = log;
  }

  /** Hands over to {@code target}; done when it leads, or failed with an {@link EtcdException}. */
  public CompletableFuture<Void> to(long target, long timeoutMillis) {
    if (!view.leads()) {
      throw EtcdError.NOT_LEADER.exception();
    }
    Member member = membership.member(target);
    if (member == null || member.isLearner()) {
      throw EtcdError.BAD_LEADER_TRANSFEREE.because(Long.toHexString(target));
    }
    log.info(
        "leadership transfer starting",
        "local-member-id",
        Long.toHexString(self),
        "transferee-member-id",
        Long.toHexString(target));
    CompletableFuture<Void> done = new CompletableFuture<>();
    transfer.accept(target);
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    look(target, endNanos, done);
    return done;
  }

  private void look(long target, long endNanos, CompletableFuture<Void> done) {
    if (view.leader() == target) {
      log.info("leadership transfer finished", "transferee-member-id", Long.toHexString(target));
      done.complete(null);
    } else if (System.nanoTime() - endNanos >= 0) {
      done.completeExceptionally(tooLong());
    } else {
      try {
        var unused =
            timer.schedule(() -> look(target, endNanos, done), pollMillis, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        done.completeExceptionally(EtcdError.STOPPED.exception());
      }
    }
  }

  private static EtcdException tooLong() {
    return EtcdException.of(
        GrpcCode.UNKNOWN, "etcdserver: request timed out, leader transfer took too long");
  }

  /**
   * Gives leadership up to a voter that is reached, so that a planned stop costs no election; waits
   * for that at most so long.
   */
  public void away(long timeoutMillis) {
    if (!view.leads()) {
      return;
    }
    Optional<Member> successor =
        peers.others().stream()
            .filter(member -> !member.isLearner() && peers.activeFor(member.id(), 0))
            .max(Comparator.comparing(member -> peers.activeNanos(member.id())));
    if (successor.isEmpty()) {
      return;
    }
    try {
      to(successor.get().id(), timeoutMillis).get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | EtcdException e) {
      log.warn("leadership transfer failed", "error", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
