package io.etcdj.proof.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.crash.Writer.Effect;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at random moments under load, again and again on the same data.
 *
 * <p>{@code -Dsoak=100} for a hundred rounds, {@code -Dseed=…} to replay the choices (the moments
 * themselves are the machine's).
 */
final class KillTest {
  private static final int ROUNDS = Integer.getInteger("soak", 5);
  private static final int WRITERS = 4;

  @TempDir private Path directory;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<Writer> writers = new ArrayList<>();
  private final WatchRecorder recorder = new WatchRecorder(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private long newestRevision;
  private long compacted;

  @Test
  void whatWasAcknowledgedIsThereAfterEveryKill() throws Exception {
    for (int i = 0; i < WRITERS; i++) {
      // One of them writes so much that the log goes on in further files.
      writers.add(new Writer(i, i == 0 ? 400_000 : 2_000, seed));
    }
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    int[] snapshotCounts = {10_000, 20, 100, 7, 1_000};
    try {
      for (int round = 0; round < ROUNDS; round++) {
        int snapshotCount = snapshotCounts[round % snapshotCounts.length];
        ServerProcess.Settings now =
            settings.withFlags("--snapshot-count=" + snapshotCount, "--max-snapshots=2");
        if (random.nextInt(3) == 0) {
          killWhileItStarts(now);
        }
        try (ServerProcess server = ServerProcess.start(now)) {
          oneRound(server, round);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError("round " + round, e);
        }
      }
      if (ROUNDS >= 5) {
        assertThat(names("member/snap", ".snap")).as("snapshot files").isNotEmpty();
      }
      if (ROUNDS >= 20) {
        assertThat(names("member/wal", ".wal")).as("log files").hasSizeGreaterThan(1);
      }
      try (ServerProcess server = ServerProcess.start(settings)) {
        checkHistory(server);
      }
    } catch (AssertionError | Exception e) {
      throw new AssertionError("replay with -Dseed=" + seed, e);
    } finally {
      threads.shutdownNow();
    }
  }

  private List<String> names(String folder, String suffix) throws Exception {
    try (var files = Files.list(directory.resolve("data").resolve(folder))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(n -> n.endsWith(suffix))
          .toList();
    }
  }

  private void killWhileItStarts(ServerProcess.Settings settings) throws InterruptedException {
    try (ServerProcess early = ServerProcess.launch(settings)) {
      Thread.sleep(100 + random.nextInt(1_200));
      early.kill();
    }
  }

  private void oneRound(ServerProcess server, int round) throws Exception {
    List<GrpcClient> clients = new ArrayList<>();
    try {
      GrpcClient control = new GrpcClient(server.clientPort());
      clients.add(control);
      long revision = control.get("w").getHeader().getRevision();
      assertThat(revision).as("revision").isGreaterThanOrEqualTo(newestRevision);
      assertThat(revision).as("revision").isGreaterThanOrEqualTo(recorder.seen());
      recorder.watch(control);
      recorder.awaitRevision(revision == 1 ? 0 : revision);
      recorder.events().forEach((at, effects) -> effects.forEach(e -> tellOfDeletion(at, e)));
      for (Writer writer : writers) {
        writer.compareAfterCrash(control);
      }
      List<Future<?>> running = new ArrayList<>();
      for (Writer writer : writers) {
        GrpcClient client = new GrpcClient(server.clientPort());
        clients.add(client);
        running.add(threads.submit(() -> writer.writeUntilTheEnd(client)));
      }
      if (round % 2 == 1) {
        running.add(threads.submit(() -> compactNowAndThen(server, control)));
      }
      Thread.sleep(300 + random.nextInt(1_500));
      server.kill();
      for (Future<?> each : running) {
        each.get();
      }
      for (Writer writer : writers) {
        newestRevision = Math.max(newestRevision, writer.newestRevision());
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } finally {
      clients.forEach(GrpcClient::close);
    }
  }

  private void tellOfDeletion(long revision, Effect effect) {
    if (effect.cell() == null) {
      writers.forEach(writer -> writer.deletionSeen(effect.key(), revision));
    }
  }

  /** Compacts what the recorder has seen already, so that it never asks for what is gone. */
  private void compactNowAndThen(ServerProcess server, GrpcClient client) {
    try {
      while (server.isAlive()) {
        Thread.sleep(150);
        long at = recorder.seen() - 100;
        if (at > compacted) {
          compacted = at; // also if the answer never comes
          client.call(GrpcClient.COMPACT, CompactionRequest.newBuilder().setRevision(at).build());
        }
      }
    } catch (StatusRuntimeException gone) {
      // the server was killed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The events over all crashes are exactly the writes that took effect, each once. */
  private void checkHistory(ServerProcess server) throws Exception {
    try (GrpcClient client = new GrpcClient(server.clientPort());
        GrpcClient second = new GrpcClient(server.clientPort())) {
      long revision = client.get("w").getHeader().getRevision();
      assertThat(revision).isGreaterThanOrEqualTo(newestRevision);
      recorder.watch(client);
      recorder.awaitRevision(revision);
      recorder.events().forEach((at, effects) -> effects.forEach(e -> tellOfDeletion(at, e)));
      Map<Long, List<Effect>> expected = new TreeMap<>();
      for (Writer writer : writers) {
        writer.compareAfterCrash(client);
        writer
            .history()
            .forEach(
                (at, effects) ->
                    assertThat(expected.put(at, effects)).as("revision " + at).isNull());
      }
      assertThat(recorder.events()).isEqualTo(expected);

      // Every revision is some write's: none is skipped.
      assertThat(expected.keySet()).hasSize(Math.toIntExact(revision - 1));

      WatchRecorder again = new WatchRecorder(Math.max(1, compacted));
      again.watch(second);
      again.awaitRevision(revision);
      Map<Long, List<Effect>> kept = new TreeMap<>(expected);
      kept.keySet().removeIf(at -> at < compacted);
      Map<Long, List<Effect>> reread = again.events();
      if (compacted > 0) {
        // At the compaction itself only the keys that are still as they were then remain.
        kept.remove(compacted);
        reread.remove(compacted);
      }
      assertThat(reread).as("history read again").isEqualTo(kept);
    }
  }
}
