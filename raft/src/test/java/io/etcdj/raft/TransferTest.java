package io.etcdj.raft;

import static io.etcdj.raft.TestMember.data;
import static io.etcdj.raft.TestMember.message;
import static io.etcdj.raft.TestMember.only;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferTest {
  @Test
  void leadershipGoesToTheWantedMember() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    cluster.propose(1, "a");
    cluster.get(1).core.transferLeader(3);
    cluster.talk();
    assertThat(cluster.get(3).core.isLeader()).isTrue();
    assertThat(cluster.get(1).core.leader()).isEqualTo(3);
    cluster.propose(1, "b");
    assertThat(cluster.get(2).appliedTexts()).containsExactly("a", "b");
  }

  @Test
  void aFollowerPassesTheWishOn() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    cluster.get(2).core.transferLeader(3);
    Message wish = cluster.get(2).drain().get(0);
    assertThat(wish.getType()).isEqualTo(MessageType.MsgTransferLeader);
    assertThat(wish.getFrom()).as("the wanted leader").isEqualTo(3);
    assertThat(wish.getTo()).isEqualTo(1);
    cluster.get(1).core.step(wish);
    cluster.talk();
    assertThat(cluster.get(3).core.isLeader()).isTrue();
  }

  @Test
  void theTransfereeMustHaveEverythingFirst() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    leader.core.propose(data("y"));
    leader.drain();
    leader.core.transferLeader(2);
    assertThat(only(MessageType.MsgTimeoutNow, leader.drain())).isEmpty();
    assertThat(leader.core.propose(data("z"))).as("nothing new meanwhile").isFalse();
    assertThat(leader.core.leadTransferee()).isEqualTo(2);
    assertThat(only(MessageType.MsgTimeoutNow, leader.acknowledge(2, 3))).as("half").isEmpty();
    assertThat(only(MessageType.MsgTimeoutNow, leader.acknowledge(2, 4)))
        .extracting(Message::getTo)
        .containsExactly(2L);
  }

  @Test
  void theTransfereeCampaignsWithoutAPreVoteAndSaysWhy() {
    TestMember member = TestMember.of(2, 1, 2, 3);
    member.receive(message(MessageType.MsgHeartbeat, 1, 2, 2));
    List<Message> asked = member.receive(message(MessageType.MsgTimeoutNow, 1, 2, 2));
    assertThat(asked).extracting(Message::getType).containsOnly(MessageType.MsgVote);
    assertThat(asked)
        .extracting(Message::getContext)
        .containsOnly(ByteString.copyFromUtf8("CampaignTransfer"));
  }

  @Test
  void anUnfinishedTransferIsGivenUpAfterAnElectionTimeout() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.transferLeader(2);
    leader.drain();
    for (int i = 0; i < TestMember.ELECTION_TICKS - 1; i++) {
      leader.core.tick();
    }
    assertThat(leader.core.propose(data("x"))).isFalse();
    leader.core.tick();
    assertThat(leader.core.leadTransferee()).isEqualTo(0);
    assertThat(leader.core.propose(data("x"))).isTrue();
  }

  @Test
  void wishesThatMakeNoSenseAreIgnored() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.proposeConfChange(ConfChangerTest.auto("l4"));
    leader.drain();
    leader.acknowledge(2, 3);
    leader.core.transferLeader(1);
    leader.core.transferLeader(4);
    leader.core.transferLeader(9);
    assertThat(leader.core.leadTransferee()).isEqualTo(0);
  }

  @Test
  void aNewWishReplacesTheOldOne() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.transferLeader(2);
    leader.core.transferLeader(3);
    assertThat(leader.core.leadTransferee()).isEqualTo(3);
    assertThat(only(MessageType.MsgTimeoutNow, leader.drain()))
        .extracting(Message::getTo)
        .containsExactly(2L, 3L);
  }

  @Test
  void aTransfereeThatIsRemovedMeanwhileIsNotWaitedFor() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.proposeConfChange(ConfChangerTest.auto("r3"));
    leader.drain();
    leader.core.transferLeader(3);
    leader.acknowledge(2, 3);
    assertThat(leader.core.confState().getVotersList()).containsExactly(1L, 2L);
    assertThat(leader.core.leadTransferee()).isEqualTo(0);
  }
}
