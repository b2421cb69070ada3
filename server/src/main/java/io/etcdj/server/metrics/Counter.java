package io.etcdj.server.metrics;

import java.util.concurrent.atomic.LongAdder;

/** A number that only grows. Any thread may add to it; adding takes no lock. */
public final class Counter {
  private final LongAdder value = new LongAdder();

  public void increment() {
    value.increment();
  }

  public void add(long amount) {
    value.add(amount);
  }

  /** The sum so far; additions in flight may or may not be in it. */
  public long value() {
    return value.sum();
  }
}
