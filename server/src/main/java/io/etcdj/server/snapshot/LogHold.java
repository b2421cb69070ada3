package io.etcdj.server.snapshot;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;

/**
 * Whether the leader's log must not be cut: a member gets a snapshot, or has got one and has to go
 * on from where it ends. Over when the member is level, or after a time. Any thread.
 */
public final class LogHold {
  private final long patienceNanos;
  private final LongSupplier clock;
  private final AtomicInteger underWay = new AtomicInteger();

  /** Those that were sent a snapshot and have not been level since. */
  private final Set<Long> behind = ConcurrentHashMap.newKeySet();

  private volatile long lastEndNanos;

  /**
   * @param patienceNanos how long after a snapshot the log is held for a member that is not level
   * @param clock nanos
   */
  public LogHold(long patienceNanos, LongSupplier clock) {
    this.patienceNanos = patienceNanos;
    this.clock = clock;
  }

  /** A snapshot for a member is under way; returns how many are. */
  public int begin(long member) {
    behind.add(member);
    return underWay.incrementAndGet();
  }

  /** A snapshot has arrived, or will not. */
  public void end() {
    lastEndNanos = clock.getAsLong();
    underWay.decrementAndGet();
  }

  /** Lets go of the log for those that are level by now. */
  public void look(LongPredicate isLevel) {
    if (!behind.isEmpty() && underWay.get() == 0) {
      behind.removeIf(isLevel::test);
    }
  }

  public boolean isOn() {
    return underWay.get() > 0
        || (!behind.isEmpty() && clock.getAsLong() - lastEndNanos < patienceNanos);
  }
}
