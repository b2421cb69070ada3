package io.etcdj.raft;

import static io.etcdj.raft.TestMember.data;
import static io.etcdj.raft.TestMember.entry;
import static io.etcdj.raft.TestMember.message;
import static io.etcdj.raft.TestMember.only;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicationTest {
  private static TestMember leader(
      long maxMessageBytes, long maxUncommittedBytes, int maxInflightMessages) {
    return new TestMember(
            1,
            TestMember.freshLog(TestMember.voters(1, 2, 3)),
            TestMember.config(
                1, maxMessageBytes, maxUncommittedBytes, maxInflightMessages, true, true))
        .lead();
  }

  private static FollowerStatus follower(TestMember leader, long id) {
    return leader.core.status().followers().stream()
        .filter(f -> f.id() == id)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aCommandReachesEveryMember() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(2);
    cluster.propose(2, "a");
    cluster.propose(1, "b"); // forwarded
    for (TestMember member : cluster.members.values()) {
      assertThat(member.appliedTexts()).containsExactly("a", "b");
      assertThat(member.core.leader()).isEqualTo(2);
    }
  }

  @Test
  void aThousandProposalsMakeOneAppendPerFollower() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    for (int i = 0; i < 1000; i++) {
      assertThat(leader.core.propose(data("x" + i))).isTrue();
    }
    Ready ready = leader.core.ready();
    assertThat(ready.entries()).hasSize(1000);
    assertThat(ready.messages()).extracting(Message::getTo).containsExactly(2L, 3L);
    assertThat(ready.messages().get(0).getEntriesCount()).isEqualTo(1000);
    assertThat(ready.sendBeforeSync()).isTrue();
    assertThat(ready.mustSync()).isTrue();
  }

  /** Messages hold one entry each here. */
  @Test
  void theWindowFillsByDoublingWithTheAnswers() {
    TestMember leader = leader(1, 0, 512);
    for (int i = 0; i < 30; i++) {
      leader.core.propose(data("x"));
    }
    assertThat(toSecond(leader.drain())).containsExactly(3L, 4L);
    assertThat(toSecond(leader.acknowledge(2, 3))).containsExactly(5L, 6L);
    assertThat(toSecond(leader.acknowledge(2, 4))).containsExactly(7L, 8L);
    assertThat(toSecond(leader.acknowledge(2, 8)))
        .as("one answer may stand for several: here for four")
        .containsExactly(9L, 10L, 11L, 12L, 13L, 14L, 15L, 16L);
    assertThat(toSecond(leader.acknowledge(2, 16))).as("not many at once").hasSize(8);
  }

  /** The indexes of the entries that go to member 2. */
  private static List<Long> toSecond(List<Message> sent) {
    return sent.stream()
        .filter(m -> m.getTo() == 2)
        .flatMap(m -> m.getEntriesList().stream())
        .map(Entry::getIndex)
        .toList();
  }

  @Test
  void everyScalarOfAMessageAndAnEntryIsWritten() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    Message append = leader.drain().get(0);
    assertThat(append)
        .isEqualTo(
            Message.newBuilder()
                .setType(MessageType.MsgApp)
                .setTo(2)
                .setFrom(1)
                .setTerm(2)
                .setLogTerm(2)
                .setIndex(2)
                .addEntries(
                    Entry.newBuilder()
                        .setType(EntryType.EntryNormal)
                        .setTerm(2)
                        .setIndex(3)
                        .setData(data("x")))
                .setCommit(2)
                .setReject(false)
                .setRejectHint(0)
                .build());
    leader.core.tick();
    Message heartbeat = leader.drain().get(0);
    assertThat(heartbeat.hasLogTerm() && heartbeat.hasIndex() && heartbeat.hasReject()).isTrue();
    assertThat(heartbeat.hasContext()).isFalse();
  }

  @Test
  void aLeaderCountsItselfOnlyAfterItsOwnWrite() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    Ready ready = leader.core.ready();
    leader.core.step(message(MessageType.MsgAppResp, 2, 1, 2).setIndex(3).build());
    assertThat(leader.core.commit()).as("one follower, and no leader yet").isEqualTo(2);
    leader.log.append(ready.entries());
    leader.core.advance(ready);
    assertThat(leader.core.commit()).isEqualTo(3);
  }

  @Test
  void twoFollowersCommitWithoutTheLeadersDisk() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    Ready ready = leader.core.ready();
    leader.core.step(message(MessageType.MsgAppResp, 2, 1, 2).setIndex(3).build());
    leader.core.step(message(MessageType.MsgAppResp, 3, 1, 2).setIndex(3).build());
    assertThat(leader.core.commit()).isEqualTo(3);
    leader.log.append(ready.entries());
    leader.core.advance(ready);
    assertThat(leader.core.ready().committedEntries())
        .extracting(Entry::getIndex)
        .containsExactly(3L);
  }

  @Test
  void anEntryOfAnOlderTermIsCommittedOnlyByOneOfTheOwnTerm() {
    MemoryLog log = TestMember.freshLog(TestMember.voters(1, 2, 3));
    log.append(List.of(entry(2, 1)));
    TestMember leader = new TestMember(1, log, TestMember.config(1));
    leader.core.campaign();
    leader.drain();
    leader.receive(message(MessageType.MsgPreVoteResp, 2, 1, 2));
    leader.receive(message(MessageType.MsgVoteResp, 2, 1, 2));
    leader.acknowledge(2, 2);
    assertThat(leader.core.commit()).as("a quorum holds 2, but it is of term 1").isEqualTo(1);
    leader.acknowledge(2, 3);
    assertThat(leader.core.commit()).isEqualTo(3);
    assertThat(leader.core.hasCommittedInTerm()).isTrue();
  }

  @Test
  void aFollowerAnswersOnlyWhatItHasSaved() {
    TestMember member = TestMember.of(1, 1, 2, 3);
    member.core.step(
        message(MessageType.MsgApp, 2, 1, 2)
            .setIndex(1)
            .setLogTerm(1)
            .setCommit(2)
            .addEntries(entry(2, 2))
            .build());
    Ready ready = member.core.ready();
    assertThat(ready.sendBeforeSync()).isFalse();
    assertThat(ready.messages()).extracting(Message::getIndex).containsExactly(2L);
    assertThat(ready.entries()).containsExactly(entry(2, 2));
    assertThat(ready.committedEntries()).as("saved first").containsExactly(entry(2, 2));
  }

  @Test
  void aHigherCommitAloneNeedsNoSync() {
    TestMember member = TestMember.of(1, 1, 2, 3);
    member.receive(
        message(MessageType.MsgApp, 2, 1, 2).setIndex(1).setLogTerm(1).addEntries(entry(2, 2)));
    member.core.step(message(MessageType.MsgHeartbeat, 2, 1, 2).setCommit(2).build());
    Ready ready = member.core.ready();
    assertThat(ready.hardState()).isNotNull();
    assertThat(ready.mustSync()).isFalse();
  }

  @Test
  void acknowledgementsInARowBecomeOne() {
    TestMember member = TestMember.of(1, 1, 2, 3);
    for (long i = 2; i < 6; i++) {
      member.core.step(
          message(MessageType.MsgApp, 2, 1, 2)
              .setIndex(i - 1)
              .setLogTerm(i == 2 ? 1 : 2)
              .addEntries(entry(i, 2))
              .build());
    }
    assertThat(member.drain()).extracting(Message::getIndex).containsExactly(5L);
  }

  @Test
  void aRejectionHintsAtTheLastPlaceWhereTheLogsMayMatch() {
    MemoryLog log = TestMember.freshLog(TestMember.voters(1, 2, 3));
    log.append(List.of(entry(2, 1), entry(3, 4), entry(4, 4), entry(5, 4)));
    TestMember member = new TestMember(1, log, TestMember.config(1));
    Message rejection =
        member.receive(message(MessageType.MsgApp, 2, 1, 6).setIndex(5).setLogTerm(3)).get(0);
    assertThat(rejection.getReject()).isTrue();
    assertThat(rejection.getIndex()).as("what was rejected").isEqualTo(5);
    assertThat(rejection.getRejectHint()).as("a whole term skipped").isEqualTo(2);
    assertThat(rejection.getLogTerm()).isEqualTo(1);

    rejection =
        member.receive(message(MessageType.MsgApp, 2, 1, 6).setIndex(9).setLogTerm(6)).get(0);
    assertThat(rejection.getRejectHint()).as("the end of a shorter log").isEqualTo(5);
    assertThat(rejection.getLogTerm()).isEqualTo(4);
  }

  @Test
  void aLeaderSkipsItsOwnNewerTermsBehindTheHint() {
    MemoryLog log = TestMember.freshLog(TestMember.voters(1, 2, 3));
    log.append(List.of(entry(2, 1), entry(3, 3), entry(4, 3), entry(5, 5)));
    TestMember leader = new TestMember(1, log, TestMember.config(1));
    leader.receive(message(MessageType.MsgHeartbeat, 3, 1, 5));
    leader.core.campaign();
    leader.drain();
    leader.receive(message(MessageType.MsgPreVoteResp, 2, 1, 6));
    leader.receive(message(MessageType.MsgVoteResp, 2, 1, 6));
    // The follower's log: 1 1 2 2 2. Ours: 1 1 3 3 5.
    List<Message> retry =
        leader.receive(
            message(MessageType.MsgAppResp, 3, 1, 6)
                .setIndex(5)
                .setReject(true)
                .setRejectHint(5)
                .setLogTerm(2));
    assertThat(retry).hasSize(1);
    assertThat(retry.get(0).getIndex()).as("our last entry of term 2 or before").isEqualTo(2);
    assertThat(retry.get(0).getEntriesCount()).isEqualTo(4);
  }

  @Test
  void aMemberOfAnOlderVersionHintsWithoutATerm() {
    MemoryLog log = TestMember.freshLog(TestMember.voters(1, 2, 3));
    log.append(List.of(entry(2, 1), entry(3, 1), entry(4, 1)));
    TestMember leader = new TestMember(1, log, TestMember.config(1));
    leader.core.campaign();
    leader.drain();
    leader.receive(message(MessageType.MsgPreVoteResp, 2, 1, 2));
    leader.receive(message(MessageType.MsgVoteResp, 2, 1, 2));
    List<Message> retry =
        leader.receive(
            message(MessageType.MsgAppResp, 3, 1, 2).setIndex(4).setReject(true).setRejectHint(2));
    assertThat(retry.get(0).getIndex()).isEqualTo(2);
  }

  @Test
  void divergedLogsConvergeOnTheLeaders() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    cluster.propose(1, "a");
    cluster.isolate(1);
    for (int i = 0; i < 5; i++) {
      cluster.get(1).core.propose(data("lost" + i));
    }
    cluster.talk();
    cluster.tick(4 * TestMember.ELECTION_TICKS);
    long next = cluster.get(2).core.isLeader() ? 2 : 3;
    cluster.propose(next, "b");
    assertThat(cluster.get(1).core.lastIndex()).isGreaterThan(cluster.get(next).core.commit());
    cluster.heal();
    cluster.tick(3);
    cluster.propose(next, "c");
    assertThat(cluster.get(1).appliedTexts()).containsExactly("a", "b", "c");
    assertThat(cluster.get(1).core.leader()).isEqualTo(next);
  }

  @Test
  void aLateAppendIsAnsweredWithTheCommit() {
    TestMember member = TestMember.of(1, 1, 2, 3);
    member.receive(
        message(MessageType.MsgApp, 2, 1, 2)
            .setIndex(1)
            .setLogTerm(1)
            .setCommit(3)
            .addEntries(entry(2, 2))
            .addEntries(entry(3, 2)));
    Message answer =
        member
            .receive(
                message(MessageType.MsgApp, 2, 1, 2)
                    .setIndex(1)
                    .setLogTerm(1)
                    .addEntries(entry(2, 2)))
            .get(0);
    assertThat(answer.getIndex()).isEqualTo(3);
    assertThat(answer.getReject()).isFalse();
  }

  @Test
  void aHeartbeatPromisesNoMoreThanTheFollowerHolds() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    leader.drain();
    leader.acknowledge(2, 3);
    leader.core.tick();
    List<Message> heartbeats = only(MessageType.MsgHeartbeat, leader.drain());
    assertThat(heartbeats).extracting(Message::getTo).containsExactly(2L, 3L);
    assertThat(heartbeats).extracting(Message::getCommit).containsExactly(3L, 2L);
  }

  @Test
  void theWindowBoundsWhatIsInFlight() {
    TestMember leader = leader(0, 0, 2); // one entry per message
    for (int i = 0; i < 5; i++) {
      leader.core.propose(data("x" + i));
    }
    List<Message> toTwo = leader.drain().stream().filter(m -> m.getTo() == 2).toList();
    assertThat(toTwo).extracting(m -> m.getEntries(0).getIndex()).containsExactly(3L, 4L);
    assertThat(follower(leader, 2).paused()).isTrue();

    List<Message> more = leader.acknowledge(2, 3).stream().filter(m -> m.getTo() == 2).toList();

    assertThat(only(MessageType.MsgApp, more).get(0).getEntries(0).getIndex()).isEqualTo(5);
  }

  @Test
  void aFullWindowWhoseMessagesWereLostIsProbed() {
    TestMember leader = leader(0, 0, 1);
    leader.core.propose(data("x"));
    leader.core.propose(data("y"));
    leader.drain(); // lost
    List<Message> probe = leader.receive(message(MessageType.MsgHeartbeatResp, 2, 1, 2));
    assertThat(probe).hasSize(1);
    assertThat(probe.get(0).getEntriesCount()).isEqualTo(0);
    assertThat(probe.get(0).getIndex()).isEqualTo(3);
    List<Message> resent =
        leader.receive(
            message(MessageType.MsgAppResp, 2, 1, 2)
                .setIndex(3)
                .setReject(true)
                .setRejectHint(2)
                .setLogTerm(2));
    assertThat(resent.get(0).getEntries(0).getIndex()).isEqualTo(3);
  }

  @Test
  void anUnreachableFollowerIsProbedFromItsMatch() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    leader.drain();
    assertThat(follower(leader, 2).next()).isEqualTo(4);
    leader.core.reportUnreachable(2);
    assertThat(follower(leader, 2).state()).isEqualTo(ProgressState.PROBE);
    assertThat(follower(leader, 2).next()).isEqualTo(3);
  }

  @Test
  void tooMuchUncommittedPayloadIsRefused() {
    TestMember leader = leader(1 << 20, 10, 512);
    assertThat(leader.core.propose(ByteString.copyFrom(new byte[50]))).as("one fits").isTrue();
    assertThat(leader.core.propose(data("x"))).isFalse();
    assertThat(leader.core.propose(ByteString.EMPTY)).as("without payload").isTrue();
    leader.drain();
    leader.acknowledge(2, 4);
    assertThat(leader.core.propose(data("x"))).as("committed meanwhile").isTrue();
  }

  @Test
  void proposalsWithoutALeaderAreDropped() {
    TestMember member = TestMember.of(1, 1, 2, 3);
    assertThat(member.core.propose(data("x"))).isFalse();
    member.core.campaign();
    assertThat(member.core.propose(data("x"))).isFalse();
    member.receive(message(MessageType.MsgHeartbeat, 2, 1, 2));
    assertThat(member.core.propose(data("x"))).isTrue();
    Message forwarded = only(MessageType.MsgProp, member.drain()).get(0);
    assertThat(forwarded.getTo()).isEqualTo(2);
    assertThat(forwarded.getTerm()).isEqualTo(0);
    assertThat(forwarded.getEntries(0).getData()).isEqualTo(data("x"));
  }

  @Test
  void committedEntriesComeInBoundedPortions() {
    RaftConfig small =
        new RaftConfig(1, 10, 1, 1 << 20, 1, 0, 512, 0, true, true, ReadOnlyOption.SAFE, 0, false);
    TestMember member = new TestMember(1, TestMember.freshLog(TestMember.voters(1)), small);
    member.core.campaign();
    for (int i = 0; i < 3; i++) {
      member.core.propose(data("x" + i));
    }
    Ready first = member.core.ready();
    member.log.append(first.entries());
    member.core.advance(first);
    for (long index = 2; index <= 5; index++) {
      Ready portion = member.core.ready();
      assertThat(portion.committedEntries()).extracting(Entry::getIndex).containsExactly(index);
      member.core.advance(portion);
    }
    assertThat(member.core.hasReady()).isFalse();
  }

  @Test
  void aFollowerBehindTheCompactedLogGetsASnapshot() {
    TestCluster cluster = new TestCluster(1, 2, 3);
    cluster.elect(1);
    cluster.isolate(3);
    for (int i = 0; i < 5; i++) {
      cluster.propose(1, "x" + i);
    }
    TestMember leader = cluster.get(1);
    long applied = leader.core.applied();
    leader.log.createSnapshot(applied, leader.core.confState(), ByteString.EMPTY);
    leader.log.compact(applied);
    cluster.heal();
    cluster.tick(4);
    TestMember behind = cluster.get(3);
    assertThat(behind.log.snapshot().getMetadata().getIndex()).isEqualTo(applied);
    assertThat(behind.core.applied()).isEqualTo(applied);
    assertThat(follower(leader, 3).state()).isEqualTo(ProgressState.REPLICATE);
    cluster.propose(1, "after");
    assertThat(behind.appliedTexts()).containsExactly("after");
  }

  @Test
  void whatALiveMemberHasYetToGetIsNeeded() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    assertThat(leader.core.neededIndex()).isEqualTo(3);
    leader.core.propose(data("x"));
    leader.core.propose(data("y"));
    leader.drain();
    leader.acknowledge(2, 4);
    assertThat(leader.core.neededIndex()).isEqualTo(3);

    // Member 3 lost its disk and will get a snapshot, then what comes after that.
    leader.log.createSnapshot(4, leader.core.confState(), ByteString.EMPTY);
    leader.log.compact(4);
    leader.core.reportUnreachable(3);
    leader.receive(
        message(MessageType.MsgAppResp, 3, 1, 2).setIndex(2).setReject(true).setRejectHint(0));
    assertThat(follower(leader, 3).state()).isEqualTo(ProgressState.SNAPSHOT);
    leader.core.propose(data("z"));
    leader.drain();
    leader.acknowledge(2, 5);
    assertThat(leader.core.neededIndex()).isEqualTo(5);
    leader.core.reportSnapshot(3, true);
    assertThat(leader.core.neededIndex()).isEqualTo(5);
    leader.acknowledge(3, 4);
    assertThat(leader.core.neededIndex()).isEqualTo(5);
    leader.acknowledge(3, 5);
    assertThat(leader.core.neededIndex()).isEqualTo(6);
    assertThat(TestMember.of(1, 1, 2, 3).core.neededIndex())
        .as("who does not lead cannot know")
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aMemberThatIsSilentNeedsNothing() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    leader.drain();
    leader.acknowledge(2, 3);
    int looks = 0;
    while (leader.core.neededIndex() == 3) {
      assertThat(looks++).as("quorum checks before it counts as gone").isLessThan(12);
      for (int tick = 0; tick < TestMember.ELECTION_TICKS; tick++) {
        leader.core.tick();
      }
      leader.drain();
      leader.receive(message(MessageType.MsgHeartbeatResp, 2, 1, 2));
    }
    assertThat(looks).isEqualTo(11);
    assertThat(leader.core.neededIndex()).isEqualTo(4);
    leader.receive(message(MessageType.MsgHeartbeatResp, 3, 1, 2));
    assertThat(leader.core.neededIndex()).isEqualTo(3);
    leader.core.reportUnreachable(3);
    assertThat(leader.core.neededIndex()).as("gone as far as anybody knows").isEqualTo(4);
    leader.receive(message(MessageType.MsgHeartbeatResp, 3, 1, 2));
    assertThat(leader.core.neededIndex()).isEqualTo(3);
  }

  @Test
  void aWindowThatIsFullOfBytesOpensWithTheAnswer() {
    RaftConfig narrow = TestMember.config(1, 100, 300);
    TestMember leader =
        new TestMember(1, TestMember.freshLog(TestMember.voters(1, 2, 3)), narrow).lead();
    for (int i = 0; i < 4; i++) {
      leader.core.propose(data("x".repeat(200)));
    }
    assertThat(appendsTo(3, leader.drain())).as("the second one crosses the limit").isEqualTo(2);
    assertThat(appendsTo(3, leader.acknowledge(3, 3))).isEqualTo(1);
    assertThat(appendsTo(3, leader.acknowledge(3, 5))).isEqualTo(1);
  }

  private static long appendsTo(long member, List<Message> messages) {
    return messages.stream().filter(m -> m.getTo() == member && m.getEntriesCount() > 0).count();
  }

  @Test
  void aFailedSnapshotIsSentAgainAfterTheNextHeartbeat() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    leader.drain();
    leader.acknowledge(2, 3);
    leader.log.createSnapshot(3, leader.core.confState(), ByteString.EMPTY);
    leader.log.compact(3);
    // Member 3 has lost its disk.
    leader.core.reportUnreachable(3);
    List<Message> sent =
        leader.receive(
            message(MessageType.MsgAppResp, 3, 1, 2).setIndex(2).setReject(true).setRejectHint(0));
    // Its match is 2, which is behind the compacted log, too.
    assertThat(sent).extracting(Message::getType).containsExactly(MessageType.MsgSnap);
    assertThat(follower(leader, 3).pendingSnapshot()).isEqualTo(3);

    leader.core.reportSnapshot(3, false);
    assertThat(leader.drain()).as("not at once").isEmpty();
    assertThat(leader.receive(message(MessageType.MsgHeartbeatResp, 3, 1, 2)))
        .extracting(Message::getType)
        .containsExactly(MessageType.MsgSnap);
  }

  @Test
  void aSnapshotOfWhatTheLogHoldsOnlyMovesTheCommit() {
    MemoryLog log = TestMember.freshLog(TestMember.voters(1, 2, 3));
    log.append(List.of(entry(2, 1), entry(3, 1), entry(4, 1)));
    TestMember member = new TestMember(1, log, TestMember.config(1));
    List<Message> answers =
        member.receive(
            message(MessageType.MsgSnap, 2, 1, 2)
                .setSnapshot(TestMember.snapshot(3, 1, TestMember.voters(1, 2, 3))));
    assertThat(answers.get(0).getIndex()).isEqualTo(3);
    assertThat(member.core.commit()).isEqualTo(3);
    assertThat(member.core.lastIndex()).as("nothing thrown away").isEqualTo(4);
    assertThat(member.applied).hasSize(2);
  }

  @Test
  void aSnapshotThatDoesNotKnowTheMemberIsNotInstalled() {
    TestMember member = TestMember.of(1, 1, 2, 3);
    member.receive(
        message(MessageType.MsgSnap, 2, 1, 2)
            .setSnapshot(TestMember.snapshot(9, 2, TestMember.voters(2, 3))));
    assertThat(member.core.lastIndex()).isEqualTo(1);
  }

  @Test
  void oneReadyAtATime() {
    TestMember leader = TestMember.of(1, 1, 2, 3).lead();
    leader.core.propose(data("x"));
    Ready ready = leader.core.ready();
    leader.core.propose(data("y"));
    assertThat(leader.core.hasReady()).isFalse();
    assertThatThrownBy(leader.core::ready).isInstanceOf(IllegalStateException.class);
    leader.log.append(ready.entries());
    leader.core.advance(ready);
    assertThatThrownBy(() -> leader.core.advance(ready)).isInstanceOf(IllegalStateException.class);
    assertThat(leader.core.ready().entries()).hasSize(1);
  }

  @Test
  void aRestartedMemberSeesOnlyWhatItHasNotApplied() {
    TestMember member = TestMember.of(1, 1);
    member.core.campaign();
    member.core.propose(data("a"));
    member.core.propose(data("b"));
    member.drain();
    RaftConfig config =
        new RaftConfig(
            1, 10, 1, 1 << 20, 1 << 20, 0, 512, 0, true, true, ReadOnlyOption.SAFE, 3, false);
    TestMember restarted = new TestMember(1, member.log, config);
    restarted.drain();
    assertThat(restarted.appliedTexts()).containsExactly("b");
    assertThat(restarted.core.term()).isEqualTo(2);
  }
}
