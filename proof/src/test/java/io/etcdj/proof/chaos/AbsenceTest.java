package io.etcdj.proof.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.etcdj.proof.Command;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.cluster.Await;
import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Lineup;
import io.etcdj.proof.cluster.Member;
import io.etcdj.proof.history.Verdict.Outcome;
import io.grpc.CallOptions;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member is away for long, or has no room to write. */
final class AbsenceTest {
  /** More than the original keeps behind its snapshots (5000). */
  private static final int WRITES = 8_000;

  /** So many that all members must have written them to disk if they can. */
  private static final int CALLS = 1_000;

  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private final Journal journal = new Journal(line -> {});

  @Test
  void aMemberThatWasAwayForLongIsBroughtUpBySnapshot() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest(), "--snapshot-count=1000")) {
      Member leader = cluster.awaitLeader();
      leader.control().put("first", "write");
      cluster.awaitSettled();
      Member away = cluster.members().stream().filter(m -> m != leader).findFirst().orElseThrow();
      away.stop();
      writeMany(leader);
      // The load goes on while it catches up, and sees nothing of it.
      Trial trial = Trial.start(cluster, Load.Settings.USUAL, 1, journal);
      away.launch();
      away.awaitReady();
      cluster.awaitSettled();
      assertThat(snapshotLines(away)).as("the member's log:\n" + away.process().log()).isNotEmpty();
      assertThat(away.control().list("many/").getCount()).isEqualTo(WRITES);
      trial.load().stopWorking();
      cluster.awaitSettled();
      long revision = Cluster.revision(leader);
      for (Member member : cluster.members()) {
        if (member.make() == away.make()) {
          assertThat(Cluster.hash(member, revision)).isEqualTo(Cluster.hash(away, revision));
        }
      }
      trial.load().stopWatching();
    }
  }

  private static List<String> snapshotLines(Member member) {
    return member.process().log().lines().filter(l -> l.contains("applying snapshot")).toList();
  }

  /** Some at a time, so that it does not take long. */
  private static void writeMany(Member member) throws InterruptedException {
    Semaphore room = new Semaphore(64);
    var puts =
        IntStream.range(0, WRITES)
            .mapToObj(
                i -> {
                  room.acquireUninterruptibly();
                  var put =
                      ClientCalls.futureUnaryCall(
                          member
                              .control()
                              .channel()
                              .newCall(
                                  GrpcClient.PUT,
                                  CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS)),
                          GrpcClient.putRequest("many/" + i, ByteString.copyFrom(new byte[128])));
                  put.addListener(room::release, Runnable::run);
                  return put;
                })
            .toList();
    for (int i = 0; i < WRITES; i++) {
      try {
        puts.get(i).get();
      } catch (ExecutionException refused) { // an election in between
        assertThat(refused.getCause()).isInstanceOf(StatusRuntimeException.class);
        String key = "many/" + i;
        Await.value(SOON, key, () -> Optional.of(member.control().put(key, "again")));
      }
    }
  }

  @Test
  void aFullDiskOfOneMemberHarmsNobody() throws InterruptedException, IOException {
    Path disk = Files.createDirectory(directory.resolve("m1"));
    assumeTrue(mount(disk), "mounting a small file system is not allowed here");
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Member full = cluster.members().get(0);
      Trial trial = Trial.start(cluster, Load.Settings.USUAL, 1, journal);
      trial.awaitCalls(50);
      Path filler = fill(disk);
      long startNanos = System.nanoTime();
      trial.awaitCalls(CALLS);
      boolean stayed = full.isUp();
      System.out.printf(
          "%s: with the disk of one full, %d calls were answered within %d ms, and it %s%n",
          Lineup.underTest(),
          CALLS,
          (System.nanoTime() - startNanos) / 1_000_000,
          stayed ? "stayed" : "stopped");
      Files.delete(filler);
      if (!full.isUp()) {
        full.launch();
        full.awaitReady();
      }
      trial.awaitCalls(50);
      Report report = trial.finish();
      assertThat(report.verdict().outcome()).as(report + cluster.logs(30)).isEqualTo(Outcome.HOLDS);
    } finally {
      assertThat(run("umount", "-l", disk.toString())).isZero();
    }
  }

  private static boolean mount(Path disk) {
    return run("mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", disk.toString()) == 0;
  }

  private static int run(String... command) {
    try {
      return Command.run(null, Map.of(), List.of(command)).exitCode();
    } catch (UncheckedIOException missing) {
      return -1;
    }
  }

  private static Path fill(Path disk) throws IOException {
    Path filler = disk.resolve("filler");
    byte[] block = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException isFull) {
      return filler;
    }
  }
}
