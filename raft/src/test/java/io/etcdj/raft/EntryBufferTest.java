package io.etcdj.raft;

import static io.etcdj.raft.TestMember.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.raftpb.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EntryBufferTest {
  @Test
  void behavesAsAListThatIsCutAtBothEnds() {
    long seed = Long.getLong("seed", 1);
    Random random = new Random(seed);
    EntryBuffer buffer = new EntryBuffer(1);
    List<Entry> model = new ArrayList<>();
    long first = 1;
    for (int i = 0; i < 20_000; i++) {
      long last = first + model.size() - 1;
      switch (random.nextInt(10)) {
        case 0 -> {
          long through = first - 1 + random.nextInt(model.size() + 2);
          buffer.dropThrough(through);
          int dropped = (int) Math.min(model.size(), through - first + 1);
          model.subList(0, dropped).clear();
          first += dropped;
        }
        case 1 -> {
          long from = first + random.nextInt(model.size() + 1);
          buffer.truncateFrom(from);
          model.subList((int) (from - first), model.size()).clear();
        }
        default -> {
          for (int n = random.nextInt(20); n > 0; n--) {
            Entry entry = entry(++last, i);
            buffer.append(entry);
            model.add(entry);
          }
        }
      }
      assertThat(buffer.firstIndex()).as("seed %d step %d", seed, i).isEqualTo(first);
      assertThat(buffer.lastIndex()).isEqualTo(first + model.size() - 1);
      if (i % 10 == 0) {
        assertThat(buffer.slice(first, first + model.size()))
            .as("seed %d step %d", seed, i)
            .isEqualTo(model);
        assertThat(buffer.bytes())
            .as("seed %d step %d", seed, i)
            .isEqualTo(model.stream().mapToLong(EntryBuffer::bytes).sum());
        long within = buffer.firstWithin(buffer.bytes() / 2);
        long rest =
            model.stream().filter(e -> e.getIndex() >= within).mapToLong(EntryBuffer::bytes).sum();
        assertThat(rest).as("seed %d step %d", seed, i).isLessThanOrEqualTo(buffer.bytes() / 2);
      }
    }
  }

  @Test
  void whatFitsStays() {
    EntryBuffer buffer = new EntryBuffer(1);
    for (long index = 1; index <= 4; index++) {
      buffer.append(entry(index, 1));
    }
    long each = buffer.bytes() / 4;
    assertThat(buffer.firstWithin(4 * each)).isEqualTo(1);
    assertThat(buffer.firstWithin(4 * each - 1)).isEqualTo(2);
    assertThat(buffer.firstWithin(2 * each)).isEqualTo(3);
    assertThat(buffer.firstWithin(0)).isEqualTo(5);
  }

  @Test
  void anEntryThatDoesNotFollowIsRefused() {
    EntryBuffer buffer = new EntryBuffer(5);
    assertThatThrownBy(() -> buffer.append(entry(6, 1))).hasMessageContaining("log gap");
    buffer.append(entry(5, 1));
    assertThatThrownBy(() -> buffer.append(entry(5, 1))).hasMessageContaining("log gap");
  }

  @Test
  void aRunEndsBeforeTheEntryThatWouldCrossTheLimit() {
    EntryBuffer buffer = new EntryBuffer(1);
    buffer.append(entry(1, 1));
    buffer.append(entry(2, 1));
    buffer.append(entry(3, 1));
    int size = entry(1, 1).getSerializedSize();
    assertThat(buffer.endOfRun(1, 4, 2L * size)).isEqualTo(3);
    assertThat(buffer.endOfRun(1, 4, 2L * size - 1)).isEqualTo(2);
    assertThat(buffer.endOfRun(1, 4, 0)).isEqualTo(1);
    assertThat(buffer.endOfRun(1, 4, Long.MAX_VALUE)).isEqualTo(4);
  }
}
