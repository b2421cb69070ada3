package io.etcdj.storage.wal;

import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A segment made ahead of its use, so that a cut does not wait for 64 MB of zeros.
 *
 * <p>Used by the log alone and under its lock. Two names take turns, because the one before may
 * still be on its way to its final name.
 */
final class NextSegment {
  /** Zeros are synced in steps, so that the log's own syncs never queue behind all of them. */
  private static final long STEP_BYTES = 1 << 20;

  private final Disk disk;
  private final Path directory;
  private final WalOptions options;
  private int count;
  private @Nullable CompletableFuture<Prepared> pending;

  NextSegment(Disk disk, Path directory, WalOptions options) {
    this.disk = disk;
    this.directory = directory;
    this.options = options;
  }

  /** A locked file full of zeros under its temporary name. */
  record Prepared(Path path, DiskFile file) {}

  /** Starts the preparation unless it runs already or is done. */
  void prepare() {
    if (pending == null) {
      Path path = directory.resolve(count % 2 + ".tmp");
      count++;
      pending = CompletableFuture.supplyAsync(() -> make(path), options.preparer());
    }
  }

  /** The prepared file; waits for it, or makes it now. */
  Prepared take() throws IOException {
    prepare();
    try {
      return result();
    } finally {
      pending = null;
    }
  }

  /** Takes back what was prepared in vain. */
  void close() throws IOException {
    if (pending != null) {
      Prepared unused = take();
      unused.file.close();
      disk.delete(unused.path);
    }
  }

  private Prepared result() throws IOException {
    if (pending == null) {
      throw new IllegalStateException("nothing was prepared");
    }
    try {
      return pending.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException io && io.getCause() != null) {
        throw io.getCause();
      }
      throw e;
    }
  }

  private Prepared make(Path path) {
    try {
      DiskFile file = disk.open(path, Disk.Mode.CREATE);
      try {
        if (!file.tryLock()) {
          throw new WalException(Reason.LOCKED, path.toString());
        }
        fill(file);
        return new Prepared(path, file);
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void fill(DiskFile file) throws IOException {
    long bytes = options.segmentBytes();
    try {
      for (long filled = 0; filled < bytes; ) {
        filled = Math.min(bytes, filled + STEP_BYTES);
        file.preallocate(filled);
        if (options.sync()) {
          file.sync();
        }
      }
    } catch (IOException e) {
      // Not enough room for a whole segment. What is left may do for a long time yet, so go on
      // with a file that takes its space as it fills.
      file.resize(0);
      file.resize(bytes);
    }
  }
}
