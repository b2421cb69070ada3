package io.etcdj.raft;

import static io.etcdj.raft.ConfChangerTest.auto;
import static io.etcdj.raft.ConfChangerTest.explicit;
import static io.etcdj.raft.TestMember.data;
import static io.etcdj.raft.TestMember.message;
import static io.etcdj.raft.TestMember.only;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.api.raftpb.ConfChangeV2;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipTest {
  /** The tag of a field without its value. */
  private static final byte[] CUT_OFF = {8};

  private static final ConfChangeV2 LEAVE = ConfChangeV2.getDefaultInstance();

  private static ConfChange change(ConfChangeType type, long id) {
    return ConfChange.newBuilder().setId(77).setType(type).setNodeId(id).build();
  }

  private static TestMember joining(long id) {
    return new TestMember(id, new MemoryLog(), TestMember.config(id));
  }

  @Test
  void aNewMemberCatchesUpAndVotes() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    cluster.propose(1, "before");
    TestMember leader = cluster.get(1);
    cluster.add(joining(4));
    leader.core.proposeConfChange(change(ConfChangeType.ConfChangeAddNode, 4));
    // Whole snapshots are made of what is applied; this log's oldest does not know member 4.
    cluster.talkOnlyAmong(1, 2, 3);
    leader.log.createSnapshot(leader.core.applied(), leader.core.confState(), ByteString.EMPTY);
    cluster.tick(4);
    assertThat(cluster.get(4).core.confState().getVotersList()).containsExactly(1L, 2L, 3L, 4L);
    cluster.isolate(3);
    cluster.propose(1, "after");
    assertThat(cluster.get(4).appliedTexts()).containsExactly("after");
    assertThat(leader.core.commit()).isEqualTo(leader.core.lastIndex());
  }

  @Test
  void aSecondChangeWhileOneIsPendingBecomesAnEmptyEntry() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    assertThat(leader.core.proposeConfChange(change(ConfChangeType.ConfChangeAddNode, 4))).isTrue();
    assertThat(leader.core.proposeConfChange(change(ConfChangeType.ConfChangeAddNode, 5))).isTrue();
    List<Entry> entries = leader.core.ready().entries();
    assertThat(entries)
        .extracting(Entry::getType)
        .containsExactly(EntryType.EntryConfChange, EntryType.EntryNormal);
    assertThat(entries.get(1).getData().isEmpty()).isTrue();
  }

  @Test
  void whatIsNoChangeIsNotAppended() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    for (EntryType type : List.of(EntryType.EntryConfChange, EntryType.EntryConfChangeV2)) {
      Entry cutOff = Entry.newBuilder().setType(type).setData(ByteString.copyFrom(CUT_OFF)).build();
      assertThat(leader.core.propose(List.of(cutOff))).isTrue();
    }
    assertThat(leader.core.ready().entries())
        .extracting(Entry::getType)
        .containsExactly(EntryType.EntryNormal, EntryType.EntryNormal);
  }

  @Test
  void aChangeIsPendingUntilItIsReallyApplied() {
    TestMember leader = TestMember.of(1, 1);
    leader.core.campaign();
    leader.drain();
    leader.core.proposeConfChange(change(ConfChangeType.ConfChangeAddLearnerNode, 4));
    Ready saved = leader.core.ready();
    leader.log.append(saved.entries());
    leader.core.advance(saved);
    Ready committed = leader.core.ready();
    assertThat(committed.committedEntries()).hasSize(1);
    leader.core.advance(committed); // handed over to a slow state machine

    leader.core.proposeConfChange(change(ConfChangeType.ConfChangeAddLearnerNode, 5));
    Ready next = leader.core.ready();
    assertThat(next.entries()).extracting(Entry::getType).containsExactly(EntryType.EntryNormal);
    leader.log.append(next.entries());
    leader.core.advance(next);

    leader.core.applyConfChange(change(ConfChangeType.ConfChangeAddLearnerNode, 4));
    leader.core.proposeConfChange(change(ConfChangeType.ConfChangeAddLearnerNode, 5));
    assertThat(leader.core.ready().entries())
        .extracting(Entry::getType)
        .containsExactly(EntryType.EntryConfChange);
  }

  @Test
  void aRefusedChangeOnlyEndsTheWaiting() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    assertThat(leader.core.applyConfChange(change(ConfChangeType.ConfChangeRemoveNode, 0)))
        .isEqualTo(leader.core.confState());
    assertThat(leader.core.confState().getVotersList()).containsExactly(1L, 2L, 3L);
    assertThat(leader.core.applyConfChange(explicit("v0 r0")).getVotersOutgoingList()).isEmpty();
  }

  @Test
  void aChangeThatDoesNotFitChangesNothing() {
    TestMember one = TestMember.of(1, 1);
    assertThatThrownBy(() -> one.core.applyConfChange(auto("r1")))
        .isInstanceOf(ConfChangeException.class);
    assertThat(one.core.confState().getVotersList()).containsExactly(1L);
  }

  @Test
  void aLearnerFollowsAndNeitherVotesNorCampaigns() {
    TestMember learner = joining(4);
    learner.receive(
        message(MessageType.MsgSnap, 1, 4, 2)
            .setSnapshot(
                TestMember.snapshot(
                    5, 2, TestMember.voters(1, 2, 3).toBuilder().addLearners(4).build())));
    for (int i = 0; i < 50; i++) {
      learner.core.tick();
    }
    assertThat(learner.core.role()).isEqualTo(Role.FOLLOWER);
    assertThat(learner.receive(message(MessageType.MsgTimeoutNow, 1, 4, 2))).isEmpty();
    Message answer =
        learner.receive(message(MessageType.MsgVote, 2, 4, 3).setIndex(5).setLogTerm(2)).get(0);
    assertThat(answer.getReject()).as("its promotion may be news to it").isFalse();
  }

  @Test
  void aJointConfigurationIsLeftByItself() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    cluster.get(1).core.proposeConfChange(auto("r2 r3"));
    cluster.talk();
    assertThat(cluster.get(1).core.confState())
        .isEqualTo(TestMember.voters(1).toBuilder().setAutoLeave(false).build());
    assertThat(cluster.get(1).core.isLeader()).isTrue();
    cluster.propose(1, "alone");
    assertThat(cluster.get(1).appliedTexts()).containsExactly("alone");
  }

  @Test
  void anExplicitJointConfigurationAcceptsOnlyTheWayOut() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    TestMember leader = cluster.get(1);
    leader.core.proposeConfChange(LEAVE);
    cluster.talk();
    assertThat(leader.core.confState().getVotersOutgoingList()).as("not joint yet").isEmpty();
    leader.core.proposeConfChange(explicit("l3"));
    cluster.talk();
    cluster.tick(2);
    assertThat(leader.core.confState().getVotersOutgoingList()).containsExactly(1L, 2L, 3L);
    assertThat(leader.core.confState().getLearnersNextList()).containsExactly(3L);

    leader.core.proposeConfChange(auto("v9"));
    cluster.talk();
    assertThat(leader.core.confState().getVotersList()).containsExactly(1L, 2L);

    leader.core.proposeConfChange(LEAVE);
    cluster.talk();
    assertThat(leader.core.confState().getVotersOutgoingList()).isEmpty();
    assertThat(leader.core.confState().getLearnersList()).containsExactly(3L);
  }

  @Test
  void aJointCommitNeedsBothHalves() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.proposeConfChange(explicit("v4 v5 r2 r3"));
    leader.drain();
    leader.acknowledge(2, 3); // {1, 4, 5} x {1, 2, 3} now
    leader.core.propose(data("x"));
    leader.drain();
    leader.acknowledge(2, 4);
    assertThat(leader.core.commit()).as("only the outgoing half").isEqualTo(3);
    leader.acknowledge(5, 4);
    assertThat(leader.core.commit()).isEqualTo(4);
  }

  @Test
  void aRemovedLeaderHandsOverWhenTheOthersKnow() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    cluster.get(1).core.proposeConfChange(change(ConfChangeType.ConfChangeRemoveNode, 1));
    cluster.talk();
    assertThat(cluster.get(1).core.isLeader()).isFalse();
    assertThat(cluster.get(2).core.isLeader()).as("no election timeout needed").isTrue();
    assertThat(cluster.get(3).core.confState().getVotersList()).containsExactly(2L, 3L);
    cluster.propose(2, "without 1");
    assertThat(cluster.get(3).appliedTexts()).containsExactly("without 1");
  }

  @Test
  void aLeaderInItsFarewellServesNobody() {
    TestMember leader = TestMember.of(1, 1, 2).lead();
    leader.core.readIndex(data("early"));
    leader.drain();
    leader.core.proposeConfChange(change(ConfChangeType.ConfChangeRemoveNode, 1));
    leader.core.propose(data("behind the removal"));
    leader.drain();
    leader.acknowledge(2, 3);
    assertThat(leader.core.isLeader()).as("2 does not know yet").isTrue();
    assertThat(leader.core.propose(data("x"))).isFalse();
    leader.core.readIndex(data("late"));
    leader.receive(message(MessageType.MsgHeartbeatResp, 2, 1, 2).setContext(data("early")));
    assertThat(leader.reads).isEmpty();
    for (int i = 0; i < 50; i++) {
      leader.core.tick();
    }
    assertThat(leader.core.isLeader()).as("2 depends on it").isTrue();

    leader.acknowledge(2, 4);
    leader.core.tick();
    Message heartbeat = only(MessageType.MsgHeartbeat, leader.drain()).get(0);
    assertThat(heartbeat.getCommit()).isEqualTo(4);
    List<Message> last =
        leader.receive(
            message(MessageType.MsgHeartbeatResp, 2, 1, 2).setContext(heartbeat.getContext()));
    assertThat(last).extracting(Message::getType).containsExactly(MessageType.MsgTimeoutNow);
    assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void nobodyCampaignsWithACommittedChangeUnapplied() {
    TestMember member = TestMember.of(1, 1, 2, 3);
    member.core.step(
        message(MessageType.MsgApp, 2, 1, 2)
            .setIndex(1)
            .setLogTerm(1)
            .setCommit(2)
            .addEntries(
                TestMember.entry(2, 2).toBuilder()
                    .setType(EntryType.EntryConfChange)
                    .setData(change(ConfChangeType.ConfChangeAddNode, 4).toByteString()))
            .build());
    member.core.campaign();
    assertThat(member.core.role()).as("not handed out").isEqualTo(Role.FOLLOWER);
    Ready ready = member.core.ready();
    member.log.append(ready.entries());
    member.core.advance(ready);
    member.core.campaign();
    assertThat(member.core.role()).as("handed out").isEqualTo(Role.FOLLOWER);
    member.core.applyConfChange(change(ConfChangeType.ConfChangeAddNode, 4));
    member.core.campaign();
    assertThat(member.core.role()).isEqualTo(Role.PRE_CANDIDATE);
  }

  @Test
  void aSnapshotDoesNotOvertakeAChangeThatIsBeingApplied() {
    TestMember member = TestMember.of(1, 1, 2, 3);
    member.core.step(
        message(MessageType.MsgApp, 2, 1, 2)
            .setIndex(1)
            .setLogTerm(1)
            .setCommit(2)
            .addEntries(
                TestMember.entry(2, 2).toBuilder()
                    .setType(EntryType.EntryConfChange)
                    .setData(change(ConfChangeType.ConfChangeAddNode, 4).toByteString()))
            .build());
    Ready ready = member.core.ready();
    member.log.append(ready.entries());
    member.core.advance(ready);
    Message.Builder snapshot =
        message(MessageType.MsgSnap, 2, 1, 2)
            .setSnapshot(TestMember.snapshot(9, 2, TestMember.voters(1, 2, 3, 4, 5)));
    assertThat(member.receive(snapshot).get(0).getIndex()).as("the commit, not 9").isEqualTo(2);
    member.core.applyConfChange(change(ConfChangeType.ConfChangeAddNode, 4));
    assertThat(member.receive(snapshot).get(0).getIndex()).isEqualTo(9);
    assertThat(member.core.confState().getVotersList()).containsExactly(1L, 2L, 3L, 4L, 5L);
  }
}
