package io.etcdj.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SeriesTest {
  private final Series series = new Series("put");

  @Test
  void percentilesAreRightToThreeDigits() {
    for (int millis = 1; millis <= 1000; millis++) {
      series.record(millis * 1_000_000L);
    }

    assertThat(series.millis(50)).isCloseTo(500, within(0.5));
    assertThat(series.millis(99)).isCloseTo(990, within(1.0));
    assertThat(series.millis(99.9)).isCloseTo(999, within(1.0));
    assertThat(series.maxMillis()).isCloseTo(1000, within(1.0));
  }

  @Test
  void whatTakesLongerThanAnHourCountsAsAnHour() {
    series.record(Long.MAX_VALUE);

    assertThat(series.maxMillis()).isCloseTo(3_600_000, within(3600.0));
  }
}
