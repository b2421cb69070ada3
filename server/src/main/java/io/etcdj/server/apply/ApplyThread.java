package io.etcdj.server.apply;

import io.etcdj.api.raftpb.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The thread that changes the state: it applies what the member loop committed, and runs the few
 * tasks that others need done there, in the order in which they came.
 */
public final class ApplyThread implements Executor, AutoCloseable {
  /** Entries applied before the store is published and waiters are answered. */
  private static final int MAX_BATCH = 1_024;

  private final Queue<Object> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean wakeRequested = new AtomicBoolean();
  private final Consumer<List<Entry>> apply;
  private final Consumer<Throwable> fatal;
  private final Thread thread;
  private volatile boolean stopping;

  /** A batch of committed entries in the queue, beside tasks. */
  private record Committed(List<Entry> entries) {}

  /**
   * @param apply applies a batch; called on this thread
   * @param fatal told once why the thread ended if it was not closed; the member must stop then
   */
  public ApplyThread(Consumer<List<Entry>> apply, Consumer<Throwable> fatal) {
    this.apply = apply;
    this.fatal = fatal;
    this.thread = new Thread(this::run, "etcdj-apply");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Queues committed entries. Any thread. */
  public void committed(List<Entry> entries) {
    queue.add(new Committed(entries));
    wake();
  }

  /** Queues a task. Any thread. */
  @Override
  public void execute(Runnable task) {
    queue.add(task);
    wake();
  }

  /** Whether this code runs on the apply thread. */
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
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
        drain();
        if (queue.isEmpty() && !stopping && !wakeRequested.get()) {
          LockSupport.park(this);
        }
      }
    } catch (RuntimeException | Error e) {
      fatal.accept(e);
    }
  }

  private void drain() {
    List<Entry> batch = new ArrayList<>();
    for (Object item = queue.poll(); item != null && !stopping; item = queue.poll()) {
      if (item instanceof Committed committed) {
        batch.addAll(committed.entries());
        if (batch.size() >= MAX_BATCH) {
          flush(batch);
        }
      } else {
        flush(batch);
        ((Runnable) item).run();
      }
    }
    flush(batch);
  }

  private void flush(List<Entry> batch) {
    if (!batch.isEmpty()) {
      apply.accept(batch);
      batch.clear();
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
