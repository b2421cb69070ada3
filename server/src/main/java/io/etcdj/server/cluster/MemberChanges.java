package io.etcdj.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.raft.FollowerStatus;
import io.etcdj.raft.Status;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.propose.Proposals;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.MemberIds;
import io.etcdj.state.membership.MemberJson;
import io.etcdj.state.membership.Membership;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes of members that clients ask for.
 *
 * <p>Unless told not to, refuses what could cost the cluster its quorum ({@code
 * --strict-reconfig-check}): a change must leave enough voters that have started and that are
 * reached. Futures end when the change is applied here, or with an {@link EtcdException}.
 */
public final class MemberChanges {
  /** Members count as reached when they have been so for this long. */
  private static final long STEADY_MILLIS = 5_000;

  /** How much of the leader's log a learner must have before it may vote, in tenths. */
  private static final int READY_TENTHS = 9;

  private final long self;
  private final Membership membership;
  private final Peers peers;
  private final Proposals proposals;
  private final LeaderCalls leaderCalls;
  private final Supplier<CompletableFuture<Status>> raftStatus;
  private final LongSupplier unixSeconds;
  private final boolean strict;
  private final Promotions promotions;

  /** Told what became of promotions that this member decided as the leader. */
  public interface Promotions {
    void succeeded();

    void failed(String reason);
  }

  /**
   * @param raftStatus the core's state, asked for on the member thread
   * @param unixSeconds the wall clock: the time is part of a new member's id
   */
  public MemberChanges(
      long self,
      Membership membership,
      Peers peers,
      Proposals proposals,
      LeaderCalls leaderCalls,
      Supplier<CompletableFuture<Status>> raftStatus,
      LongSupplier unixSeconds,
      boolean strict,
      Promotions promotions) {
    this.self = self;
    this.membership = membership;
    this.peers = peers;
    this.proposals = proposals;
    this.leaderCalls = leaderCalls;
    this.raftStatus = raftStatus;
    this.unixSeconds = unixSeconds;
    this.strict = strict;
    this.promotions = promotions;
  }

  /** Adds a member that is yet to start; the future gives it. */
  public CompletableFuture<Member> add(List<String> peerUrls, boolean learner) {
    if (strict) {
      requireQuorumToAdd(learner);
    }
    List<String> sorted = peerUrls.stream().sorted().toList();
    long id = MemberIds.ofAddedMember(sorted, unixSeconds.getAsLong());
    Member added = new Member(id, sorted, "", List.of(), learner);
    ConfChange.Builder change =
        ConfChange.newBuilder()
            .setType(
                learner
                    ? ConfChangeType.ConfChangeAddLearnerNode
                    : ConfChangeType.ConfChangeAddNode)
            .setNodeId(id)
            .setContext(ByteString.copyFromUtf8(MemberJson.write(added)));
    return propose(change).thenApply(unused -> added);
  }

  public CompletableFuture<Void> remove(long id) {
    if (strict) {
      requireQuorumToRemove(id);
    }
    return propose(
        ConfChange.newBuilder().setType(ConfChangeType.ConfChangeRemoveNode).setNodeId(id));
  }

  /** Replaces a member's peer URLs, which stay in this order. */
  public CompletableFuture<Void> update(long id, List<String> peerUrls) {
    Member updated = new Member(id, peerUrls, "", List.of(), isLearner(id));
    return propose(
        ConfChange.newBuilder()
            .setType(ConfChangeType.ConfChangeUpdateNode)
            .setNodeId(id)
            .setContext(ByteString.copyFromUtf8(MemberJson.write(updated))));
  }

  private boolean isLearner(long id) {
    Member member = membership.member(id);
    return member != null && member.isLearner();
  }

  /** Makes a learner a voter; passed on to the leader, which alone knows how far it is. */
  public CompletableFuture<Void> promote(long id) {
    return leaderCalls
        .ask(
            () -> promoteHere(id).thenApply(unused -> true),
            new LeaderCalls.Remote<>(
                "/members/promote/" + Long.toUnsignedString(id),
                new byte[0],
                MemberChanges::promoted))
        .thenApply(unused -> null);
  }

  /** What members tell each other of a promotion that was refused. */
  static String promotionText(EtcdException refusal) {
    EtcdError error = refusal.error();
    if (error == EtcdError.MEMBER_NOT_FOUND) {
      return "membership: ID not found";
    }
    return error == EtcdError.MEMBER_NOT_LEARNER
        ? "membership: can only promote a learner member"
        : refusal.wireMessage();
  }

