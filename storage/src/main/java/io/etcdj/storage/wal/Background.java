package io.etcdj.storage.wal;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * Work that somebody else may have done by the time it is needed.
 *
 * <p>Whoever needs it and finds it not begun does it on the spot: so an executor that runs its
 * tasks late, or on the very thread that waits, is as good as any.
 */
final class Background<T> {
  private final FutureTask<T> task;

  Background(Executor executor, Callable<T> work) {
    task = new FutureTask<>(work);
    executor.execute(task);
  }

  /** Returns when the work is done, whoever did it. */
  T finish() throws IOException {
    task.run(); // does nothing if it has begun
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // the disk does not stop for that, so neither can we
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException("background work failed", e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
