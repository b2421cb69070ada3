package io.etcdj.server.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long DATABASE_BYTES = 10 * Pace.BYTES_PER_SECOND;

  private long nowNanos = 77;
  private long logBytes = 1_000_000;
  private final Pace pace = new Pace(DATABASE_BYTES, () -> logBytes, () -> nowNanos);

  @Test
  void whatIsSentAtOnceHasToWait() {
    assertThat(pace.aheadNanos(0)).isZero();
    assertThat(pace.aheadNanos(Pace.BYTES_PER_SECOND)).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    nowNanos += TimeUnit.MILLISECONDS.toNanos(600);
    assertThat(pace.aheadNanos(Pace.BYTES_PER_SECOND))
        .isEqualTo(TimeUnit.MILLISECONDS.toNanos(400));
  }

  @Test
  void whoIsLateDoesNotWait() {
    nowNanos += TimeUnit.SECONDS.toNanos(2);
    assertThat(pace.aheadNanos(Pace.BYTES_PER_SECOND)).isZero();
  }

  @Test
  void aTransferThatALongLogOvertakesHurries() {
    logBytes += Pace.LONG_LOG_BYTES / 4;
    assertThat(pace.aheadNanos(DATABASE_BYTES / 5)).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    assertThat(pace.aheadNanos(3 * DATABASE_BYTES / 10))
        .as("what went in a hurry is not waited for when that is over")
        .isEqualTo(TimeUnit.SECONDS.toNanos(2));
  }

  @Test
  void aTransferKeepsAheadOfALogThatGrowsTooLong() {
    logBytes += Pace.MAX_LOG_BYTES / 4;
    assertThat(pace.aheadNanos(DATABASE_BYTES / 5)).isZero();
    assertThat(pace.aheadNanos(DATABASE_BYTES / 3)).isPositive();
    logBytes += Pace.MAX_LOG_BYTES;
    assertThat(pace.aheadNanos(DATABASE_BYTES)).isZero();
  }
}
