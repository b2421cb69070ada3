package io.etcdj.raft;

import static io.etcdj.raft.TestMember.ELECTION_TICKS;
import static io.etcdj.raft.TestMember.entry;
import static io.etcdj.raft.TestMember.message;
import static io.etcdj.raft.TestMember.only;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ElectionTest {
  private static final ByteString TRANSFER = ByteString.copyFromUtf8("CampaignTransfer");

  private final TestMember one = TestMember.of(1, 1, 2, 3);

  private static TestMember without(boolean checkQuorum, boolean preVote) {
    return new TestMember(
        1,
        TestMember.freshLog(TestMember.voters(1, 2, 3)),
        TestMember.config(1, 1 << 20, 0, 512, checkQuorum, preVote));
  }

  @Test
  void aPreVoteAsksAboutTheNextTermAndChangesNothing() {
    one.core.campaign();
    List<Message> asked = one.drain();
    assertThat(asked).extracting(Message::getType).containsOnly(MessageType.MsgPreVote);
    assertThat(asked).extracting(Message::getTo).containsExactly(2L, 3L);
    assertThat(asked.get(0))
        .isEqualTo(
            message(MessageType.MsgPreVote, 1, 2, 2)
                .setLogTerm(1)
                .setIndex(1)
                .setCommit(0)
                .setReject(false)
                .setRejectHint(0)
                .build());
    assertThat(one.core.term()).isEqualTo(1);
    assertThat(one.core.status().vote()).isEqualTo(0);
  }

  @Test
  void aWonPreVoteIsFollowedByTheElection() {
    one.core.campaign();
    one.drain();
    List<Message> asked = one.receive(message(MessageType.MsgPreVoteResp, 2, 1, 2));
    assertThat(asked).extracting(Message::getType).containsOnly(MessageType.MsgVote);
    assertThat(asked.get(0).getTerm()).isEqualTo(2);
    assertThat(one.log.initialState().hardState())
        .as("saved before anybody was asked")
        .isEqualTo(HardState.newBuilder().setTerm(2).setVote(1).setCommit(1).build());

    List<Message> first = one.receive(message(MessageType.MsgVoteResp, 3, 1, 2));

    assertThat(one.core.isLeader()).isTrue();
    assertThat(first).extracting(Message::getType).containsOnly(MessageType.MsgApp);
    assertThat(first.get(0).getEntriesCount()).isEqualTo(1);
    assertThat(first.get(0).getEntries(0).getData().isEmpty()).isTrue();
  }

  @Test
  void anElectionThatAMajorityRefusesIsLost() {
    one.core.campaign();
    one.drain();
    one.receive(message(MessageType.MsgPreVoteResp, 2, 1, 1).setReject(true));
    assertThat(one.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    one.receive(message(MessageType.MsgPreVoteResp, 2, 1, 1).setReject(true));
    assertThat(one.core.role()).as("the same one again").isEqualTo(Role.PRE_CANDIDATE);
    one.receive(message(MessageType.MsgPreVoteResp, 3, 1, 1).setReject(true));
    assertThat(one.core.role()).isEqualTo(Role.FOLLOWER);
    assertThat(one.core.term()).isEqualTo(1);
  }

  @Test
  void aPreVoteIsGrantedInItsOwnTermWithoutRememberingIt() {
    TestMember member = without(false, true);
    List<Message> answers =
        member.receive(message(MessageType.MsgPreVote, 2, 1, 7).setIndex(1).setLogTerm(1));
    assertThat(answers.get(0).getType()).isEqualTo(MessageType.MsgPreVoteResp);
    assertThat(answers.get(0).getTerm()).isEqualTo(7);
    assertThat(answers.get(0).getReject()).isFalse();
    assertThat(member.core.term()).as("nobody's term changes").isEqualTo(1);
    assertThat(member.core.status().vote()).isEqualTo(0);

    answers = member.receive(message(MessageType.MsgPreVote, 3, 1, 7).setIndex(1).setLogTerm(1));
    assertThat(answers.get(0).getReject()).as("and to another one, too").isFalse();
  }

  @Test
  void aPreVoteOfAnOldTermIsToldTheNewOne() {
    one.receive(message(MessageType.MsgHeartbeat, 2, 1, 5));
    List<Message> answers =
        one.receive(message(MessageType.MsgPreVote, 3, 1, 4).setIndex(9).setLogTerm(4));
    assertThat(answers).hasSize(1);
    assertThat(answers.get(0).getReject()).isTrue();
    assertThat(answers.get(0).getTerm()).isEqualTo(5);
  }

  @Test
  void thereIsOneVotePerTerm() {
    Message.Builder from2 = message(MessageType.MsgVote, 2, 1, 2).setIndex(1).setLogTerm(1);
    Message.Builder from3 = message(MessageType.MsgVote, 3, 1, 2).setIndex(1).setLogTerm(1);
    assertThat(one.receive(from2).get(0).getReject()).isFalse();
    assertThat(one.log.initialState().hardState().getVote()).isEqualTo(2);
    assertThat(one.receive(from3).get(0).getReject()).isTrue();
    assertThat(one.receive(from2).get(0).getReject()).as("repeated").isFalse();

    TestMember restarted = new TestMember(1, one.log, TestMember.config(1));
    assertThat(restarted.receive(from3).get(0).getReject()).as("after a restart").isTrue();
  }

  @Test
  void aCandidateWithAnOlderLogGetsNoVote() {
    one.receive(
        message(MessageType.MsgApp, 2, 1, 4).setIndex(1).setLogTerm(1).addEntries(entry(2, 4)));
    for (int i = 0; i < ELECTION_TICKS; i++) {
      one.core.tick(); // let the lease pass
    }
    assertThat(voteFor(3, 5, 9, 3).getReject()).as("longer, but of an older term").isTrue();
    assertThat(voteFor(3, 6, 1, 4).getReject()).as("shorter").isTrue();
    assertThat(voteFor(3, 7, 2, 4).getReject()).isFalse();
  }

  private Message voteFor(long candidate, long term, long index, long logTerm) {
    return one.receive(
            message(MessageType.MsgVote, candidate, 1, term).setIndex(index).setLogTerm(logTerm))
        .get(0);
  }

  @Test
  void whoHearsALeaderIgnoresVotesUnlessTheLeaderAskedForThem() {
    one.receive(message(MessageType.MsgHeartbeat, 2, 1, 2));
    Message.Builder vote = message(MessageType.MsgVote, 3, 1, 9).setIndex(1).setLogTerm(1);
    assertThat(one.receive(vote)).isEmpty();
    assertThat(one.receive(vote.clone().setType(MessageType.MsgPreVote))).isEmpty();
    assertThat(one.core.term()).isEqualTo(2);

    List<Message> answers = one.receive(vote.clone().setContext(TRANSFER));

    assertThat(answers.get(0).getReject()).isFalse();
    assertThat(one.core.term()).isEqualTo(9);
  }

  @Test
  void theLeaseEndsAnElectionTimeoutAfterTheLastSignOfTheLeader() {
    one.receive(message(MessageType.MsgHeartbeat, 2, 1, 2));
    for (int i = 0; i < ELECTION_TICKS - 1; i++) {
      one.core.tick();
    }
    Message.Builder vote = message(MessageType.MsgPreVote, 3, 1, 9).setIndex(1).setLogTerm(1);
    assertThat(one.receive(vote)).isEmpty();
    one.core.tick();
    assertThat(only(MessageType.MsgPreVoteResp, one.receive(vote))).hasSize(1);
  }

  @Test
  void withoutCheckQuorumThereIsNoLease() {
    TestMember member = without(false, false);
    member.receive(message(MessageType.MsgHeartbeat, 2, 1, 2));
    assertThat(member.receive(message(MessageType.MsgVote, 3, 1, 9).setIndex(1).setLogTerm(1)))
        .hasSize(1);
  }

  @Test
  void anOutrunLeaderIsToldTheTermSoThatItStepsDown() {
    one.receive(message(MessageType.MsgHeartbeat, 2, 1, 5));
    List<Message> answers = one.receive(message(MessageType.MsgHeartbeat, 3, 1, 4));
    assertThat(answers).hasSize(1);
    assertThat(answers.get(0).getType()).isEqualTo(MessageType.MsgAppResp);
    assertThat(answers.get(0).getTerm()).isEqualTo(5);
    assertThat(one.receive(message(MessageType.MsgVoteResp, 3, 1, 4))).isEmpty();

    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.receive(Message.newBuilder(answers.get(0)).setTo(1).setFrom(3));
    assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
    assertThat(leader.core.term()).isEqualTo(5);
  }

  @Test
  void aLeaderThatHearsNoQuorumStepsDown() {
    one.lead();
    for (int i = 0; i < ELECTION_TICKS; i++) {
      one.core.tick();
    }
    assertThat(one.core.isLeader()).as("heard in the first period").isTrue();
    for (int i = 0; i < ELECTION_TICKS; i++) {
      one.core.tick();
      if (i == 3) {
        one.receive(message(MessageType.MsgHeartbeatResp, 3, 1, 2));
      }
    }
    assertThat(one.core.isLeader()).as("one of two others is enough").isTrue();
    for (int i = 0; i < ELECTION_TICKS; i++) {
      one.core.tick();
    }
    assertThat(one.core.role()).isEqualTo(Role.FOLLOWER);
    assertThat(one.core.leader()).isEqualTo(0);
    assertThat(one.core.term()).isEqualTo(2);
  }

  @Test
  void electionTimeoutsAreSpreadOverTheWholeRange() {
    Set<Integer> timeouts = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      RaftCore core =
          new RaftCore(
              TestMember.config(1),
              TestMember.freshLog(TestMember.voters(1, 2, 3)),
              new Random(seed));
      int ticks = 0;
      while (core.role() == Role.FOLLOWER) {
        core.tick();
        ticks++;
      }
      timeouts.add(ticks);
    }
    assertThat(timeouts).hasSize(ELECTION_TICKS).allMatch(t -> t >= ELECTION_TICKS && t < 20);
  }

  @Test
  void aCandidateYieldsToTheLeaderOfItsTerm() {
    TestMember member = without(true, false);
    member.core.campaign();
    member.drain();
    assertThat(member.core.role()).isEqualTo(Role.CANDIDATE);
    member.receive(
        message(MessageType.MsgApp, 3, 1, 2).setIndex(1).setLogTerm(1).addEntries(entry(2, 2)));
    assertThat(member.core.role()).isEqualTo(Role.FOLLOWER);
    assertThat(member.core.leader()).isEqualTo(3);
    assertThat(member.core.lastIndex()).isEqualTo(2);
  }

  @Test
  void aFollowerThatForgetsItsLeaderVotesAtOnce() {
    one.receive(message(MessageType.MsgHeartbeat, 2, 1, 2));
    one.core.forgetLeader();
    Message.Builder vote = message(MessageType.MsgVote, 3, 1, 3).setIndex(1).setLogTerm(1);
    assertThat(one.receive(vote).get(0).getReject()).isFalse();
  }

  @Test
  void messagesThatNeverTravelAreIgnored() {
    one.lead();
    for (MessageType type :
        List.of(
            MessageType.MsgHup,
            MessageType.MsgBeat,
            MessageType.MsgUnreachable,
            MessageType.MsgSnapStatus,
            MessageType.MsgCheckQuorum,
            MessageType.MsgStorageAppendResp,
            MessageType.MsgForgetLeader)) {
      assertThat(one.receive(message(type, 2, 1, 2))).as("%s", type).isEmpty();
      assertThat(one.core.isLeader()).isTrue();
    }
  }

  @Test
  void answersFromStrangersCountForNothing() {
    one.core.campaign();
    one.drain();
    one.receive(message(MessageType.MsgPreVoteResp, 8, 1, 2));
    one.receive(message(MessageType.MsgPreVoteResp, 9, 1, 2));
    assertThat(one.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    one.lead();
    assertThat(one.acknowledge(9, 2)).isEmpty();
  }
}
