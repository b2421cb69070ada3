package io.etcdj.server.peer;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Databases on their way between members. */
@Timeout(120)
class SnapshotTransferTest {
  private static final long SIZE = 200L << 20;

  @TempDir Path here;
  @TempDir Path there;
  private TestMember a;
  private TestMember b;

  @BeforeEach
  void open() {
    a = new TestMember(1, here);
    b = new TestMember(2, there);
    a.knows(b);
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
  }

  @Test
  void aLargeDatabaseArrivesWholeAndIsNeverInMemory() throws Exception {
    Noise noise = new Noise(SIZE);
    System.gc();
    var memory = ManagementFactory.getMemoryMXBean();
    long before = memory.getHeapMemoryUsage().getUsed();
    long[] most = {0};
    noise.observer =
        sent -> {
          if (sent % (SIZE / 5) < Noise.PIECE) {
            System.gc(); // what is left is what is really held
            most[0] = Math.max(most[0], memory.getHeapMemoryUsage().getUsed() - before);
          }
        };
    long began = System.nanoTime();
    a.transport.sendSnapshot(snapshot(0x66), noise);
    assertThat(a.snapshots.poll(60, SECONDS)).isTrue();
    System.out.printf(
        "%d MB in %.2f s, at most %d KB held%n",
        SIZE >> 20, (System.nanoTime() - began) / 1e9, most[0] >> 10);
    assertThat(noise.closed.await(10, SECONDS)).isTrue();
    assertThat(b.received.poll(10, SECONDS)).isEqualTo(snapshot(0x66));
    Path file = there.resolve("0000000000000066.snap.db");
    assertThat(file).hasSize(SIZE);
    assertThat(crc(file)).isEqualTo(noise.crc.getValue());
    assertThat(most[0]).isLessThan(32L << 20);
    assertThat(a.metrics.expose())
        .contains("etcd_network_snapshot_send_success{To=\"2\"} 1")
        .contains("etcd_network_snapshot_send_inflights_total{To=\"2\"} 0");
  }

  @Test
  void aDatabaseThatCannotBeReadToItsEndIsNotKept() throws Exception {
    Noise noise = new Noise(10L << 20);
    noise.failAfter = 5L << 20;
    a.transport.sendSnapshot(snapshot(5), noise);
    assertThat(a.snapshots.poll(60, SECONDS)).isFalse();
    assertThat(a.unreachable.poll(10, SECONDS)).isEqualTo(2L);
    assertThat(noise.closed.await(10, SECONDS)).isTrue();
    TestMember.eventually("nothing is left of it", () -> isEmpty(there));
    assertThat(b.received).isEmpty();
    assertThat(a.metrics.expose()).contains("etcd_network_snapshot_send_failures{To=\"2\"} 1");
  }

  @Test
  void aMemberThatIsGoneGetsNone() throws Exception {
    b.close();
    Noise noise = new Noise(1 << 20);
    a.transport.sendSnapshot(snapshot(5), noise);
    assertThat(a.snapshots.poll(60, SECONDS)).isFalse();
    assertThat(noise.closed.await(10, SECONDS)).isTrue();
    Noise forNobody = new Noise(1 << 20);
    a.transport.sendSnapshot(snapshot(5).toBuilder().setTo(77).build(), forNobody);
    assertThat(a.snapshots.poll(60, SECONDS)).isFalse();
    assertThat(forNobody.closed.await(10, SECONDS)).isTrue();
    b = new TestMember(2, there);
  }

  @Test
  void aRefusalStopsTheTransfer() throws Exception {
    b.removed.add(1L);
    Noise noise = new Noise(1 << 20);
    a.transport.sendSnapshot(snapshot(5), noise);
    assertThat(a.snapshots.poll(60, SECONDS)).isFalse();
    assertThat(a.removedHere).hasPositiveValue();
  }

  @Test
  void aBodyThatWaitsForItsNextPieceIsClosedWhenTheTransferFails() throws Exception {
    Stuck stuck = new Stuck();
    a.transport.sendSnapshot(snapshot(5), stuck);
    assertThat(stuck.waits.await(60, SECONDS)).isTrue();
    b.close();
    assertThat(a.snapshots.poll(60, SECONDS)).isFalse();
    assertThat(stuck.ended.await(10, SECONDS)).isTrue();
    b = new TestMember(2, there);
  }

  private static boolean isEmpty(Path directory) {
    try (var files = Files.list(directory)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static long crc(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        crc.update(buffer, 0, n);
      }
    }
    return crc.getValue();
  }

  private static Message snapshot(long index) {
    return Message.newBuilder()
        .setType(MessageType.MsgSnap)
        .setFrom(1)
        .setTo(2)
        .setTerm(3)
        .setSnapshot(
            Snapshot.newBuilder()
                .setMetadata(SnapshotMetadata.newBuilder().setIndex(index).setTerm(2)))
        .build();
  }

  /** One piece, and no other until it is closed. */
  private static final class Stuck implements SnapshotBody {
    final CountDownLatch waits = new CountDownLatch(1);
    final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean begun;

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      if (!begun) {
        begun = true;
        return ByteBuffer.allocate(Noise.PIECE);
      }
      waits.countDown();
      try {
        closed.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      ended.countDown();
      return null;
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  /** So many bytes that nobody can guess. */
  private static final class Noise implements SnapshotBody {
    static final int PIECE = 200_000;
    final CountDownLatch closed = new CountDownLatch(1);
    final CRC32C crc = new CRC32C();
    private final Random random = new Random(7);
    private final long size;
    private long sent;
    long failAfter = Long.MAX_VALUE;
    java.util.function.LongConsumer observer = s -> {};

    Noise(long size) {
      this.size = size;
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      if (sent >= failAfter) {
        throw new IOException("the disk is gone");
      }
      if (sent == size) {
        return null;
      }
      byte[] piece = new byte[(int) Math.min(PIECE, size - sent)];
      random.nextBytes(piece);
      crc.update(piece);
      sent += piece.length;
      observer.accept(sent);
      return ByteBuffer.wrap(piece);
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
