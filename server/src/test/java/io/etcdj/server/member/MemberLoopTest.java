package io.etcdj.server.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What of a follower's news reaches the disk, and when. */
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

  private void append(long index, long commit) throws IOException {
    loop.step(TestFollower.append(index, commit));
    loop.process();
  }

  private void commitTo(long index) throws IOException {
    loop.step(TestFollower.heartbeat(index));
    loop.process();
  }
}
