package io.etcdj.server.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whole clusters, simulated.
 *
 * <p>{@code -Dseed=N} replays one and tells its story, {@code -Dsoak=100} runs a hundred times as
 * many seeds, {@code -Dfirst=N} begins elsewhere.
 */
class ClusterSimulationTest {
  private static final int SEEDS = 150;

  @Test
  void aClusterKeepsItsWordInEveryStorm() {
    long fixed = Long.getLong("seed", -1);
    long first = fixed >= 0 ? fixed : Long.getLong("first", 1);
    long seeds = fixed >= 0 ? 1 : (long) SEEDS * Integer.getInteger("soak", 1);
    @Nullable Consumer<String> trace = fixed >= 0 ? System.out::println : null;
    long startNanos = System.nanoTime();
    long steps = 0;
    long operations = 0;
    long compared = 0;
    int crashes = 0;
    int installs = 0;
    int changes = 0;
    for (long seed = first; seed < first + seeds; seed++) {
      ClusterSimulation simulation = new ClusterSimulation(seed, trace);
      try {
        simulation.run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("replay with -Dseed=" + seed + ": " + e.getMessage(), e);
      }
      steps += simulation.steps();
      operations += simulation.history().endedOperations();
      compared += simulation.history().comparedDigests();
      crashes += simulation.crashes;
      installs += simulation.installs;
      changes += simulation.changes;
    }
    System.out.printf(
        "cluster simulation: %d seeds from %d, %d steps, %d operations, %d states compared, "
            + "%d crashes, %d snapshots installed, %d changes of members, %.1f s%n",
        seeds,
        first,
        steps,
        operations,
        compared,
        crashes,
        installs,
        changes,
        (System.nanoTime() - startNanos) / 1e9);
    if (fixed < 0) {
      assertThat(operations).isGreaterThan(200 * seeds);
      assertThat(crashes).isGreaterThan(Math.toIntExact(3 * seeds));
      assertThat(installs).isGreaterThan(Math.toIntExact(seeds));
      assertThat(changes).isGreaterThan(Math.toIntExact(seeds / 4));
    }
  }
}
