package io.etcdj.server.member;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Drives a {@link MemberLoop} in a process.
 *
 * <p>Each turn takes all proposals that wait, as one batch with one fsync, and the tasks that came;
 * so the more is asked at once, the less each costs.
 */
public final class MemberThread implements AutoCloseable {
  /** Bounds of one batch of proposals; what is left waits for the next turn. */
  private static final int MAX_BATCH = 2_048;

  private static final long MAX_BATCH_BYTES = 4 << 20;

  private final MemberLoop loop;
  private final long tickNanos;
  private final Consumer<Throwable> fatal;
  private final Queue<ByteString> proposals = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean wakeRequested = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean stopping;
  private volatile long lastTickNanos;

  /** A batch that the core did not take because no leader is known; tried again each turn. */
  private List<ByteString> refused = List.of();

  /**
   * @param tickMillis length of a tick
   * @param fatal told once why the loop ended if it was not closed; the member must stop then
   */
  public MemberThread(MemberLoop loop, long tickMillis, Consumer<Throwable> fatal) {
    this.loop = loop;
    this.tickNanos = TimeUnit.MILLISECONDS.toNanos(tickMillis);
    this.fatal = fatal;
    this.lastTickNanos = System.nanoTime();
    this.thread = new Thread(this::run, "etcdj-member");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Proposes a command. Any thread. It is tried until a leader is known or the member stops. */
  public void propose(ByteString command) {
    proposals.add(command);
    wake();
  }

  /** Runs a task between two turns, in order. Any thread. */
  public void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  /** When the loop last ticked, as {@link System#nanoTime}; old when the process was paused. */
  public long lastTickNanos() {
    return lastTickNanos;
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
        runTasks();
        tickIfDue();
        boolean more = takeProposals();
        loop.process();
        if (!more && tasks.isEmpty() && proposals.isEmpty() && !wakeRequested.get()) {
          long waitNanos = lastTickNanos + tickNanos - System.nanoTime();
          if (waitNanos > 0) {
            LockSupport.parkNanos(this, waitNanos);
          }
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      fatal.accept(e);
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void tickIfDue() {
    long now = System.nanoTime();
    if (now - lastTickNanos < tickNanos) {
      return;
    }
    // After a pause, time has passed only once: many ticks at once would start an election that
    // nobody needs.
    lastTickNanos = now - lastTickNanos < 2 * tickNanos ? lastTickNanos + tickNanos : now;
    loop.tick();
  }

  /** Hands the core what waits; returns whether there is more than one batch. */
  private boolean takeProposals() {
    if (!refused.isEmpty()) {
      if (!loop.propose(refused)) {
        return false;
      }
      refused = List.of();
    }
    List<ByteString> batch = null;
    long bytes = 0;
    while (bytes < MAX_BATCH_BYTES) {
      @Nullable ByteString command = proposals.poll();
      if (command == null) {
        break;
      }
      if (batch == null) {
        batch = new ArrayList<>();
      }
      batch.add(command);
      bytes += command.size();
      if (batch.size() == MAX_BATCH) {
        break;
      }
    }
    if (batch == null) {
      return false;
    }
    if (!loop.propose(batch)) {
      refused = batch;
      return false;
    }
    return !proposals.isEmpty();
  }

  /** Stops the loop after its current turn and waits for that. */
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
