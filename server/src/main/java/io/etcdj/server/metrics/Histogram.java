package io.etcdj.server.metrics;

import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often a measured value fell below each of a row of bounds.
 *
 * <p>Each bucket counts only its own interval; the running sums that Prometheus wants are formed
 * when somebody scrapes. Any thread may observe; observing takes no lock.
 */
public final class Histogram {
  private final double[] bounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();

  Histogram(double[] bounds) {
    this.bounds = bounds.clone();
    this.counts = new LongAdder[bounds.length + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  /**
   * {@code count} bounds, each {@code factor} times the one before. The products are formed one
   * after the other, as Go's client forms them, so that the {@code le} labels agree to the last
   * digit.
   */
  public static double[] exponentialBounds(double start, double factor, int count) {
    double[] bounds = new double[count];
    double bound = start;
    for (int i = 0; i < count; i++) {
      bounds[i] = bound;
      bound *= factor;
    }
    return bounds;
  }

  /** The bounds that Prometheus clients use where nobody chose any, in seconds. */
  public static double[] defaultBounds() {
    return new double[] {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
  }

  public void observe(double value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sum.add(value);
  }

  /** A duration, measured with {@link System#nanoTime}, in the seconds that histograms count. */
  public void observeNanos(long nanos) {
    observe(nanos / 1e9);
  }

  double[] bounds() {
    return bounds;
  }

  /** The counts per bucket, the last being everything above the highest bound. */
  long[] counts() {
    long[] result = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      result[i] = counts[i].sum();
    }
    return result;
  }

  double sum() {
    return sum.sum();
  }
}
