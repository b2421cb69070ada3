package io.etcdj.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SingleMemberTest {
  private final MemoryLog log = logOf(1);
  private final RaftCore core = new RaftCore(config(1), log, new Random(1));

  @Test
  void aClusterOfOneElectsItselfAndCommits() {
    core.campaign();
    Ready elected = core.ready();
    assertThat(elected.softState()).isEqualTo(new SoftState(1, Role.LEADER));
    assertThat(elected.hardState())
        .isEqualTo(HardState.newBuilder().setTerm(1).setVote(1).setCommit(1).build());
    assertThat(elected.entries()).hasSize(1);
    assertThat(elected.mustSync()).isTrue();
    assertThat(elected.sendBeforeSync()).isFalse();
    assertThat(elected.committedEntries()).as("nothing is committed before it is saved").isEmpty();
    save(elected);
    core.advance(elected);

    assertThat(core.propose(ByteString.copyFromUtf8("x"))).isTrue();
    List<Entry> applied = drain();

    assertThat(applied).extracting(Entry::getIndex).containsExactly(2L, 3L);
    assertThat(applied.get(1).getData().toStringUtf8()).isEqualTo("x");
    assertThat(core.commit()).isEqualTo(3);
    assertThat(core.hasReady()).isFalse();
  }

  @Test
  void aSingleVoterReadsOnlyAfterItsFirstCommitInTheTerm() {
    core.campaign();
    core.readIndex(ByteString.copyFromUtf8("r"));
    Ready first = core.ready();
    assertThat(first.readStates()).isEmpty();
    save(first);
    core.advance(first);
    assertThat(core.ready().readStates())
        .containsExactly(new ReadState(2, ByteString.copyFromUtf8("r")));
  }

  private List<Entry> drain() {
    List<Entry> applied = new ArrayList<>();
    while (core.hasReady()) {
      Ready ready = core.ready();
      save(ready);
      applied.addAll(ready.committedEntries());
      core.advance(ready);
    }
    return applied;
  }

  private void save(Ready ready) {
    log.append(ready.entries());
    if (ready.hardState() != null) {
      log.setHardState(ready.hardState());
    }
  }

  private static MemoryLog logOf(long... voters) {
    MemoryLog log = new MemoryLog();
    ConfState.Builder conf = ConfState.newBuilder();
    for (long voter : voters) {
      conf.addVoters(voter);
    }
    log.applySnapshot(
        Snapshot.newBuilder()
            .setMetadata(SnapshotMetadata.newBuilder().setIndex(1).setTerm(0).setConfState(conf))
            .build());
    return log;
  }

  private static RaftConfig config(long id) {
    return new RaftConfig(
        id, 10, 1, 1 << 20, 1 << 20, 0, 512, 0, true, true, ReadOnlyOption.SAFE, 0, false);
  }
}
