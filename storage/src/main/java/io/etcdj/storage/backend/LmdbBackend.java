package io.etcdj.storage.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcdj.storage.backend.Overlay.Pending;
import io.etcdj.storage.backend.Overlay.RowChange;
import io.etcdj.storage.backend.Overlay.Segment;
import io.etcdj.storage.disk.FileDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The backend on disk: an {@link Overlay} in front of one {@link LmdbFile}.
 *
 * <p>One thread of its own makes every LMDB write transaction. It commits when {@link
 * Options#batchOperations} are pending or {@link Options#batchIntervalMillis} have passed since the
 * first, whichever comes first. When a commit fails (a full disk), nothing is lost: the operations
 * stay in the overlay, readers go on, the commit is tried again, and the writer waits once the
 * overlay is full.
 *
 * <p>Defragmenting and replacing build a new file beside the old one and swap; readers that are
 * still on the old one finish there.
 */
public final class LmdbBackend implements Backend {
  /** Beyond this much, the writer waits for the disk. */
  private static final int MAX_PENDING_OPERATIONS = 20_000;

  private static final long MAX_PENDING_BYTES = 16L << 20;
  private static final long RETRY_MILLIS = 500;

  /** When to commit, and who is told of it. */
  public record Options(
      long batchIntervalMillis, int batchOperations, boolean noSync, Listener listener) {
    public static Options defaults() {
      return new Options(100, 10_000, false, new Listener() {});
    }
  }

  /** Told by the commit thread; for metrics and the log. */
  public interface Listener {
    /** A commit of {@code operations} took this long. */
    default void committed(int operations, long nanos) {}

    /** A commit failed and will be tried again. */
    default void commitFailed(RuntimeException cause) {}
  }

  /** Loads LMDB, which takes a while: ahead of need, on a thread that has nothing else to do. */
  public static void loadLibrary() {
    LmdbLibrary.load();
  }

  private final Path path;
  private final Options options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition progress = lock.newCondition();
  private final Overlay overlay = new Overlay();
  private final AtomicInteger openViews = new AtomicInteger();
  private final Thread committer;

  /** Tasks that need the commit thread; each runs after everything pending is committed. */
  private final Deque<Task> tasks = new ArrayDeque<>();

  private volatile LmdbFile file;
  private volatile long sizeBytes;
  private volatile long inUseBytes;

  /** When the oldest pending operation ended, in nanos; meaningful while something is pending. */
  private long pendingSinceNanos;

  /** Segments handed to a commit that is still under way. */
  private int inCommit;

  private boolean flushWanted;
  private boolean closed;

  /** Something for the commit thread: it runs there and may use the current file. */
  private record Task(Runnable action, CompletableFuture<Void> done) {}

  /** Opens or creates the database at {@code path}. */
  public LmdbBackend(Path path, Options options) {
    this.path = path;
    this.options = options;
    this.file = new LmdbFile(path, options.noSync());
    measure();
    this.committer = new Thread(this::commitLoop, "etcdj-backend");
    committer.setDaemon(true);
    committer.start();
  }

  @Override
  public void begin() {
    lock.lock();
    while (!closed && isOverlayFull()) {
      flushWanted = true;
      work.signal();
      progress.awaitUninterruptibly();
    }
    if (closed) {
      lock.unlock();
      throw new IllegalStateException("backend " + path + " is closed");
    }
  }

  private boolean isOverlayFull() {
    return overlay.operations() > MAX_PENDING_OPERATIONS || overlay.bytes() > MAX_PENDING_BYTES;
  }

  @Override
  public boolean hasRoom() {
    lock.lock();
    try {
      return !isOverlayFull();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void putRevision(long main, long sub, boolean tombstone, byte[] value) {
    overlay.addRevision(main, sub, tombstone, value);
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    overlay.addChange(new RowChange(table, key, value));
  }

  @Override
  public void delete(Table table, byte[] key) {
    overlay.addChange(new RowChange(table, key, null));
  }

  @Override
  public void end(long index, long term) {
    overlay.applied(index, term);
    end();
  }

  @Override
  public void end() {
    if (overlay.operations() > 0) {
      if (pendingSinceNanos == 0) {
        pendingSinceNanos = System.nanoTime() | 1; // never 0, which means nothing is pending
        work.signal();
      } else if (overlay.operations() >= options.batchOperations()) {
        work.signal();
      }
    }
    lock.unlock();
  }

  @Override
  public void removeRevisions(long[] mains, long[] subs, boolean[] tombstones, int count) {
    runCommitted(
        () -> {
          try (LmdbFile.Writer writer = file.write()) {
            for (int i = 0; i < count; i++) {
              writer.deleteRevision(mains[i], subs[i], tombstones[i]);
            }
            writer.commit();
          }
          measure();
        });
  }

  @Override
  public void flush() {
    runCommitted(() -> {});
  }

  @Override
  public KeyView openKeys() {
    Segment[] segments = overlay.segments(); // before the transaction: what it lacks is in there
    LmdbFile current = acquire();
    return new LmdbKeyView(segments, current);
  }

  @Override
  public HeldKeys holdKeys() {
    Segment[] segments = overlay.segments();
    LmdbFile held = acquire();
    return new HeldKeys() {
      @Override
      public @Nullable KeyView open() {
        if (!held.acquire()) {
          return null;
        }
        openViews.incrementAndGet();
        return new LmdbKeyView(segments, held);
      }

      @Override
      public void close() {
        release(held);
      }
    };
  }

  @Override
  public TableView openTables() {
    flush();
    return new LmdbTableView(acquire());
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public long inUseBytes() {
    return inUseBytes;
  }

  @Override
  public int openViews() {
    return openViews.get();
  }

  @Override
  public void defragment() {
    runCommitted(
        () -> {
          try (TableView all = new LmdbTableView(acquire())) { // it outlives its being current
            rebuild(all::scan);
          }
        });
  }

  @Override
  public void replaceAll(RowSource rows) {
    runCommitted(() -> rebuild(rows));
  }

  @Override
  public void replaceBy(Path database) {
    runCommitted(
        () -> {
          try {
            takeOver(database);
          } catch (IOException e) {
            throw new UncheckedIOException("installing " + database + ": " + e.getMessage(), e);
          }
        });
  }

  /**
   * Writes rows to a database of its own, which is on the disk when this returns; nothing is left
   * of it if it throws.
   *
   * @param database a file that is not there yet, or is empty
   */
  public static void write(Path database, RowSource rows) throws IOException {
    LmdbCopy.write(database, rows);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
      progress.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (committer.isAlive()) {
      try {
        committer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    file.retire();
  }

  private LmdbFile acquire() {
    while (true) {
      LmdbFile current = file;
      if (current.acquire()) {
        openViews.incrementAndGet();
        return current;
      }
      Thread.onSpinWait(); // it was replaced this instant
    }
  }

  private void release(LmdbFile used) {
    used.release();
    openViews.decrementAndGet();
  }

  /** Runs on the commit thread after all that is pending now, and waits for it. */
  private void runCommitted(Runnable action) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("backend " + path + " is closed");
      }
      tasks.add(new Task(action, done));
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      done.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the backend", e);
    }
  }

  private void commitLoop() {
    while (true) {
      Pending pending = null;
      Task task;
      lock.lock();
      try {
        awaitWork();
        task = tasks.poll();
        boolean rows = overlay.operations() > 0 || (closed && overlay.hasUnsavedMark());
        if (!rows && task == null && closed) {
          return;
        }
        if (rows || task != null) {
          pending = overlay.take();
          inCommit = pending.segments().length;
        }
        flushWanted = false;
        pendingSinceNanos = 0;
      } finally {
        lock.unlock();
      }
      if (pending != null && !commitUntilDone(pending)) {
        return; // closed while the disk refused: the log still has it all
      }
      if (task != null) {
        run(task);
      }
    }
  }

  private void awaitWork() {
    while (!closed && tasks.isEmpty() && !flushWanted) {
      if (overlay.operations() >= options.batchOperations()) {
        return;
      }
      if (pendingSinceNanos == 0) {
        work.awaitUninterruptibly();
        continue;
      }
      long dueNanos =
          pendingSinceNanos + TimeUnit.MILLISECONDS.toNanos(options.batchIntervalMillis());
      long waitNanos = dueNanos - System.nanoTime();
      if (waitNanos <= 0) {
        return;
      }
      try {
        long left = work.awaitNanos(waitNanos);
        if (left <= 0) {
          return;
        }
      } catch (InterruptedException e) {
        return; // nobody interrupts this thread but a stopping JVM: commit what there is
      }
    }
  }

  /**
   * Commits these segments, again and again while the disk refuses; false when closed meanwhile.
   */
  private boolean commitUntilDone(Pending pending) {
    while (true) {
      long startNanos = System.nanoTime();
      try {
        commit(pending);
        measure();
        dropCommitted();
        options.listener().committed(pending.operations(), System.nanoTime() - startNanos);
        return true;
      } catch (RuntimeException e) {
        options.listener().commitFailed(e);
        lock.lock();
        try {
          if (closed) {
            failTasks(e);
            return false;
          }
          work.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
          return false;
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private void commit(Pending pending) {
    try (LmdbFile.Writer writer = file.write()) {
      for (Segment segment : pending.segments()) {
        int count = segment.size;
        for (int i = 0; i < count; i++) {
          writer.append(
              segment.mains[i], segment.subs[i], segment.tombstones[i], segment.values[i]);
        }
        for (RowChange change : segment.changes) {
          byte[] value = change.value();
          if (value == null) {
            writer.delete(change.table(), change.key());
          } else {
            writer.put(change.table(), change.key(), value);
          }
        }
      }
      if (pending.appliedIndex() > 0) {
        writer.put(Table.META, APPLIED_INDEX.getBytes(US_ASCII), bigEndian(pending.appliedIndex()));
        writer.put(Table.META, APPLIED_TERM.getBytes(US_ASCII), bigEndian(pending.appliedTerm()));
      }
      writer.commit();
    }
  }

  private static byte[] bigEndian(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private void dropCommitted() {
    lock.lock();
    try {
      overlay.drop(inCommit);
      inCommit = 0;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static void run(Task task) {
    try {
      task.action().run();
      task.done().complete(null);
    } catch (RuntimeException e) {
      task.done().completeExceptionally(e);
    }
  }

  /** Holds the lock. */
  private void failTasks(RuntimeException cause) {
    for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
      task.done().completeExceptionally(cause);
    }
  }

  /** Writes a new file from these rows and puts it in the place of the current one. */
  private void rebuild(RowSource rows) {
    Path fresh = path.resolveSibling(path.getFileName() + ".tmp.rebuild");
    try {
      LmdbCopy.deleteFile(fresh);
      LmdbCopy.write(fresh, rows);
      takeOver(fresh);
    } catch (IOException e) {
      throw new UncheckedIOException("rewriting backend " + path + ": " + e.getMessage(), e);
    }
  }

  /** Puts a file in the place of the current one; whatever fails, one of them is in use whole. */
  private void takeOver(Path fresh) throws IOException {
    LmdbFile old = file;
    LmdbFile next = new LmdbFile(fresh, options.noSync()); // while its name is still its own
    GradualRelease replaced = GradualRelease.of(path);
    boolean forGood = false;
    try {
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      file = next;
      // Before the old one is emptied, and before the log is cut on the strength of the new one.
      new FileDisk().syncDirectory(Objects.requireNonNull(path.toAbsolutePath().getParent()));
      forGood = true;
    } finally {
      if (forGood) {
        old.retire(replaced::start);
      } else {
        replaced.close();
        (file == next ? old : next).retire();
      }
    }
    measure();
    // Both files keep their locks, which they have open, by whatever name.
    Files.move(LmdbCopy.lockOf(fresh), LmdbCopy.lockOf(path), StandardCopyOption.REPLACE_EXISTING);
  }

  private void measure() {
    sizeBytes = file.sizeBytes();
    inUseBytes = file.inUseBytes();
  }

  private final class LmdbKeyView implements KeyView {
    private final Segment[] segments;
    private final LmdbFile held;
    private LmdbFile.@Nullable Reader reader;

    LmdbKeyView(Segment[] segments, LmdbFile held) {
      this.segments = segments;
      this.held = held;
      this.reader = held.read();
    }

    @Override
    public byte @Nullable [] get(long main, long sub) {
      byte[] fresh = Overlay.find(segments, main, sub);
      return fresh != null ? fresh : reader().getRevision(main, sub);
    }

    @Override
    public boolean scanInPlace(long fromMain, InPlaceVisitor visitor) {
      long overlayMain = Long.MAX_VALUE;
      long overlaySub = 0;
      for (Segment segment : segments) {
        if (segment.size > 0) {
          overlayMain = segment.mains[0];
          overlaySub = segment.subs[0];
          break;
        }
      }
      return reader().scanRevisions(fromMain, overlayMain, overlaySub, visitor)
          && scanOverlay(fromMain, visitor);
    }

    private boolean scanOverlay(long fromMain, InPlaceVisitor visitor) {
      for (Segment segment : segments) {
        int count = segment.size;
        for (int i = segment.lowerBound(fromMain, 0, count); i < count; i++) {
          ByteBuffer value = ByteBuffer.wrap(segment.values[i]);
          if (!visitor.visit(segment.mains[i], segment.subs[i], segment.tombstones[i], value)) {
            return false;
          }
        }
      }
      return true;
    }

    private LmdbFile.Reader reader() {
      LmdbFile.Reader open = reader;
      if (open == null) {
        throw new IllegalStateException("view is closed");
      }
      return open;
    }

    @Override
    public void close() {
      LmdbFile.Reader open = reader;
      if (open != null) {
        reader = null;
        open.close();
        release(held);
      }
    }
  }

  private final class LmdbTableView implements TableView {
    private final LmdbFile held;
    private final LmdbFile.Reader reader;
    private boolean open = true;

    LmdbTableView(LmdbFile held) {
      this.held = held;
      this.reader = held.read();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return reader.get(table, key);
    }

    @Override
    public void scanInPlace(Table table, InPlaceRowVisitor visitor) {
      reader.scan(table, visitor);
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        reader.close();
        release(held);
      }
    }
  }
}
