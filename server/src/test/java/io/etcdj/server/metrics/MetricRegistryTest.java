package io.etcdj.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricRegistryTest {
  private final MetricRegistry registry = new MetricRegistry();

  @Test
  void familiesComeByNameAndMembersByTheirLabels() {
    Labeled<Counter> handled = registry.counters("z_total", "Handled.", "method", "code");
    handled.with("Put", "OK").add(2);
    handled.with("Alarm", "OK").increment();
    handled.with("Put", "Aborted");
    registry.gauge("a_total", "A gauge, in spite of its name.").set(7);
    assertThat(registry.expose())
        .isEqualTo(
            """
            # HELP a_total A gauge, in spite of its name.
            # TYPE a_total gauge
            a_total 7
            # HELP z_total Handled.
            # TYPE z_total counter
            z_total{code="Aborted",method="Put"} 0
            z_total{code="OK",method="Alarm"} 1
            z_total{code="OK",method="Put"} 2
            """);
  }

  @Test
  void aHistogramCountsEachValueInAllBucketsAboveIt() {
    Histogram histogram =
        registry
            .histograms("h_seconds", "H.", Histogram.exponentialBounds(0.001, 2, 3), "To")
            .with("x");
    histogram.observe(0.001); // a bound belongs to its bucket
    histogram.observe(0.0015);
    histogram.observe(9);
    assertThat(registry.expose())
        .isEqualTo(
            """
            # HELP h_seconds H.
            # TYPE h_seconds histogram
            h_seconds_bucket{To="x",le="0.001"} 1
            h_seconds_bucket{To="x",le="0.002"} 2
            h_seconds_bucket{To="x",le="0.004"} 2
            h_seconds_bucket{To="x",le="+Inf"} 3
            h_seconds_sum{To="x"} 9.0025
            h_seconds_count{To="x"} 3
            """);
  }

  @Test
  void theBoundsOfEtcdsHistogramsPrintAsInGo() {
    registry.histogram("h", "H.", Histogram.exponentialBounds(0.001, 2, 14));
    assertThat(registry.expose()).contains("le=\"0.512\"").contains("le=\"8.192\"");
    registry.histogram("i", "I.", Histogram.exponentialBounds(0.0001, 2, 19));
    assertThat(registry.expose()).contains("le=\"0.0256\"").contains("le=\"26.2144\"");
  }

  @Test
  void aFamilyWithoutMembersIsNotExposed() {
    registry.counters("c", "C.", "l");
    assertThat(registry.expose()).isEmpty();
  }

  @Test
  void whatWouldBreakALineIsEscaped() {
    registry.gauges("g", "back\\slash\nand line", "l").with("a\"b\\c\nd").set(1);
    assertThat(registry.expose())
        .isEqualTo(
            "# HELP g back\\\\slash\\nand line\n# TYPE g gauge\ng{l=\"a\\\"b\\\\c\\nd\"} 1\n");
  }

  @Test
  void aNameHasOneOwner() {
    registry.counter("c", "C.");
    assertThatThrownBy(() -> registry.gauge("c", "again", () -> 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMemberThatNoLongerHoldsCanGo() {
    Labeled<Gauge> leader = registry.gauges("leader", "L.", "id");
    leader.with("a").set(1);
    leader.with("b").set(1);
    leader.remove("a");
    assertThat(registry.expose()).doesNotContain("\"a\"").contains("leader{id=\"b\"} 1\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "-1, -1",
    "0.001, 0.001",
    "0.1, 0.1",
    "999999, 999999",
    "1000000, 1e+06",
    "1234567, 1.234567e+06",
    "2147483648, 2.147483648e+09",
    "0.0001, 0.0001",
    "0.00002, 2e-05",
    "123456.789, 123456.789",
    "1.8446744073709552E19, 1.8446744073709552e+19",
    "2.0E-3, 0.002",
    "2.2250738585072014E-308, 2.2250738585072014e-308",
    "NaN, NaN",
    "Infinity, +Inf"
  })
  void numbersPrintAsInGo(double value, String expected) {
    assertThat(GoFloat.format(value)).isEqualTo(expected);
  }

  @Test
  void theProcessIsMeasured() {
    ProcessMetrics.register(registry);
    assertThat(registry.expose())
        .containsPattern("(?m)^process_resident_memory_bytes [1-9]\\.\\d+e\\+\\d\\d$")
        .containsPattern("(?m)^process_open_fds [1-9]\\d*$")
        .containsPattern("(?m)^process_cpu_seconds_total [0-9.]+$")
        .containsPattern("(?m)^process_start_time_seconds 1\\.\\d+e\\+09$")
        .containsPattern("(?m)^process_max_fds [1-9]");
  }
}
