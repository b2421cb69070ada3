package io.etcdj.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PacerTest {
  private static final long MILLI = 1_000_000;

  /** Time that moves only when told to, and what is to happen in it. */
  private final TreeMap<Long, Runnable> timetable = new TreeMap<>();

  private long now = 1000;

  private void at(long nanos, Runnable task) {
    long free = nanos;
    while (timetable.containsKey(free)) {
      free++;
    }
    timetable.put(free, task);
  }

  private void runTimetable() {
    int steps = 0;
    while (!timetable.isEmpty()) {
      assertThat(++steps).as("a pacer that has nothing to do must not stay awake").isLessThan(100);
      var next = timetable.pollFirstEntry();
      now = Math.max(now, next.getKey());
      next.getValue().run();
    }
  }

  private Pacer pacer(double ratePerSecond) {
    return new Pacer((nanos, task) -> at(now + nanos, task), () -> now, ratePerSecond);
  }

  /** A client of a server that takes the same time for each operation. */
  private final class SlowClient implements Pacer.Client {
    private final Pacer pacer;
    private final long serviceNanos;
    private final List<Long> latencies = new ArrayList<>();

    SlowClient(Pacer pacer, long serviceNanos) {
      this.pacer = pacer;
      this.serviceNanos = serviceNanos;
      pacer.add(this);
    }

    @Override
    public void begin(long startNanos, long index) {
      at(
          now + serviceNanos,
          () -> {
            latencies.add((now - startNanos) / MILLI);
            pacer.finished(this, true);
          });
    }
  }

  @Test
  void inAClosedLoopAClientsNextOperationBeginsWhenItsLastEnds() {
    Pacer pacer = pacer(0);
    SlowClient client = new SlowClient(pacer, 3 * MILLI);

    var done = pacer.run(4);
    runTimetable();

    assertThat(done).isCompleted();
    assertThat(client.latencies).containsExactly(3L, 3L, 3L, 3L);
  }

  @Test
  void inAnOpenLoopAnOperationThatHadToWaitCountsFromWhenItWasDue() {
    Pacer pacer = pacer(1000);
    SlowClient client = new SlowClient(pacer, 3 * MILLI);

    var done = pacer.run(4);
    runTimetable();

    assertThat(done).isCompleted();
    assertThat(client.latencies).containsExactly(3L, 5L, 7L, 9L);
  }

  @Test
  void inAnOpenLoopAFastServerIsAskedAtTheRateAndNoFaster() {
    Pacer pacer = pacer(100);
    SlowClient client = new SlowClient(pacer, MILLI);

    var done = pacer.run(5);
    runTimetable();

    assertThat(done).isCompleted();
    assertThat(client.latencies).containsExactly(1L, 1L, 1L, 1L, 1L);
    assertThat((now - 1000) / MILLI).isEqualTo(4 * 10 + 1);
  }

  @Test
  void aRunEndsWhenNoClientIsLeft() {
    Pacer pacer = pacer(0);
    pacer.add(
        new Pacer.Client() {
          @Override
          public void begin(long startNanos, long index) {
            pacer.finished(this, false);
          }
        });

    assertThat(pacer.run(1000)).isCompleted();
    assertThat(pacer.finished()).isEqualTo(1);
  }

  @Test
  void operationsThatEndAtOnceDoNotPileUpOnTheStack() {
    Pacer pacer = pacer(0);
    pacer.add(
        new Pacer.Client() {
          @Override
          public void begin(long startNanos, long index) {
            pacer.finished(this, true);
          }
        });

    assertThat(pacer.run(1_000_000)).isCompleted();
  }
}
