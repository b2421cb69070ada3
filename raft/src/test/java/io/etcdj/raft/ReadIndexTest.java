package io.etcdj.raft;

import static io.etcdj.raft.TestMember.data;
import static io.etcdj.raft.TestMember.message;
import static io.etcdj.raft.TestMember.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadIndexTest {
  private final TestMember leader = TestMember.of(1, 1, 2, 3).lead();

  private List<Message> answer(long from, String context) {
    return leader.receive(
        message(MessageType.MsgHeartbeatResp, from, 1, 2).setContext(data(context)));
  }

  @Test
  void aReadWaitsForAQuorumToAnswerItsHeartbeat() {
    leader.core.readIndex(data("r1"));
    List<Message> heartbeats = leader.drain();
    assertThat(heartbeats).extracting(Message::getType).containsOnly(MessageType.MsgHeartbeat);
    assertThat(heartbeats).extracting(Message::getContext).containsOnly(data("r1"));
    assertThat(leader.reads).isEmpty();
    answer(2, "another");
    assertThat(leader.reads).isEmpty();
    answer(2, "r1");
    assertThat(leader.reads).containsExactly(new ReadState(2, data("r1")));
  }

  @Test
  void manyReadsShareOneHeartbeat() {
    for (int i = 0; i < 1000; i++) {
      leader.core.readIndex(data("r" + i));
    }
    assertThat(leader.drain()).hasSize(2);
    answer(3, "r999");
    assertThat(leader.reads).hasSize(1000);
    assertThat(leader.reads.get(0).context()).isEqualTo(data("r0"));
  }

  @Test
  void theNextHeartbeatAsksAgain() {
    leader.core.readIndex(data("r"));
    leader.drain(); // lost
    leader.core.tick();
    assertThat(leader.drain()).extracting(Message::getContext).containsOnly(data("r"));
    answer(2, "r");
    leader.core.tick();
    assertThat(leader.drain()).extracting(Message::hasContext).containsOnly(false);
  }

  @Test
  void aReadKeepsTheCommitOfItsArrival() {
    leader.core.readIndex(data("r"));
    leader.core.propose(data("x"));
    leader.drain();
    leader.acknowledge(2, 3);
    answer(2, "r");
    assertThat(leader.reads).containsExactly(new ReadState(2, data("r")));
  }

  @Test
  void aNewLeaderPostponesReadsUntilItsFirstCommit() {
    TestMember fresh = TestMember.of(1, 1, 2, 3);
    fresh.core.campaign();
    fresh.drain();
    fresh.receive(message(MessageType.MsgPreVoteResp, 2, 1, 2));
    fresh.receive(message(MessageType.MsgVoteResp, 2, 1, 2));
    fresh.core.readIndex(data("r"));
    assertThat(fresh.core.hasCommittedInTerm()).isFalse();
    assertThat(fresh.drain()).isEmpty();
    List<Message> sent = fresh.acknowledge(3, 2);
    assertThat(only(MessageType.MsgHeartbeat, sent))
        .extracting(Message::getContext)
        .containsOnly(data("r"));
    fresh.receive(message(MessageType.MsgHeartbeatResp, 3, 1, 2).setContext(data("r")));
    assertThat(fresh.reads).containsExactly(new ReadState(2, data("r")));
  }

  @Test
  void aFollowerAsksTheLeader() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    cluster.propose(1, "x");
    cluster.get(3).core.readIndex(data("r"));
    Message asked = cluster.get(3).drain().get(0);
    assertThat(asked.getType()).isEqualTo(MessageType.MsgReadIndex);
    assertThat(asked.getTerm()).isEqualTo(0);
    assertThat(asked.getEntries(0).getData()).isEqualTo(data("r"));

    List<Message> none = cluster.get(1).receive(asked.toBuilder());
    assertThat(none).extracting(Message::getType).containsOnly(MessageType.MsgHeartbeat);
    Message answer =
        cluster
            .get(1)
            .receive(message(MessageType.MsgHeartbeatResp, 2, 1, 2).setContext(data("r")))
            .get(0);
    assertThat(answer.getType()).isEqualTo(MessageType.MsgReadIndexResp);
    assertThat(answer.getTo()).isEqualTo(3);
    assertThat(answer.getTerm()).isEqualTo(2);
    assertThat(answer.getIndex()).isEqualTo(3);
    cluster.get(3).receive(answer.toBuilder());
    assertThat(cluster.get(3).reads).containsExactly(new ReadState(3, data("r")));
  }

  @Test
  void aFollowerPassesAForwardedReadOnWithItsSender() {
    TestMember follower = TestMember.of(1, 1, 2, 3);
    follower.receive(message(MessageType.MsgHeartbeat, 2, 1, 2));
    Message asked =
        message(MessageType.MsgReadIndex, 3, 1, 0).addEntries(TestMember.entry(0, 0)).build();
    Message passed = follower.receive(asked.toBuilder()).get(0);
    assertThat(passed).isEqualTo(asked.toBuilder().setTo(2).build());
  }

  @Test
  void learnersAndStrangersProveNothing() {
    TestMember withLearner = TestMember.of(1, 1, 2, 3).lead();
    withLearner.core.proposeConfChange(ConfChangerTest.auto("l4"));
    withLearner.drain();
    withLearner.acknowledge(2, 3);
    withLearner.core.readIndex(data("r"));
    withLearner.drain();
    withLearner.receive(message(MessageType.MsgHeartbeatResp, 4, 1, 2).setContext(data("r")));
    withLearner.receive(message(MessageType.MsgHeartbeatResp, 9, 1, 2).setContext(data("r")));
    assertThat(withLearner.reads).isEmpty();
    withLearner.receive(message(MessageType.MsgHeartbeatResp, 3, 1, 2).setContext(data("r")));
    assertThat(withLearner.reads).hasSize(1);
  }

  @Test
  void aDeposedLeaderForgetsItsReads() {
    leader.core.readIndex(data("r"));
    leader.drain();
    leader.receive(message(MessageType.MsgHeartbeat, 2, 1, 3));
    leader.receive(message(MessageType.MsgHeartbeatResp, 3, 1, 2).setContext(data("r")));
    assertThat(leader.reads).isEmpty();
  }

  @Test
  void withALeaseNoQuorumIsAsked() {
    TestMember leased =
        new TestMember(
                1,
                TestMember.freshLog(TestMember.voters(1, 2, 3)),
                new RaftConfig(
                    1,
                    10,
                    1,
                    1 << 20,
                    1 << 20,
                    0,
                    512,
                    0,
                    true,
                    true,
                    ReadOnlyOption.LEASE_BASED,
                    0,
                    false))
            .lead();
    leased.core.readIndex(data("r"));
    assertThat(leased.drain()).isEmpty();
    assertThat(leased.reads).containsExactly(new ReadState(2, data("r")));
  }
}
