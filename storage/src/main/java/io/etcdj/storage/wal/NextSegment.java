package io.etcdj.storage.wal;

import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A segment made ahead of its use, so that a cut does not wait for 64 MB of zeros.
 *
 * <p>Used by the log alone and under its lock. Two names take turns, because the one before may
 * still be on its way to its final name.
 */
final class NextSegment {
  private final Disk disk;
  private final Path directory;
  private final WalOptions options;
  private int count;
  private @Nullable Prepared reserved;
  private @Nullable Background<Prepared> pending;
  private volatile @Nullable ZeroFill filling;
  private volatile boolean closed;

  NextSegment(Disk disk, Path directory, WalOptions options) {
    this.disk = disk;
    this.directory = directory;
    this.options = options;
  }

  /** A locked file full of zeros under its temporary name. */
  record Prepared(Path path, DiskFile file) {}

  /**
   * Takes the temporary name with a file that has its size but no space yet, which costs next to
   * nothing. A disk that refuses even that is asked again by {@link #prepare}.
   */
  void reserve() {
    if (reserved == null && pending == null) {
      Path path = nextPath();
      try {
        reserved = open(path);
      } catch (IOException e) {
        count--; // the name is free again
      }
    }
  }

  /** Starts to give the file its space, unless that runs already or is done. */
  void prepare() {
    if (pending == null) {
      Prepared empty = reserved;
      reserved = null;
      Path path = empty == null ? nextPath() : empty.path;
      pending =
          new Background<>(options.preparer(), () -> fill(empty == null ? open(path) : empty));
    }
  }

  private Path nextPath() {
    return directory.resolve(count++ % 2 + ".tmp");
  }

  /** The prepared file; waits for it, or makes it now. */
  Prepared take() throws IOException {
    prepare();
    Background<Prepared> taken = pending;
    if (taken == null) {
      throw new IllegalStateException("nothing is being prepared");
    }
    pending = null;
    return taken.finish();
  }

  /** Takes back what was prepared in vain, without finishing it first. */
  void close() throws IOException {
    closed = true;
    ZeroFill unwanted = filling;
    if (unwanted != null) {
      unwanted.stop();
    }
    if (pending != null) {
      discard(take());
    }
    if (reserved != null) {
      discard(reserved);
      reserved = null;
    }
  }

  private void discard(Prepared unused) throws IOException {
    unused.file.close();
    disk.delete(unused.path);
  }

  private Prepared open(Path path) throws IOException {
    DiskFile file = disk.open(path, Disk.Mode.CREATE);
    try {
      if (!file.tryLock()) {
        throw new WalException(Reason.LOCKED, path.toString());
      }
      file.resize(options.segmentBytes());
      return new Prepared(path, file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private Prepared fill(Prepared empty) throws IOException {
    try {
      ZeroFill fill = new ZeroFill(empty.file, 0, options.segmentBytes(), options);
      filling = fill;
      if (!closed) {
        fill.fillNow();
      }
      return empty;
    } catch (RuntimeException e) {
      empty.file.close();
      throw e;
    }
  }
}
