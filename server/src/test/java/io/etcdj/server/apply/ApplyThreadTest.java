package io.etcdj.server.apply;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RequestHeader;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which thread changes the state, and that only one does. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ApplyThreadTest {
  private static final InternalRaftRequest PUT =
      InternalRaftRequest.newBuilder()
          .setHeader(RequestHeader.newBuilder().setID(7))
          .setPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("key")))
          .build();
  private static final InternalRaftRequest DELETE =
      InternalRaftRequest.newBuilder()
          .setHeader(RequestHeader.newBuilder().setID(7))
          .setDeleteRange(DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("key")))
          .build();

  private final List<Long> applied = new CopyOnWriteArrayList<>();
  private final List<Thread> appliers = new CopyOnWriteArrayList<>();
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();
  private final AtomicBoolean inside = new AtomicBoolean();
  private volatile boolean room = true;
  private final ApplyThread thread = new ApplyThread(this::apply, () -> room, faults::add);

  @AfterEach
  void stop() {
    thread.close();
    assertThat(faults).isEmpty();
  }

  @Test
  void aFewPutsAreAppliedWhereTheyAreCommitted() {
    thread.committed(List.of(entry(1, PUT), entry(2, PUT)));
    assertThat(applied).containsExactly(1L, 2L);
    assertThat(appliers).containsOnly(Thread.currentThread());
  }

  @Test
  void whatMayTakeLongIsLeftToItsOwnThread() {
    thread.committed(List.of(entry(1, DELETE)));
    thread.committed(List.of(configuration(2)));
    thread.committed(IntStream.range(3, 100).mapToObj(i -> entry(i, PUT)).toList());
    assertThat(applied).isEmpty();
    thread.start();
    settle();
    assertThat(applied).hasSize(99).isSorted();
    assertThat(appliers).doesNotContain(Thread.currentThread());
  }

  @Test
  void nobodyWaitsForTheDatabaseButItsOwnThread() {
    room = false;
    thread.committed(List.of(entry(1, PUT)));
    assertThat(applied).isEmpty();
    thread.start();
    settle();
    assertThat(applied).containsExactly(1L);
    assertThat(appliers).doesNotContain(Thread.currentThread());
  }

  @Test
  void nothingOvertakesWhatWaits() {
    CompletableFuture<Void> gate = new CompletableFuture<>();
    thread.start();
    thread.execute(gate::join);
    thread.committed(List.of(entry(1, PUT)));
    thread.committed(List.of(entry(2, PUT)));
    assertThat(applied).isEmpty();
    gate.complete(null);
    settle();
    assertThat(applied).containsExactly(1L, 2L);
  }

  @Test
  void itLagsUntilLittleWaitsToBeApplied() {
    ByteString megabyte = ByteString.copyFrom(new byte[1 << 20]);
    int megabytes = 0;
    while (!thread.lags()) {
      megabytes++;
      thread.committed(List.of(entry(megabytes, DELETE).toBuilder().setData(megabyte).build()));
    }
    assertThat((long) megabytes).isBetween(2L, 33L);
    thread.start();
    settle();
    assertThat(applied).hasSize(megabytes);
    assertThat(thread.lags()).isFalse();
  }

  @Test
  void nothingIsAppliedAfterTheEnd() {
    thread.start();
    thread.close();
    thread.committed(List.of(entry(1, PUT)));
    assertThat(applied).isEmpty();
  }

  @Test
  void entriesKeepTheirOrderWhileOthersBringTasks() throws InterruptedException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    thread.start();
    List<Thread> others = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      Thread other =
          new Thread(
              () -> {
                for (int i = 0; i < 5_000; i++) {
                  thread.execute(this::alone);
                }
              });
      others.add(other);
      other.start();
    }
    int last = 0;
    while (last < 20_000) {
      List<Entry> batch = new ArrayList<>();
      for (int size = 1 + random.nextInt(8); size > 0; size--) {
        batch.add(entry(++last, random.nextInt(10) == 0 ? DELETE : PUT));
      }
      thread.committed(batch);
    }
    for (Thread other : others) {
      other.join();
    }
    settle();
    assertThat(applied)
        .as("seed " + seed)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, last).mapToObj(Long::valueOf).toList());
  }

  private void apply(List<Entry> entries) {
    alone();
    appliers.add(Thread.currentThread());
    applied.addAll(entries.stream().map(Entry::getIndex).toList());
  }

  private void alone() {
    if (!inside.compareAndSet(false, true)) {
      throw new AssertionError("two threads change the state at once");
    }
    inside.set(false);
  }

  private static Entry entry(long index, InternalRaftRequest command) {
    return Entry.newBuilder().setIndex(index).setTerm(1).setData(command.toByteString()).build();
  }

  private static Entry configuration(long index) {
    return Entry.newBuilder().setIndex(index).setTerm(1).setType(EntryType.EntryConfChange).build();
  }

  /** Waits until the thread has done everything that was brought before. */
  private void settle() {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    thread.execute(() -> reached.complete(null));
    reached.join();
  }
}
