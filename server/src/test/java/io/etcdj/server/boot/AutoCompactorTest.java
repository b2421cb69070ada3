package io.etcdj.server.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.server.config.AutoCompaction;
import io.etcdj.server.log.Log;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AutoCompactorTest {
  private long nowNanos;
  private long revision = 1;
  private boolean leads = true;
  private final List<Long> compacted = new ArrayList<>();

  private AutoCompactor compactor(AutoCompaction mode) {
    return new AutoCompactor(
        mode, () -> leads, () -> revision, compacted::add, () -> nowNanos, Log.discarding());
  }

  private void run(AutoCompactor compactor, int looks, long revisionsPerLook) {
    for (int i = 0; i < looks; i++) {
      nowNanos += TimeUnit.MILLISECONDS.toNanos(compactor.intervalMillis());
      revision += revisionsPerLook;
      compactor.look();
    }
  }

  @Test
  void byAgeTheRevisionOfOneRetentionAgoIsKept() {
    AutoCompactor compactor = compactor(new AutoCompaction.Periodic(Duration.ofMinutes(10)));
    assertThat(compactor.intervalMillis()).isEqualTo(60_000);
    run(compactor, 10, 100);
    assertThat(compacted).isEmpty(); // nothing is that old yet
    run(compactor, 1, 100);
    assertThat(compacted).containsExactly(101L);
    run(compactor, 10, 100);
    assertThat(compacted).containsExactly(101L, 1101L);
  }

  @Test
  void byNumberTheNewestRevisionsAreKept() {
    AutoCompactor compactor = compactor(new AutoCompaction.Revisions(1_000));
    run(compactor, 1, 500);
    assertThat(compacted).isEmpty();
    run(compactor, 1, 700);
    assertThat(compacted).containsExactly(201L);
    run(compactor, 1, 0);
    assertThat(compacted).containsExactly(201L);
  }

  @Test
  void onlyTheLeaderCompacts() {
    leads = false;
    run(compactor(new AutoCompaction.Revisions(10)), 3, 500);
    assertThat(compacted).isEmpty();
  }

  @Test
  void offNeverLooks() {
    assertThat(compactor(new AutoCompaction.Off()).intervalMillis()).isZero();
  }
}
