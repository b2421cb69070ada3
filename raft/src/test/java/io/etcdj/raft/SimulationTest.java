package io.etcdj.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SimulationTest {
  private static final int RUNS = 4000;
  private static final int STEPS = 4000;

  @Test
  void noStormMakesAClusterBreakASafetyPropertyOrStayStuck() {
    Long replayed = Long.getLong("seed");
    if (replayed != null) {
      run(replayed, System.out::println);
      return;
    }
    int runs = Integer.getInteger("runs", RUNS);
    int stranded = 0;
    for (long seed = 1; seed <= runs; seed++) {
      if (!run(seed, null)) {
        stranded++;
      }
    }
    assertThat(stranded).as("runs stranded by a crash").isLessThanOrEqualTo(1 + runs / 1000);
  }

  private static boolean run(long seed, @Nullable Consumer<String> trace) {
    try {
      return new Simulation(seed, trace).run(STEPS);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("replay with -Dseed=" + seed, e);
    }
  }
}
