package io.etcdj.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProgressTest {
  private final Progress progress = new Progress(2, 11, new Inflights(2, 0));

  @Test
  void aProbeWaitsForItsAnswer() {
    progress.sent(3, 30, 5);
    assertThat(progress.isPaused()).isTrue();
    assertThat(progress.next()).as("not moved by hope").isEqualTo(11);
    progress.resume();
    assertThat(progress.isPaused()).isFalse();
  }

  @Test
  void aRejectedProbeGoesBackToTheHint() {
    assertThat(progress.maybeDecreaseTo(10, 6)).isTrue();
    assertThat(progress.next()).isEqualTo(7);
    assertThat(progress.maybeDecreaseTo(10, 3)).as("an answer to the first probe").isFalse();
    assertThat(progress.next()).isEqualTo(7);
    assertThat(progress.maybeDecreaseTo(6, 9)).as("never up").isTrue();
    assertThat(progress.next()).isEqualTo(6);
  }

  @Test
  void aProbeNeverGoesBackBehindTheMatch() {
    progress.maybeUpdate(4);
    progress.maybeDecreaseTo(10, 0);
    assertThat(progress.next()).isEqualTo(5);
  }

  @Test
  void replicationRunsAheadUntilTheWindowIsFull() {
    progress.maybeUpdate(10);
    progress.becomeReplicate();
    progress.sent(2, 20, 5);
    assertThat(progress.next()).isEqualTo(13);
    assertThat(progress.isPaused()).isFalse();
    progress.sent(1, 10, 5);
    assertThat(progress.windowIsFull()).isTrue();
    assertThat(progress.isPaused()).isTrue();

    progress.maybeUpdate(12);
    progress.freeInflights();

    assertThat(progress.windowIsFull()).isFalse();
    assertThat(progress.isPaused()).isFalse();
  }

  @Test
  void aRejectionDuringReplicationCountsOnlyAboveTheMatch() {
    progress.maybeUpdate(10);
    progress.becomeReplicate();
    progress.sent(5, 1, 0);
    assertThat(progress.maybeDecreaseTo(10, 3)).isFalse();
    assertThat(progress.next()).isEqualTo(16);
    assertThat(progress.maybeDecreaseTo(12, 3)).isTrue();
    assertThat(progress.next()).isEqualTo(11);
  }

  @Test
  void afterASnapshotTheProbeStartsBehindIt() {
    progress.becomeSnapshot(20);
    assertThat(progress.isPaused()).isTrue();
    progress.becomeProbe();
    assertThat(progress.next()).isEqualTo(21);

    progress.becomeSnapshot(30);
    progress.forgetSnapshot();
    progress.becomeProbe();
    assertThat(progress.next()).as("a failed one tells nothing").isEqualTo(1);
  }

  @Test
  void aCommitIsNewsOnlyOnceAndOnlyWithinWhatWasSent() {
    progress.maybeUpdate(10);
    progress.becomeReplicate();
    assertThat(progress.couldLearnCommit(10)).isTrue();
    progress.sent(0, 0, 10);
    assertThat(progress.couldLearnCommit(10)).isFalse();
    assertThat(progress.couldLearnCommit(12)).as("nothing sent beyond 10").isFalse();
    progress.sent(2, 2, 10);
    assertThat(progress.couldLearnCommit(12)).isTrue();
  }

  @Test
  void theWindowIsBoundedInMessagesAndInBytes() {
    Inflights window = new Inflights(3, 100);
    window.add(5, 60);
    assertThat(window.isFull()).isFalse();
    window.add(9, 60);
    assertThat(window.isFull()).as("120 of 100 bytes").isTrue();
    assertThatThrownBy(() -> window.add(10, 1)).isInstanceOf(IllegalStateException.class);
    window.freeThrough(6);
    window.add(10, 0);
    window.add(11, 0);
    assertThat(window.count()).isEqualTo(3);
    assertThat(window.isFull()).as("three messages").isTrue();
    window.freeThrough(10);
    assertThat(window.count()).isEqualTo(1);
    window.clear();
    assertThat(window.count()).isEqualTo(0);
  }

  @Test
  void theWindowKeepsItsOrderWhileItGrowsAndWraps() {
    Inflights window = new Inflights(100, 0);
    long added = 0;
    long freed = 0;
    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 7 && window.count() < 100; i++) {
        window.add(++added, 1);
      }
      freed += 5;
      window.freeThrough(freed);
      assertThat(window.count()).isEqualTo((int) (added - freed));
    }
  }
}
