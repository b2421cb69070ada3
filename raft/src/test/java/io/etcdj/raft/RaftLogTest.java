package io.etcdj.raft;

import static io.etcdj.raft.TestMember.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaftLogTest {
  private static final long ALL = Long.MAX_VALUE;

  private final MemoryLog storage = new MemoryLog();

  /** Saved entries with these terms, from index 1 on. */
  private RaftLog saved(long... terms) {
    storage.append(entries(1, terms));
    return new RaftLog(storage);
  }

  private static List<Entry> entries(long from, long... terms) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      entries.add(entry(from + i, terms[i]));
    }
    return entries;
  }

  @Test
  void anAppendIsRefusedUnlessThePreviousEntryMatches() {
    RaftLog log = saved(1, 2);
    assertThat(log.maybeAppend(2, 3, 0, entries(3, 3))).isEqualTo(-1);
    assertThat(log.maybeAppend(3, 3, 0, entries(4, 3))).as("a gap").isEqualTo(-1);
    assertThat(log.lastIndex()).isEqualTo(2);
    assertThat(log.maybeAppend(2, 2, 0, entries(3, 3))).isEqualTo(3);
    assertThat(log.lastTerm()).isEqualTo(3);
  }

  @Test
  void aConflictingSuffixIsReplacedSavedOrNot() {
    RaftLog log = saved(1, 2, 2);
    log.append(entry(4, 2));
    assertThat(log.maybeAppend(1, 1, 0, entries(2, 3))).isEqualTo(2);
    assertThat(log.lastIndex()).isEqualTo(2);
    assertThat(log.term(2)).isEqualTo(3);
    assertThat(log.term(3)).isEqualTo(RaftLog.UNKNOWN_TERM);
    assertThat(log.entriesFrom(1, ALL)).isEqualTo(entries(1, 1, 3));
    assertThat(log.unstableEntries()).isEqualTo(entries(2, 3));
  }

  @Test
  void aLateAppendDoesNotCutOffWhatCameAfterIt() {
    RaftLog log = saved(1, 1, 1);
    assertThat(log.maybeAppend(0, 0, 0, entries(1, 1))).isEqualTo(1);
    assertThat(log.lastIndex()).isEqualTo(3);
    assertThat(log.hasUnstableEntries()).isFalse();
  }

  @Test
  void aCommittedEntryIsNeverReplaced() {
    RaftLog log = saved(1, 1);
    log.commitTo(2);
    assertThatThrownBy(() -> log.maybeAppend(1, 1, 2, entries(2, 2)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theLeadersCommitCountsOnlyAsFarAsItsAppendReaches() {
    RaftLog log = saved(1, 1, 1);
    log.maybeAppend(1, 1, 3, List.of());
    assertThat(log.committed()).as("2 and 3 may be of a dead leader").isEqualTo(1);
    log.maybeAppend(1, 1, 3, entries(2, 1));
    assertThat(log.committed()).isEqualTo(2);
  }

  @Test
  void onlyAnEntryOfTheCurrentTermCommitsByCount() {
    RaftLog log = saved(1, 2);
    assertThat(log.maybeCommit(2, 3)).isFalse();
    assertThat(log.maybeCommit(2, 2)).isTrue();
    assertThat(log.committed()).isEqualTo(2);
    assertThat(log.maybeCommit(3, 2)).as("not there").isFalse();
  }

  @Test
  void aLogIsUpToDateByLastTermFirstAndThenByLength() {
    RaftLog log = saved(1, 2, 2);
    assertThat(log.isUpToDate(3, 2)).isTrue();
    assertThat(log.isUpToDate(4, 2)).isTrue();
    assertThat(log.isUpToDate(2, 2)).isFalse();
    assertThat(log.isUpToDate(1, 3)).isTrue();
    assertThat(log.isUpToDate(9, 1)).isFalse();
  }

  @Test
  void theSearchForAConflictSkipsNewerTerms() {
    RaftLog log = saved(1, 3, 3, 5, 5, 5);
    assertThat(log.findConflictByTerm(6, 6)).isEqualTo(6);
    assertThat(log.findConflictByTerm(6, 5)).isEqualTo(6);
    assertThat(log.findConflictByTerm(6, 4)).isEqualTo(3);
    assertThat(log.findConflictByTerm(3, 2)).isEqualTo(1);
    assertThat(log.findConflictByTerm(1, 0)).isEqualTo(0);
  }

  @Test
  void theSearchForAConflictStopsWhereTheLogIsCompacted() {
    RaftLog log = saved(1, 3, 3);
    storage.compact(2);
    assertThat(log.findConflictByTerm(3, 2)).isEqualTo(1);
    assertThat(log.term(1)).isEqualTo(RaftLog.UNKNOWN_TERM);
  }

  @Test
  void theWriteOfAnEntryThatWasReplacedMeanwhileMeansNothing() {
    RaftLog log = saved(1);
    log.append(entry(2, 2));
    log.append(entry(3, 2));
    log.maybeAppend(1, 1, 0, entries(2, 3, 3)); // a new leader's, while 2 and 3 are being written
    log.stableTo(3, 2);
    assertThat(log.unstableEntries()).isEqualTo(entries(2, 3, 3));
    assertThat(log.lastStableIndex()).isEqualTo(1);
    storage.append(log.unstableEntries());
    log.stableTo(3, 3);
    assertThat(log.hasUnstableEntries()).isFalse();
    assertThat(log.lastStableIndex()).isEqualTo(3);
  }

  @Test
  void aReadCrossesFromTheSavedToTheUnsavedEntries() {
    RaftLog log = saved(1, 1);
    log.append(entry(3, 1));
    log.append(entry(4, 1));
    int size = entry(1, 1).getSerializedSize();
    assertThat(log.entriesFrom(1, ALL)).isEqualTo(entries(1, 1, 1, 1, 1));
    assertThat(log.entriesFrom(2, ALL)).isEqualTo(entries(2, 1, 1, 1));
    assertThat(log.entriesFrom(1, 3L * size)).isEqualTo(entries(1, 1, 1, 1));
    assertThat(log.entriesFrom(1, 2L * size)).isEqualTo(entries(1, 1, 1));
    assertThat(log.entriesFrom(1, 0)).isEqualTo(entries(1, 1));
    assertThat(log.entriesFrom(4, 0)).isEqualTo(entries(4, 1));
    assertThat(log.entriesFrom(5, ALL)).isEmpty();
  }

  @Test
  void aSnapshotReplacesTheLogAndHoldsBackEntriesUntilItIsInstalled() {
    RaftLog log = saved(1, 1);
    log.restore(TestMember.snapshot(9, 4, ConfState.getDefaultInstance()));
    log.maybeAppend(9, 4, 10, entries(10, 4));
    assertThat(log.firstIndex()).isEqualTo(10);
    assertThat(log.term(9)).isEqualTo(4);
    assertThat(log.term(2)).isEqualTo(RaftLog.UNKNOWN_TERM);
    assertThat(log.committed()).isEqualTo(10);
    assertThat(log.hasNextCommitted()).isFalse();

    storage.applySnapshot(log.snapshot());
    log.stableSnapshotTo(9);
    log.appliedTo(9);

    assertThat(log.nextCommitted(ALL)).isEqualTo(entries(10, 4));
  }

  @Test
  void aCommitBehindTheEndOfTheLogIsReportedAsLoss() {
    RaftLog log = saved(1);
    assertThatThrownBy(() -> log.commitTo(2)).hasMessageContaining("lost");
  }
}
