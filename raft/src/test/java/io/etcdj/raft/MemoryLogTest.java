package io.etcdj.raft;

import static io.etcdj.raft.TestMember.entry;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Snapshot;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryLogTest {
  private static final ConfState CONF = TestMember.voters(1, 2);

  private final MemoryLog log = new MemoryLog();

  @BeforeEach
  void fill() {
    for (long i = 1; i <= 7; i++) {
      log.append(List.of(entry(i, i < 4 ? 1 : 2)));
    }
  }

  @Test
  void anEmptyLogStartsAtOne() {
    MemoryLog empty = new MemoryLog();
    assertThat(empty.firstIndex()).isEqualTo(1);
    assertThat(empty.lastIndex()).isEqualTo(0);
    assertThat(empty.term(0)).isEqualTo(0);
    assertThat(empty.snapshot().getMetadata().getIndex()).isEqualTo(0);
  }

  @Test
  void aCompactedLogStillKnowsTheTermBeforeItsFirstEntry() {
    log.compact(4);
    assertThat(log.firstIndex()).isEqualTo(5);
    assertThat(log.term(4)).isEqualTo(2);
    assertThatThrownBy(() -> log.term(3)).isInstanceOf(LogCompactedException.class);
    assertThatThrownBy(() -> log.entries(4, 6, 100)).isInstanceOf(LogCompactedException.class);
    assertThatThrownBy(() -> log.compact(4)).isInstanceOf(LogCompactedException.class);
    assertThatThrownBy(() -> log.compact(8)).isInstanceOf(LogUnavailableException.class);
    assertThatThrownBy(() -> log.entries(6, 9, 100)).isInstanceOf(LogUnavailableException.class);
    assertThat(log.entries(6, 8, 0)).containsExactly(entry(6, 2));
  }

  @Test
  void whatMemoryLetGoOfIsReadWhereItIsKept() {
    Kept kept = new Kept();
    MemoryLog tiered = new MemoryLog(kept);
    for (long i = 1; i <= 9; i++) {
      kept.saved.put(i, entry(i, i < 4 ? 1 : 2));
      tiered.append(List.of(entry(i, i < 4 ? 1 : 2)));
    }
    tiered.compact(7);
    assertThat(tiered.firstIndex()).isEqualTo(2);
    assertThat(tiered.firstInMemory()).isEqualTo(8);
    assertThat(tiered.term(1)).isEqualTo(1);
    assertThat(tiered.term(7)).isEqualTo(2);
    assertThat(tiered.entries(3, 10, 1000)).containsExactlyElementsOf(kept.entries(3, 8, 1000));
    assertThat(kept.askedBytes).isEqualTo(1000);
    tiered.entries(3, 10, 1 << 30);
    assertThat(kept.askedBytes).as("reading takes time").isEqualTo(256 << 10);
    assertThat(tiered.entries(8, 10, 1000)).containsExactly(entry(8, 2), entry(9, 2));
    assertThatThrownBy(() -> tiered.entries(1, 3, 9)).isInstanceOf(LogCompactedException.class);

    tiered.append(List.of(entry(6, 2), entry(7, 2), entry(8, 3)));
    assertThat(tiered.lastIndex()).as("only the tail is replaced").isEqualTo(8);

    tiered.compactOlder(5, 1000);
    assertThat(tiered.firstIndex()).isEqualTo(5);
    tiered.compactOlder(5, 2);
    assertThat(tiered.firstIndex()).as("no room for more than two").isEqualTo(8);
    tiered.compactOlder(Long.MAX_VALUE, 1000);
    assertThat(tiered.firstIndex()).as("memory is not touched").isEqualTo(8);

    tiered.applySnapshot(TestMember.snapshot(20, 4, CONF));
    assertThat(tiered.firstIndex()).isEqualTo(21);
    assertThat(kept.saved).as("what stood at 20 may have been another entry").isEmpty();
  }

  /** All that was saved, of which an entry takes one byte. */
  private static final class Kept implements OlderEntries {
    final NavigableMap<Long, Entry> saved = new TreeMap<>();
    long askedBytes;

    @Override
    public long firstIndex() {
      return saved.isEmpty() ? Long.MAX_VALUE : saved.firstKey() + 1;
    }

    @Override
    public long firstWithin(long maxBytes) {
      return saved.lastKey() - maxBytes + 1;
    }

    @Override
    public long term(long index) {
      return requireNonNull(saved.get(index)).getTerm();
    }

    @Override
    public List<Entry> entries(long lo, long hi, long maxBytes) {
      askedBytes = maxBytes;
      return List.copyOf(saved.subMap(lo, hi).values());
    }

    @Override
    public void compact(long index) {
      saved.headMap(index, false).clear();
    }
  }

  @Test
  void appendedEntriesReplaceTheTail() {
    log.append(List.of(entry(6, 3)));
    assertThat(log.lastIndex()).isEqualTo(6);
    assertThat(log.term(6)).isEqualTo(3);
    assertThatThrownBy(() -> log.append(List.of(entry(8, 3)))).hasMessageContaining("log gap");
  }

  @Test
  void appendedEntriesThatAreCompactedAlreadyArePassedOver() {
    log.compact(5);
    log.append(List.of(entry(4, 2), entry(5, 2)));
    assertThat(log.lastIndex()).as("nothing new in it").isEqualTo(7);
    log.append(List.of(entry(5, 2), entry(6, 3)));
    assertThat(log.lastIndex()).isEqualTo(6);
    assertThat(log.firstIndex()).isEqualTo(6);
  }

  @Test
  void aListOfEntriesOutlivesLaterChanges() {
    List<Entry> before = log.entries(5, 8, Long.MAX_VALUE);
    log.append(List.of(entry(5, 9)));
    assertThat(before).containsExactly(entry(5, 2), entry(6, 2), entry(7, 2));
  }

  @Test
  void aSnapshotOfThePresentStateLeavesTheLogAlone() {
    Snapshot snapshot = log.createSnapshot(5, CONF, ByteString.copyFromUtf8("state"));
    assertThat(snapshot.getMetadata().getTerm()).isEqualTo(2);
    assertThat(log.firstIndex()).isEqualTo(1);
    assertThat(log.initialState().confState()).isEqualTo(CONF);
    assertThat(log.createSnapshot(6, null, ByteString.EMPTY).getMetadata().getConfState())
        .as("no change of configuration since")
        .isEqualTo(CONF);
    assertThatThrownBy(() -> log.createSnapshot(6, CONF, ByteString.EMPTY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> log.createSnapshot(8, CONF, ByteString.EMPTY))
        .isInstanceOf(LogUnavailableException.class);
  }

  @Test
  void anInstalledSnapshotReplacesEverything() {
    log.applySnapshot(TestMember.snapshot(9, 4, CONF));
    assertThat(log.firstIndex()).isEqualTo(10);
    assertThat(log.lastIndex()).isEqualTo(9);
    assertThat(log.term(9)).isEqualTo(4);
    assertThatThrownBy(() -> log.applySnapshot(TestMember.snapshot(9, 4, CONF)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
