package io.etcdj.server.apply;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.raft.MemoryLog;
import io.etcdj.state.apply.Commands;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The thread that changes the state: it applies what the member loop committed, and runs the few
 * tasks that others need done there, in the order in which they came.
 *
 * <p>Waking a thread costs more than applying a put. When nothing waits and what was committed is a
 * few puts, whoever brings them applies them at once; whichever thread is about to change the state
 * {@link #busy holds} it for itself meanwhile.
 */
public final class ApplyThread implements Executor, AutoCloseable {
  /** Entries applied before the store is published and waiters are answered. */
  private static final int MAX_BATCH = 1_024;

  private static final long MAX_BATCH_BYTES = 8 << 20;

  /** Bounds of what is applied on the thread that brings it, which has other things to do. */
  private static final int MAX_AT_ONCE = 4;

  private static final int MAX_BYTES_AT_ONCE = 16 << 10;

  /** Bytes of entries that may wait to be applied before no more should come. */
  private static final long MAX_QUEUED_BYTES =
      Math.min(32 << 20, Runtime.getRuntime().maxMemory() / 8);

  private final Queue<Object> queue = new ConcurrentLinkedQueue<>();

  /** Bytes of entries that were queued and are not yet applied. */
  private final AtomicLong queuedBytes = new AtomicLong();

  /** Whether some thread changes the state now. */
  private final AtomicBoolean busy = new AtomicBoolean();

  private final AtomicBoolean wakeRequested = new AtomicBoolean();
  private final Consumer<List<Entry>> apply;
  private final BooleanSupplier hasRoom;
  private final Consumer<Throwable> fatal;
  private final Thread thread;
  private volatile boolean stopping;

  /** A batch of committed entries in the queue, beside tasks. */
  private record Committed(List<Entry> entries, long bytes) {}

  /**
   * @param apply applies a batch; called by one thread at a time
   * @param hasRoom whether the database takes writes without making them wait
   * @param fatal told once why the thread ended if it was not closed; the member must stop then
   */
  public ApplyThread(
      Consumer<List<Entry>> apply, BooleanSupplier hasRoom, Consumer<Throwable> fatal) {
    this.apply = apply;
    this.hasRoom = hasRoom;
    this.fatal = fatal;
    this.thread = new Thread(this::run, "etcdj-apply");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /**
   * Applies committed entries, now or when their turn comes. For whoever is in the member loop,
   * which must stop when this throws.
   */
  public void committed(List<Entry> entries) {
    if (!areQuick(entries) || !applyAtOnce(entries)) {
      Committed committed = new Committed(entries, bytes(entries));
      queuedBytes.addAndGet(committed.bytes());
      queue.add(committed);
      wake();
    }
  }

  private static long bytes(List<Entry> entries) {
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += MemoryLog.bytes(entry);
    }
    return bytes;
  }

  /** A few puts; anything else may take long, or wait for the member thread. */
  private static boolean areQuick(List<Entry> entries) {
    if (entries.size() > MAX_AT_ONCE) {
      return false;
    }
    int bytes = 0;
    for (Entry entry : entries) {
      bytes += entry.getData().size();
      if (entry.getType() != EntryType.EntryNormal || !Commands.isPut(entry.getData())) {
        return false;
      }
    }
    return bytes <= MAX_BYTES_AT_ONCE;
  }

  private boolean applyAtOnce(List<Entry> entries) {
    if (stopping || !busy.compareAndSet(false, true)) {
      return false;
    }
    try {
      if (!queue.isEmpty() || !hasRoom.getAsBoolean()) {
        return false;
      }
      apply.accept(entries);
    } catch (RuntimeException | Error e) {
      stopping = true; // nothing may build on what is half done
      throw e;
    } finally {
      busy.set(false);
      if (!queue.isEmpty()) {
        wake(); // this thread may have found the state busy
      }
    }
    return true;
  }

  /** Whether so much waits to be applied that no more should come. Any thread. */
  public boolean lags() {
    return queuedBytes.get() > MAX_QUEUED_BYTES;
  }

  /** Queues a task. Any thread. */
  @Override
  public void execute(Runnable task) {
    queue.add(task);
    wake();
  }

  private void wake() {
    if (wakeRequested.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    try {
      while (!stopping) {
        wakeRequested.set(false);
        if (busy.compareAndSet(false, true)) {
          try {
            drain();
          } finally {
            busy.set(false);
          }
        }
        if (!stopping && !wakeRequested.get()) {
          LockSupport.park(this);
        }
      }
    } catch (RuntimeException | Error e) {
      stopping = true; // nothing may build on what is half done
      fatal.accept(e);
    }
  }

  private void drain() {
    List<Entry> batch = new ArrayList<>();
    long batchBytes = 0;
    for (Object item = queue.poll(); item != null && !stopping; item = queue.poll()) {
      if (item instanceof Committed committed) {
        batch.addAll(committed.entries());
        batchBytes += committed.bytes();
        if (batch.size() >= MAX_BATCH || batchBytes >= MAX_BATCH_BYTES) {
          flush(batch, batchBytes);
          batchBytes = 0;
        }
      } else {
        flush(batch, batchBytes);
        batchBytes = 0;
        ((Runnable) item).run();
      }
    }
    flush(batch, batchBytes);
  }

  private void flush(List<Entry> batch, long bytes) {
    if (!batch.isEmpty()) {
      apply.accept(batch);
      batch.clear();
      queuedBytes.addAndGet(-bytes);
    }
  }

  /** Stops after the current batch; what is queued is in the log and will be applied next time. */
  @Override
  public void close() {
    stopping = true;
    wake();
    if (Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
