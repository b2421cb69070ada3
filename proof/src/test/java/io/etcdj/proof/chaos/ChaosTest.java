package io.etcdj.proof.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Lineup;
import io.etcdj.proof.history.Verdict.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Harm of every kind under load; what clients saw must have been possible.
 *
 * <p>{@code -Dseed=…} to replay the choices, {@code -Dlineup=ours|original|mixed} for the members.
 */
final class ChaosTest {
  private static final Duration TIME = Duration.ofSeconds(9);

  @TempDir private Path directory;

  private final long seed = Long.getLong("seed", System.nanoTime() & 0xffff);
  private final Journal journal = new Journal(line -> {});

  private void run(Lineup lineup, List<Fault> faults) throws InterruptedException {
    journal.say("seed " + seed + ", " + lineup);
    try (Cluster cluster =
        Cluster.start(directory, lineup, "--snapshot-count=500", "--max-snapshots=2")) {
      Trial trial = Trial.start(cluster, Load.Settings.USUAL, seed, journal);
      try {
        new Nemesis(cluster, journal, seed).rage(TIME, faults);
        trial.awaitCalls(100); // after all that it serves as before
        Report report = trial.finish();
        System.out.println(lineup + ", seed " + seed + ": " + report);
        assertThat(report.verdict().outcome()).as(report.toString()).isEqualTo(Outcome.HOLDS);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "replay with -Dseed=" + seed + "\n" + journal + cluster.logs(30), e);
      }
    }
  }

  @Test
  void membersAreKilled() throws InterruptedException {
    run(
        Lineup.underTest(),
        List.of(Fault.KILL_LEADER, Fault.KILL_ONE, Fault.KILL_ALL, Fault.RESTART_STORM));
  }

  @Test
  void membersArePaused() throws InterruptedException {
    run(Lineup.underTest(), List.of(Fault.PAUSE_LEADER, Fault.PAUSE_LEADER, Fault.PAUSE_SOME));
  }

  @Test
  void linksFail() throws InterruptedException {
    run(
        Lineup.underTest(),
        List.of(
            Fault.CUT_OFF_LEADER,
            Fault.SILENCE_LEADER,
            Fault.SPLIT,
            Fault.ONE_WAY,
            Fault.SLOW,
            Fault.FLAP));
  }

  @Test
  void operatorsWork() throws InterruptedException {
    run(
        Lineup.underTest(),
        List.of(Fault.ROLLING_RESTART, Fault.MOVE_LEADER, Fault.REPLACE, Fault.COMPACT));
  }

  // ---- Members of ours and of the original in one cluster: each is the other's judge

  private static final List<Fault> ALL_BUT_SLOW_ONES =
      List.of(
          Fault.KILL_LEADER,
          Fault.KILL_ONE,
          Fault.PAUSE_LEADER,
          Fault.SILENCE_LEADER,
          Fault.SPLIT,
          Fault.MOVE_LEADER,
          Fault.COMPACT);

  @Test
  void twoOfOursAndOneOfTheOriginal() throws InterruptedException {
    run(Lineup.mixed(2, 1).orSkip(), ALL_BUT_SLOW_ONES);
  }

  @Test
  void oneOfOursAndTwoOfTheOriginal() throws InterruptedException {
    run(Lineup.mixed(1, 2).orSkip(), ALL_BUT_SLOW_ONES);
  }
}
