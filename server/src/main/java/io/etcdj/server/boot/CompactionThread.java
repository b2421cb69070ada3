package io.etcdj.server.boot;

import io.etcdj.server.log.Log;
import io.etcdj.state.mvcc.Compaction;
import io.etcdj.state.mvcc.MvccStore;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries out accepted compactions one after the other, with a pause after each batch. */
final class CompactionThread implements AutoCloseable {
  private final MvccStore store;
  private final Executor apply;
  private final int batchRevisions;
  private final long sleepMillis;
  private final Log log;
  private final Listener listener;
  private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean stopping;

  private record Job(long revision, @Nullable Runnable whenDone) {}

  /** Told of progress. */
  interface Listener {
    /**
     * A compaction to {@code revision} is about to begin; the one before it was {@code previous}.
     */
    void begins(long revision, long previous);

    void batch(long revisions, long nanos);

    void finished(long nanos);
  }

  CompactionThread(
      MvccStore store,
      Executor apply,
      int batchRevisions,
      long sleepMillis,
      Log log,
      Listener listener,
      Consumer<Throwable> fatal) {
    this.store = store;
    this.apply = apply;
    this.batchRevisions = batchRevisions;
    this.sleepMillis = sleepMillis;
    this.log = log;
    this.listener = listener;
    this.thread = new Thread(() -> run(fatal), "etcdj-compaction");
    thread.setDaemon(true);
  }

  void start() {
    if (store.hasUnfinishedCompaction()) {
      submit(store.compactRevision(), null);
    }
    thread.start();
  }

  /**
   * @param whenDone run when the rows are gone
   */
  void submit(long revision, @Nullable Runnable whenDone) {
    jobs.add(new Job(revision, whenDone));
  }

  private void run(Consumer<Throwable> fatal) {
    try {
      while (!stopping) {
        carryOut(jobs.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (RuntimeException | Error e) {
      if (!stopping) {
        fatal.accept(e);
      }
    }
  }

  private void carryOut(Job job) throws InterruptedException {
    long startNanos = System.nanoTime();
    listener.begins(job.revision(), store.finishedCompactRevision());
    Compaction compaction = store.compaction(job.revision(), batchRevisions);
    boolean more = true;
    while (more && !stopping) {
      long stepNanos = System.nanoTime();
      long before = compaction.removedRevisions();
      more = compaction.step(apply);
      long removed = compaction.removedRevisions() - before;
      if (removed > 0) {
        listener.batch(removed, System.nanoTime() - stepNanos);
        Thread.sleep(sleepMillis); // leaves the disk to the writers
      }
    }
    long nanos = System.nanoTime() - startNanos;
    listener.finished(nanos);
    log.info(
        "finished scheduled compaction",
        "compact-revision",
        job.revision(),
        "removed-revisions",
        compaction.removedRevisions(),
        "took-ms",
        nanos / 1_000_000);
    if (job.whenDone() != null) {
      apply.execute(job.whenDone()); // behind the last of its own tasks there
    }
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
