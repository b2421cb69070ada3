package io.etcdj.server.cluster;

import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.propose.Proposals;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.Membership;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tells from leaders and connections why a request may have got no answer in time. */
public final class TimeoutCause implements Proposals.Cause {
  private final long self;
  private final RaftView view;
  private final Membership membership;
  private final Peers peers;
  private final long lostBeforeNanos;

  /**
   * @param electionMillis a leader was lost at most two of these before the next one was elected
   */
  public TimeoutCause(
      long self, RaftView view, Membership membership, Peers peers, long electionMillis) {
    this.self = self;
    this.view = view;
    this.membership = membership;
    this.peers = peers;
    this.lostBeforeNanos = 2 * TimeUnit.MILLISECONDS.toNanos(electionMillis);
  }

  @Override
  public EtcdException of(long startNanos) {
    long electedNanos = view.leaderSinceNanos();
    boolean lostMeanwhile =
        startNanos - (electedNanos - lostBeforeNanos) > 0 && startNanos - electedNanos < 0;
    if (lostMeanwhile) {
      return EtcdError.TIMEOUT_DUE_TO_LEADER_FAIL.exception();
    }
    long leader = view.leader();
    if (leader == 0) {
      return view.leaderlessSinceNanos() - startNanos < 0
          ? EtcdException.deadlineExceeded() // never proposed: etcd has no words of its own
          : EtcdError.TIMEOUT.exception();
    }
    return isConnectedSince(startNanos, leader)
        ? EtcdError.TIMEOUT.exception()
        : EtcdError.TIMEOUT_DUE_TO_CONNECTION_LOST.exception();
  }

  private boolean isConnectedSince(long startNanos, long leader) {
    long sinceMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    if (leader != self) {
      return peers.activeFor(leader, sinceMillis);
    }
    List<Member> voters =
        membership.members().stream().filter(member -> !member.isLearner()).toList();
    long connected =
        voters.stream().filter(member -> peers.activeFor(member.id(), sinceMillis)).count();
    return connected >= voters.size() / 2 + 1;
  }
}
