package io.etcdj.server.lease;

import io.etcdj.state.lease.Leases;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When each lease ends, as far as this member may say.
 *
 * <p>While it leads ({@link #promote} to {@link #demote}) every lease has a deadline; otherwise
 * none has. A new leader gives every lease its whole time again, and some more for the election,
 * because it does not know when the last one renewed it. Time is monotonic, so that a wall clock
 * that is set back or forth changes nothing. Any thread; its own lock.
 */
public final class LeaseClock implements Leases.Observer {
  /** Revokes that may be on their way at once. */
  private static final int MAX_REVOKES_UNDER_WAY = 16;

  /** Expired leases taken per look, twice a second. */
  private static final int MAX_PER_LOOK = 500;

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final LongSupplier nanoClock;
  private final LongConsumer revoke;
  private final LongConsumer forgetCheckpoint;
  private final Map<Long, Deadline> deadlines = new HashMap<>();

  /** Leases of which less than the whole time is on record. */
  private final Set<Long> checkpointed = new HashSet<>();

  private final PriorityQueue<Deadline> soonest =
      new PriorityQueue<>((a, b) -> Long.signum(a.atNanos - b.atNanos));
  private boolean leading;
  private int underWay;
  private long expiredTotal;

  /** An entry of the queue; stale ones are told by not being the map's. */
  private static final class Deadline {
    private final long id;
    private final long ttlSeconds;
    private final long atNanos;
    private final boolean revoking;

    Deadline(long id, long ttlSeconds, long atNanos, boolean revoking) {
      this.id = id;
      this.ttlSeconds = ttlSeconds;
      this.atNanos = atNanos;
      this.revoking = revoking;
    }
  }

  /** What is left of a lease's time. */
  public record Remaining(long ttlSeconds, long grantedTtlSeconds) {}

  /**
   * @param nanoClock monotonic time
   * @param revoke proposes to revoke a lease that expired
   * @param forgetCheckpoint proposes to record that a lease has its whole time again
   */
  public LeaseClock(LongSupplier nanoClock, LongConsumer revoke, LongConsumer forgetCheckpoint) {
    this.nanoClock = nanoClock;
    this.revoke = revoke;
    this.forgetCheckpoint = forgetCheckpoint;
  }

  /** This member leads now: every lease gets its time, and {@code extraMillis} more. */
  public synchronized void promote(List<Leases.Terms> all, long extraMillis) {
    leading = true;
    underWay = 0;
    deadlines.clear();
    soonest.clear();
    checkpointed.clear();
    long now = nanoClock.getAsLong() + TimeUnit.MILLISECONDS.toNanos(extraMillis);
    all.forEach(terms -> start(terms, now));
  }

  /** This member leads no more: it knows no deadlines. */
  public synchronized void demote() {
    leading = false;
    deadlines.clear();
    soonest.clear();
  }

  /** Whether deadlines are kept here. */
  public synchronized boolean leads() {
    return leading;
  }

  private void start(Leases.Terms terms, long nowNanos) {
    long seconds =
        terms.remainingTtlSeconds() > 0 ? terms.remainingTtlSeconds() : terms.ttlSeconds();
    put(new Deadline(terms.id(), terms.ttlSeconds(), after(nowNanos, seconds), false));
    checkpointed(terms.id(), terms.remainingTtlSeconds());
  }

  private static long after(long nowNanos, long seconds) {
    // A TTL may be longer than what nanoseconds hold: then the lease lasts 146 years.
    return nowNanos + Math.min(TimeUnit.SECONDS.toNanos(seconds), Long.MAX_VALUE / 2);
  }

  private void put(Deadline deadline) {
    deadlines.put(deadline.id, deadline);
    soonest.add(deadline);
  }

  @Override
  public synchronized void granted(Leases.Terms terms) {
    if (leading) {
      start(terms, nanoClock.getAsLong());
    }
  }

  @Override
  public synchronized void checkpointed(long id, long remainingTtlSeconds) {
    if (leading && remainingTtlSeconds > 0) {
      checkpointed.add(id);
    } else {
      checkpointed.remove(id);
    }
  }

  @Override
  public synchronized void revoked(long id) {
    checkpointed.remove(id);
    Deadline known = deadlines.remove(id);
    if (known != null && known.revoking) {
      underWay = Math.max(0, underWay - 1);
      expiredTotal++;
    }
  }

  @Override
  public synchronized void reloaded(List<Leases.Terms> all) {
    if (leading) {
      promote(all, 0);
    }
  }

  /** Gives a lease its whole time again; returns its TTL, or 0 if it is unknown or expired. */
  public long renew(long id) {
    long ttlSeconds = renewDeadline(id);
    if (ttlSeconds > 0 && isCheckpointed(id)) {
      forgetCheckpoint.accept(id); // or a next leader would end it too early
    }
    return ttlSeconds;
  }

  private synchronized boolean isCheckpointed(long id) {
    return checkpointed.contains(id);
  }

  private synchronized long renewDeadline(long id) {
    Deadline known = deadlines.get(id);
    long now = nanoClock.getAsLong();
    if (known == null || known.revoking || known.atNanos - now <= 0) {
      return 0;
    }
    put(new Deadline(id, known.ttlSeconds, after(now, known.ttlSeconds), false));
    if (soonest.size() > 2 * deadlines.size() + 64) {
      soonest.clear();
      soonest.addAll(deadlines.values());
    }
    return known.ttlSeconds;
  }

  /** What is left of a lease, or null if no deadline is known here. */
  public synchronized @Nullable Remaining remaining(long id) {
    Deadline known = deadlines.get(id);
    if (known == null) {
      return null;
    }
    long leftNanos = Math.max(0, known.atNanos - nanoClock.getAsLong());
    return new Remaining(TimeUnit.NANOSECONDS.toSeconds(leftNanos), known.ttlSeconds);
  }

  /** Leases that last longer than {@code seconds}, and what each has left, in whole seconds. */
  public synchronized Map<Long, Long> longerThan(long seconds) {
    Map<Long, Long> left = new HashMap<>();
    long now = nanoClock.getAsLong();
    for (Deadline deadline : deadlines.values()) {
      long leftSeconds = TimeUnit.NANOSECONDS.toSeconds(deadline.atNanos - now);
      if (deadline.ttlSeconds > seconds && leftSeconds > 0 && !deadline.revoking) {
        left.put(deadline.id, leftSeconds);
      }
    }
    return left;
  }

  /** Sorts leases by when they expire, soonest first; those without a deadline here come last. */
  public synchronized List<Long> soonestFirst(List<Long> ids) {
    List<Long> sorted = new ArrayList<>(ids);
    sorted.sort(
        Comparator.comparing(
            deadlines::get, Comparator.nullsLast((a, b) -> Long.signum(a.atNanos - b.atNanos))));
    return sorted;
  }

  /** Leases that this member let expire. */
  public synchronized long expiredTotal() {
    return expiredTotal;
  }

  /** Proposes to revoke what has expired; called twice a second. */
  public void expire() {
    List<Long> due = new ArrayList<>();
    synchronized (this) {
      if (!leading) {
        return;
      }
      long now = nanoClock.getAsLong();
      for (Deadline next = soonest.peek(); next != null; next = soonest.peek()) {
        boolean stale = deadlines.get(next.id) != next;
        if (stale) {
          soonest.poll();
          continue;
        }
        if (next.atNanos - now > 0
            || due.size() >= MAX_PER_LOOK
            || (underWay >= MAX_REVOKES_UNDER_WAY && !next.revoking)) {
          break;
        }
        soonest.poll();
        if (!next.revoking) {
          underWay++;
        }
        put(new Deadline(next.id, next.ttlSeconds, now + RETRY_NANOS, true)); // until it is gone
        due.add(next.id);
      }
    }
    due.forEach(revoke::accept);
  }
}