  /** Makes a learner a voter if this member leads, else fails with NOT_LEADER. */
  private CompletableFuture<Void> promoteHere(long id) {
    return tryPromotion(id)
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                promotions.succeeded();
              } else {
                EtcdException refusal = LeaderCalls.refusal(failure);
                if (refusal.error() != EtcdError.NOT_LEADER) {
                  promotions.failed(promotionText(refusal));
                }
              }
            });
  }

  private CompletableFuture<Void> tryPromotion(long id) {
    return raftStatus
        .get()
        .thenCompose(
            status -> {
              requireReady(id, status);
              if (strict) {
                requireQuorumToPromote();
              }
              return propose(
                  ConfChange.newBuilder()
                      .setType(ConfChangeType.ConfChangeAddNode)
                      .setNodeId(id)
                      .setContext(ByteString.copyFromUtf8(MemberJson.promotion(id))));
            });
  }

  private void requireReady(long id, Status status) {
    if (status.leader() != self) {
      throw EtcdError.NOT_LEADER.exception();
    }
    Member member = membership.member(id);
    if (member == null) {
      throw EtcdError.MEMBER_NOT_FOUND.because(Long.toHexString(id));
    }
    if (!member.isLearner()) {
      throw EtcdError.MEMBER_NOT_LEARNER.because(Long.toHexString(id));
    }
    long leaderMatch = match(status, self);
    long learnerMatch = match(status, id);
    if (learnerMatch * 10 < leaderMatch * READY_TENTHS) {
      throw EtcdError.LEARNER_NOT_READY.because(
          "it has " + learnerMatch + " of " + leaderMatch + " entries");
    }
  }

  private static long match(Status status, long id) {
    for (FollowerStatus follower : status.followers()) {
      if (follower.id() == id) {
        return follower.match();
      }
    }
    return 0;
  }

  private static @Nullable Boolean promoted(PeerClient.Answer answer) {
    String said = new String(answer.body(), UTF_8);
    return switch (answer.status()) {
      case 200 -> true;
      case 404 -> throw EtcdError.MEMBER_NOT_FOUND.because(said);
      case 412 ->
          throw (said.contains("in sync")
                  ? EtcdError.LEARNER_NOT_READY
                  : EtcdError.MEMBER_NOT_LEARNER)
              .because(said);
      default -> null;
    };
  }

  private CompletableFuture<Void> propose(ConfChange.Builder change) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    proposals.proposeChange(
        change,
        (applied, completions) -> {
          EtcdException refusal = applied.refusal();
          if (refusal == null) {
            done.complete(null);
          } else {
            done.completeExceptionally(refusal);
          }
        });
    return done;
  }

  // ---- What keeps the quorum --------------------------------------------------------------------

  private List<Member> voters() {
    return membership.members().stream().filter(member -> !member.isLearner()).toList();
  }

  private static int started(List<Member> members) {
    return (int) members.stream().filter(Member::isStarted).count();
  }

  private static int quorum(int members) {
    return members / 2 + 1;
  }

  private int steady(List<Member> members) {
    return (int)
        members.stream().filter(member -> peers.activeFor(member.id(), STEADY_MILLIS)).count();
  }

  /** A learner is to be a voter one day, so for it the others must be connected as well. */
  private void requireQuorumToAdd(boolean learner) {
    List<Member> voters = voters();
    if (voters.size() == 1 && (learner || started(voters) == 1)) {
      return; // the only way to grow a single member, although it waits for the second one then
    }
    int needed = quorum(voters.size() + 1); // the new one has not started
    if (!learner && started(voters) < needed) {
      throw EtcdError.MEMBER_NOT_ENOUGH_STARTED.exception();
    }
    if (steady(voters) < needed) {
      throw EtcdError.UNHEALTHY.exception();
    }
  }

  private void requireQuorumToRemove(long id) {
    Member removed = membership.member(id);
    if (removed == null || removed.isLearner()) {
      return; // the log refuses the one, and the other has no vote
    }
    List<Member> voters = voters();
    List<Member> rest = voters.stream().filter(member -> member.id() != id).toList();
    if (rest.isEmpty() || started(rest) < quorum(rest.size())) {
      throw EtcdError.MEMBER_NOT_ENOUGH_STARTED.exception();
    }
    if (id != self && !peers.activeFor(id, 0)) {
      return; // it is down and takes nothing from the quorum
    }
    if (steady(voters) - 1 < 1 + (voters.size() - 1) / 2) {
      throw EtcdError.UNHEALTHY.exception();
    }
  }

  private void requireQuorumToPromote() {
    List<Member> voters = voters();
    if (started(voters) + 1 < quorum(voters.size() + 1)) { // the learner has started
      throw EtcdError.MEMBER_NOT_ENOUGH_STARTED.exception();
    }
  }
}
