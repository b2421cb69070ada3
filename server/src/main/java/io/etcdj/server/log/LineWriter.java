package io.etcdj.server.log;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;

/**
 * Writes lines to every output, in the order given, from one thread of its own.
 *
 * <p>A caller hands over its line and goes on. If the outputs cannot keep up, the backlog is
 * bounded in bytes: a caller then waits at most {@link #PATIENCE}, and after that lines are dropped
 * and counted; the count is logged as soon as there is room. An output that fails is left out for
 * that batch and tried again: a full disk may have room later, and a log cannot report itself.
 */
final class LineWriter implements AutoCloseable {
  /** How long a caller may be held up by a full backlog. */
  static final Duration PATIENCE = Duration.ofMillis(20);

  private static final long CLOSE_PATIENCE_MILLIS = 2_000;

  private final List<OutputStream> outputs;
  private final long capacityBytes;
  private final LongFunction<byte[]> dropNotice;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition drained = lock.newCondition();
  // Guarded by lock.
  private ArrayDeque<byte[]> backlog = new ArrayDeque<>();
  private long backlogBytes;
  private long dropped;
  private boolean writing;
  private boolean closed;

  /**
   * @param dropNotice the line that says how many were dropped
   */
  LineWriter(List<OutputStream> outputs, long capacityBytes, LongFunction<byte[]> dropNotice) {
    this.outputs = List.copyOf(outputs);
    this.capacityBytes = capacityBytes;
    this.dropNotice = dropNotice;
    this.thread = new Thread(this::run, "log");
    thread.setDaemon(true);
    thread.start();
  }

  void write(byte[] line) {
    lock.lock();
    try {
      if (closed) {
        writeOut(line); // nobody else does any more, and the last words of a process matter
        return;
      }
      long nanos = PATIENCE.toNanos();
      // Once lines are being dropped nobody waits: a stuck output costs the process one patience.
      while (isFull(line) && dropped == 0 && nanos > 0) {
        nanos = drained.awaitNanos(nanos);
      }
      if (isFull(line)) {
        dropped++;
        return;
      }
      backlog.add(line);
      backlogBytes += line.length;
      filled.signal();
    } catch (InterruptedException interrupted) {
      dropped++;
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull(byte[] line) {
    return backlogBytes > 0 && backlogBytes + line.length > capacityBytes;
  }

  /** Waits until all lines handed over so far are written, or the time is over. */
  void flush(Duration atMost) {
    lock.lock();
    try {
      long nanos = atMost.toNanos();
      while ((writing || !backlog.isEmpty()) && nanos > 0) {
        nanos = drained.awaitNanos(nanos);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      ArrayDeque<byte[]> batch = take();
      if (batch.isEmpty()) {
        return;
      }
      byte[] bytes = join(batch);
      writeOut(bytes);
    }
  }

  /** The whole backlog; empty once the log is closed and nothing is left. */
  private ArrayDeque<byte[]> take() {
    lock.lock();
    try {
      writing = false;
      drained.signalAll();
      while (backlog.isEmpty() && !closed) {
        filled.awaitUninterruptibly();
      }
      ArrayDeque<byte[]> batch = backlog;
      if (dropped > 0) {
        batch.add(dropNotice.apply(dropped));
        dropped = 0;
      }
      backlog = new ArrayDeque<>();
      backlogBytes = 0;
      writing = !batch.isEmpty();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private static byte[] join(ArrayDeque<byte[]> lines) {
    if (lines.size() == 1) {
      return lines.getFirst();
    }
    byte[] all = new byte[lines.stream().mapToInt(line -> line.length).sum()];
    int at = 0;
    for (byte[] line : lines) {
      System.arraycopy(line, 0, all, at, line.length);
      at += line.length;
    }
    return all;
  }

  private void writeOut(byte[] bytes) {
    for (OutputStream output : outputs) {
      try {
        output.write(bytes);
        output.flush();
      } catch (IOException failed) {
        // Nowhere to say so; see above.
      }
    }
  }

  /** Writes what is left. Lines that come later are written by their callers. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      filled.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(CLOSE_PATIENCE_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
