package io.etcdj.bench;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Hands operations to free clients, at once or at their due time.
 *
 * <p>In an open loop operation i is due at {@code start + i / rate}. One that finds no free client
 * waits for one and goes out late, but its time still counts from when it was due.
 *
 * <pre>
 *   rate 1000, 1 client, server stalls for 5 ms:  due 0 1 2 3 4 5 ms
 *                                                 reported 5 4 3 2 1 ... not 5 0 0 0 0
 * </pre>
 */
final class Pacer {
  /** One of many that have one operation under way at a time. */
  interface Client {
    /** Begins an operation whose time counts from {@code startNanos}. */
    void begin(long startNanos, long index);
  }

  /** Runs something on the pacer's event loop after a while. */
  @FunctionalInterface
  interface Timer {
    void after(long nanos, Runnable task);
  }

  private final Timer timer;
  private final LongSupplier clockNanos;
  private final double ratePerSecond;
  private final Queue<Client> free = new ArrayDeque<>();
  private final AtomicLong finished = new AtomicLong();

  private CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
  private long startNanos;
  private long total;
  private long begun;
  private int clients;
  private boolean handingOut;
  private boolean timerSet;

  /**
   * @param timer wakes the pacer for due operations, on the event loop that makes all its calls
   * @param ratePerSecond 0 for a closed loop
   */
  Pacer(Timer timer, LongSupplier clockNanos, double ratePerSecond) {
    this.timer = timer;
    this.clockNanos = clockNanos;
    this.ratePerSecond = ratePerSecond;
  }

  void add(Client client) {
    clients++;
    free.add(client);
  }

  /** Runs so many operations; completes when the last one is finished or no client is left. */
  CompletableFuture<Void> run(long operations) {
    done = new CompletableFuture<>();
    total = operations;
    begun = 0;
    finished.set(0);
    startNanos = clockNanos.getAsLong();
    if (operations == 0 || clients == 0) {
      done.complete(null);
    } else {
      handOut();
    }
    return done;
  }

  /** A client's operation has ended; one that cannot go on is not given another. */
  void finished(Client client, boolean goesOn) {
    finished.lazySet(finished.getPlain() + 1);
    if (goesOn) {
      free.add(client);
    } else {
      clients--;
    }
    if (finished.getPlain() == total || clients == 0) {
      done.complete(null);
    } else {
      handOut();
    }
  }

  /** Operations of this run that have ended; may be asked from any thread. */
  long finished() {
    return finished.get();
  }

  private void handOut() {
    if (handingOut) {
      return; // an operation that ends at once: the loop below goes on with its client
    }
    handingOut = true;
    while (begun < total && !free.isEmpty()) {
      long now = clockNanos.getAsLong();
      long start = ratePerSecond > 0 ? dueNanos(begun) : now;
      if (start > now) {
        break;
      }
      free.remove().begin(start, begun++);
    }
    handingOut = false;
    // Without a free client there is nothing to wake up for: finished() will come first.
    if (ratePerSecond > 0 && begun < total && !free.isEmpty() && !timerSet) {
      timerSet = true;
      timer.after(Math.max(dueNanos(begun) - clockNanos.getAsLong(), 0), this::due);
    }
  }

  private void due() {
    timerSet = false;
    handOut();
  }

  private long dueNanos(long index) {
    return startNanos + (long) (index / ratePerSecond * 1e9);
  }
}
