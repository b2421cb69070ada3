package io.etcdj.proof.hard;

import static io.etcdj.proof.GrpcClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.Metrics;
import io.etcdj.proof.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many watchers, slow watchers, and watchers that a compaction overtakes; in a small heap. */
final class WatchLoadTest {
  /** Heap, buffers outside of it, code. */
  private static final long MOST_BYTES = 600L << 20;

  @TempDir private Path directory;

  private ServerProcess start() {
    return ServerProcess.start(ServerProcess.Settings.ours(directory).withJvmFlags("-Xmx256m"));
  }

  private static ByteString noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(bytes).nextBytes(noise);
    return ByteString.copyFrom(noise);
  }

  @Test
  void tenThousandWatchersOnOneStreamGetAllTheirEvents() throws InterruptedException {
    int watchers = 10_000;
    try (ServerProcess server = start();
        GrpcClient client = new GrpcClient(server.clientPort());
        WatchProbe probe = new WatchProbe(server)) {
      for (int i = 0; i < watchers; i++) {
        // Half of them watch the same key, the others one of their own.
        probe.create(i + 1, i % 2 == 0 ? "same" : "own" + i, "", 0);
      }
      probe.await(60, () -> probe.created() == watchers, "creation of all");

      ByteString large = noise(50_000);
      for (int i = 0; i < 5; i++) {
        client.put("same", "small" + i);
      }
      client.call(GrpcClient.PUT, GrpcClient.putRequest("same", large)); // 250 MB in all
      client.put("same", "last");
      try (Load load = new Load(client, 64)) {
        for (int i = 1; i < watchers; i += 2) {
          load.call(GrpcClient.PUT, GrpcClient.putRequest("own" + i, bytes("value")));
        }
      }

      long expected = watchers / 2 * 7L + watchers / 2;
      probe.await(90, () -> probe.allEvents() >= expected, "all events");
      for (int i = 0; i < watchers; i++) {
        assertThat(probe.events(i + 1))
            .as("events of watcher " + (i + 1))
            .isEqualTo(i % 2 == 0 ? 7 : 1);
      }
      assertThat(server.anonymousBytes()).isLessThan(MOST_BYTES);
      Liveness.assertServes(server);
    }
  }

  @Test
  void aStreamThatIsNotReadDelaysNobodyAndMissesNothing() throws InterruptedException {
    int puts = 420; // of half a megabyte
    ByteString value = noise(500_000);
    try (ServerProcess server = start();
        GrpcClient client = new GrpcClient(server.clientPort());
        WatchProbe slow = new WatchProbe(server);
        WatchProbe quick = new WatchProbe(server)) {
      slow.create(1, "k", "l", 0);
      quick.create(1, "k", "l", 0);
      slow.await(60, () -> slow.created() == 1, "creation");
      quick.await(60, () -> quick.created() == 1, "creation");
      slow.stopReading();
      long startNanos = System.nanoTime();
      List<Long> delaysMillis = new ArrayList<>();
      for (int i = 0; i < puts; i++) {
        int expected = i + 1;
        client.call(GrpcClient.PUT, GrpcClient.putRequest("k" + i % 10, value));
        long acknowledgedNanos = System.nanoTime();
        quick.await(60, () -> quick.events(1) == expected, "event " + expected);
        delaysMillis.add((System.nanoTime() - acknowledgedNanos) / 1_000_000);
      }
      long restMillis = 10_000 - (System.nanoTime() - startNanos) / 1_000_000;
      if (restMillis > 0) {
        Liveness.pause(restMillis);
      }
      Collections.sort(delaysMillis);
      assertThat(delaysMillis.get(puts / 2)).as("median ms behind the answer").isLessThan(50);
      assertThat(delaysMillis.get(puts - 1)).as("most ms behind the answer").isLessThan(2_000);
      assertThat(slow.events(1)).isLessThan(50);
      assertThat(server.anonymousBytes()).isLessThan(MOST_BYTES);

      slow.readOn();
      slow.await(60, () -> slow.events(1) == puts, "all events");
      Liveness.pause(200);
      assertThat(slow.events(1)).isEqualTo(puts);
      Liveness.assertServes(server);
    }
  }

  private static TxnRequest puts(int first, int count) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = first; i < first + count; i++) {
      txn.addSuccess(
          RequestOp.newBuilder()
              .setRequestPut(GrpcClient.putRequest(String.format("c%04d", i % 1_000), bytes("v"))));
    }
    return txn.build();
  }

  @Test
  void aCompactionOvertakesSlowWatchersAndDisturbsNoWriter() throws Exception {
    ByteString value = noise(500_000);
    ExecutorService threads = Executors.newCachedThreadPool();
    try (ServerProcess server = start();
        GrpcClient client = new GrpcClient(server.clientPort());
        WatchProbe slow = new WatchProbe(server)) {
      slow.create(1, "k", "l", 0);
      slow.await(60, () -> slow.created() == 1, "creation");
      slow.stopReading();
      for (int i = 0; i < 60; i++) {
        client.call(GrpcClient.PUT, GrpcClient.putRequest("k", value));
      }
      try (Load load = new Load(client, 16)) {
        for (int i = 0; i < 1_000; i++) {
          load.call(GrpcClient.TXN, puts(i * 100, 100)); // 100,000 rows, 1,000 of which stay
        }
      }
      long revision = client.get("k").getHeader().getRevision();
      Future<?> compaction =
          threads.submit(
              () -> {
                try (GrpcClient other = new GrpcClient(server.clientPort())) {
                  other.call(
                      GrpcClient.COMPACT,
                      CompactionRequest.newBuilder()
                          .setRevision(revision)
                          .setPhysical(true)
                          .build());
                }
              });
      List<Long> millis = new ArrayList<>();
      do {
        long startNanos = System.nanoTime();
        client.put("during", "compaction");
        millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
      } while (!compaction.isDone());
      compaction.get();
      Collections.sort(millis);
      assertThat(millis).as("puts during the compaction").hasSizeGreaterThan(10);
      assertThat(millis.get(millis.size() / 2)).as("median ms of a put").isLessThan(100);
      assertThat(millis.get(millis.size() - 1)).as("most ms of a put").isLessThan(1_500);

      slow.readOn();
      slow.await(60, () -> slow.canceled(1), "cancellation");
      assertThat(slow.compactRevision(1)).isEqualTo(revision);
      assertThat(slow.events(1)).isLessThan(60);

      // Who asks for what is gone is told the same at once; who asks for what is left gets it.
      try (WatchProbe late = new WatchProbe(server)) {
        late.create(1, "k", "l", 2);
        late.await(60, () -> late.canceled(1), "cancellation");
        assertThat(late.compactRevision(1)).isEqualTo(revision);
        late.create(2, "during", "", revision);
        late.await(60, () -> late.events(2) == millis.size(), "what came after");
      }
      Liveness.assertServes(server);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aStreamWhoseClientIsGoneIsForgotten() throws InterruptedException {
    ByteString value = noise(500_000);
    try (ServerProcess server = start();
        GrpcClient client = new GrpcClient(server.clientPort())) {
      for (int round = 0; round < 20; round++) {
        try (WatchProbe probe = new WatchProbe(server)) {
          for (int i = 1; i <= 50; i++) {
            probe.create(i, "k", "", 0);
          }
          probe.await(60, () -> probe.created() == 50, "creation");
          probe.stopReading();
          for (int i = 0; i < 3; i++) {
            client.call(GrpcClient.PUT, GrpcClient.putRequest("k", value));
          }
          assertThat(probe.ended()).isNull();
        }
      }
      Liveness.await(
          60,
          () -> Metrics.value(server, "etcd_debugging_mvcc_watcher_total") == 0,
          () -> "watchers: " + Metrics.value(server, "etcd_debugging_mvcc_watcher_total"));
      assertThat(Metrics.value(server, "etcd_debugging_mvcc_slow_watcher_total")).isZero();
      Liveness.assertServes(server);
    }
  }
}
