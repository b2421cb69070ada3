package io.etcdj.server.metrics;

import java.util.concurrent.atomic.AtomicLong;

/** A number that goes up and down. Any thread may change it. */
public final class Gauge {
  /** The value's bits, so that a set and an add from two threads never mix. */
  private final AtomicLong bits = new AtomicLong(Double.doubleToLongBits(0));

  public void set(double value) {
    bits.set(Double.doubleToLongBits(value));
  }

  public void add(double amount) {
    bits.updateAndGet(old -> Double.doubleToLongBits(Double.longBitsToDouble(old) + amount));
  }

  public double value() {
    return Double.longBitsToDouble(bits.get());
  }
}
