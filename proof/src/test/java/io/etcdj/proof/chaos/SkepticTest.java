package io.etcdj.proof.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.cluster.Await;
import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Lineup;
import io.etcdj.proof.cluster.Member;
import io.etcdj.proof.history.Call;
import io.etcdj.proof.history.Verdict.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a trial would notice: each of these goes wrong on purpose. */
final class SkepticTest {
  @TempDir private Path directory;

  private final Journal journal = new Journal(line -> {});

  /** That the trial failed for a reason that has one of these words; which one is up to chance. */
  private static void assertNoticed(Report report, String... words) {
    assertThat(report.verdict().outcome()).as(report.toString()).isEqualTo(Outcome.VIOLATED);
    assertThat(report.verdict().findings())
        .anySatisfy(each -> assertThat(each).containsAnyOf(words));
  }

  /** A member that hears nothing of the others answers a read from its own store. */
  @Test
  void readsWithoutAQuorumAreNoticed() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Trial trial = Trial.start(cluster, Load.Settings.USUAL, 1, journal);
      trial.awaitCalls(50);
      Member leader = cluster.awaitLeader();
      Member follower =
          cluster.members().stream().filter(m -> m != leader).findFirst().orElseThrow();
      History history = trial.load().history();
      try (Caller honest = new Caller(90, history, false);
          Caller liar = new Caller(91, history, true)) {
        awaitAnswer(honest, leader, new Call.Put("old"));
        cluster
            .network()
            .stall(List.of(follower.name()), cluster.network().others(follower.name()));
        awaitAnswer(honest, leader, new Call.Put("new"));
        awaitAnswer(liar, follower, new Call.Get());
      }
      cluster.network().heal();
      assertNoticed(trial.finish(), "not linearizable: key", "a read of the past");
    }
  }

  private static void awaitAnswer(Caller caller, Member member, Call call)
      throws InterruptedException {
    Duration deadline = Duration.ofSeconds(5);
    Await.value(
        Duration.ofSeconds(60),
        "an answer to " + call,
        () -> Optional.ofNullable(caller.make(member, "key", call, 0, false, deadline)));
  }

  @Test
  void aWatchThatSkipsARevisionIsNoticed() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Load.Settings settings = Load.Settings.USUAL.withResume(next -> next + 1);
      Trial trial = Trial.start(cluster, settings, 1, journal);
      for (int i = 0; i < 3; i++) {
        trial.awaitCalls(50);
        trial.load().watchers().forEach(Watcher::breakOff);
      }
      trial.awaitCalls(50);
      assertNoticed(trial.finish(), "skipped revision");
    }
  }

  /** All members lose their data at once. */
  @Test
  void lostWritesAreNoticed() throws InterruptedException, IOException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Trial trial = Trial.start(cluster, Load.Settings.USUAL, 1, journal);
      trial.awaitCalls(200);
      cluster.members().forEach(Member::kill);
      for (Member member : cluster.members()) {
        try (var files = Files.walk(member.settings().dataDirectory())) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
        member.launch();
      }
      cluster.members().forEach(Member::awaitReady);
      trial.awaitCalls(200);
      assertNoticed(trial.finish(), "not linearizable", "a write into the past", "lost: ");
    }
  }
}
