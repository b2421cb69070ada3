package io.etcdj.bench;

import org.HdrHistogram.Histogram;

/** The latencies of one kind of operation, in nanoseconds, to three digits. */
public record Series(String name, Histogram nanos) {
  private static final long LONGEST_NANOS = 3_600_000_000_000L;

  public Series(String name) {
    this(name, new Histogram(LONGEST_NANOS, 3));
  }

  void record(long elapsedNanos) {
    nanos.recordValue(Math.min(Math.max(elapsedNanos, 0), LONGEST_NANOS));
  }

  public double millis(double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1e6;
  }

  double maxMillis() {
    return nanos.getMaxValue() / 1e6;
  }
}
