package io.etcdj.server.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of the news reaches the disk and when, and what of the log stays in memory. */
class MemberLoopTest {
  private final TestFollower follower = new TestFollower();
  private final MemberLoop loop = follower.loop;

  @Test
  void aHigherCommitIndexIsAppliedWithoutAWrite() throws IOException {
    append(2, 1);
    assertThat(follower.writes).containsExactly("1 entries, synced");

    commitTo(2);
    assertThat(follower.committed).containsExactly(2L);
    assertThat(follower.writes).hasSize(1);
  }

  @Test
  void itGoesAlongWithTheNextEntries() throws IOException {
    append(2, 1);
    commitTo(2);
    append(3, 2);
    assertThat(follower.writes).last().isEqualTo("1 entries, commit 2, synced");
  }

  @Test
  void orWithTheNextTickButOnce() throws IOException {
    append(2, 1);
    commitTo(2);
    loop.tick();
    loop.process();
    assertThat(follower.writes).last().isEqualTo("0 entries, commit 2");
    loop.tick();
    loop.process();
    assertThat(follower.writes).hasSize(2);
  }

  @Test
  void withoutTheDiskItGoesOnlyAsFarAsNothingIsPromised() throws IOException {
    loop.step(TestFollower.append(2, 1));
    assertThat(loop.processWithoutDisk()).isFalse();
    assertThat(follower.writes).isEmpty();
    assertThat(follower.sent).isEmpty();

    loop.process();
    assertThat(follower.writes).hasSize(1);
    assertThat(follower.sent).extracting(Message::getType).containsExactly(MessageType.MsgAppResp);

    loop.step(TestFollower.heartbeat(2));
    assertThat(loop.processWithoutDisk()).isTrue();
    assertThat(follower.committed).containsExactly(2L);
  }

  @Test
  void theNewestEntriesStayWhenTheLogIsCut() throws IOException {
    for (long index = 2; index <= 9; index++) {
      append(index, index);
    }
    long entryBytes = follower.log.bytes() / 8;
    loop.compactLog(8, TestFollower.CONF, new KeptLog(5, 1 << 20, 0));
    assertThat(follower.log.firstInMemory()).as("five behind what is applied").isEqualTo(4);
    loop.compactLog(9, TestFollower.CONF, new KeptLog(5, 3 * entryBytes, 0));
    assertThat(follower.log.firstInMemory()).as("as three are all that fit").isEqualTo(7);
  }

  @Test
  void whatAFollowerHasYetToGetStaysIfThereIsRoom() throws IOException {
    loop.core().campaign();
    loop.process();
    answer(MessageType.MsgPreVoteResp, 2, 0);
    answer(MessageType.MsgVoteResp, 2, 0);
    answer(MessageType.MsgAppResp, 2, 2);
    answer(MessageType.MsgAppResp, 3, 2);
    for (long index = 3; index <= 9; index++) {
      append(index);
    }
    follower.older.compacted = 1;
    loop.compactLog(8, TestFollower.CONF, new KeptLog(2, 1 << 20, 1 << 20));
    assertThat(follower.log.firstInMemory()).isEqualTo(7);
    assertThat(follower.older.compacted).as("member 3 has acknowledged 2").isEqualTo(2);
    loop.compactLog(9, TestFollower.CONF, new KeptLog(2, 1 << 20, 0));
    assertThat(follower.older.compacted).as("there is no room for more").isEqualTo(7);
  }

  /** As leader: member 2 has it, too. */
  private void append(long index) throws IOException {
    loop.propose(List.of(Entry.getDefaultInstance()));
    loop.process();
    answer(MessageType.MsgAppResp, 2, index);
  }

  private void answer(MessageType type, long from, long index) throws IOException {
    loop.step(
        Message.newBuilder()
            .setType(type)
            .setFrom(from)
            .setTo(TestFollower.SELF)
            .setTerm(2)
            .setIndex(index)
            .build());
    loop.process();
  }

  private void append(long index, long commit) throws IOException {
    loop.step(TestFollower.append(index, commit));
    loop.process();
  }

  private void commitTo(long index) throws IOException {
    loop.step(TestFollower.heartbeat(index));
    loop.process();
  }
}
