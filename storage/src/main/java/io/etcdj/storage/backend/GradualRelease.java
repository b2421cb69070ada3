package io.etcdj.storage.backend;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Gives the space of a file that has lost its name back to the file system bit by bit. A large file
 * that goes at once holds up every sync on the same disk: one of 1 GB by some 50 ms.
 *
 * <p>A process that ends meanwhile leaves nothing behind: the rest goes with it.
 */
final class GradualRelease implements AutoCloseable {
  private static final long STEP_BYTES = 8 << 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Null if the file goes as files do. */
  private @Nullable FileChannel file;

  private GradualRelease(@Nullable FileChannel file) {
    this.file = file;
  }

  /**
   * Holds a file that is about to lose its name; one that has another, or to which the path is only
   * a link, is left alone.
   */
  static GradualRelease of(Path path) throws IOException {
    boolean lastName =
        !Files.isSymbolicLink(path)
            && path.getFileSystem().supportedFileAttributeViews().contains("unix")
            && Files.getAttribute(path, "unix:nlink").equals(1);
    return new GradualRelease(lastName ? FileChannel.open(path, StandardOpenOption.WRITE) : null);
  }

  /** Begins to empty the file, which nobody else uses any more. */
  void start() {
    FileChannel doomed = file;
    file = null;
    if (doomed != null) {
      Thread thread = new Thread(() -> empty(doomed), "etcdj-release");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static void empty(FileChannel doomed) {
    try (doomed) {
      for (long size = doomed.size(); size > 0; size -= STEP_BYTES) {
        doomed.truncate(Math.max(0, size - STEP_BYTES));
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      // Closed, it goes at once, which is all that there is to be done.
    }
  }

  /** Lets the file be, unless it was {@link #start}ed. */
  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
