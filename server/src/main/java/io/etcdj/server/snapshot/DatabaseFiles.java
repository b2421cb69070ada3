package io.etcdj.server.snapshot;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.rows.RowReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Whole databases that came from elsewhere: Go etcd's file, or the rows that our own members send
 * each other.
 */
public final class DatabaseFiles {
  private DatabaseFiles() {}

  /** Replaces every row of a backend by those of {@code file}, of either kind. */
  public static void load(Path file, Backend backend) throws IOException {
    if (RowReader.isRows(file)) {
      try (RowReader rows = RowReader.open(file)) {
        backend.replaceAll(rows);
      }
    } else {
      BoltFiles.load(file, backend);
    }
  }

  /**
   * Converts {@code file} into our database file {@code target}, which may be the same path. It is
   * made beside the original and takes its place in one step: a crash leaves one or the other
   * whole.
   */
  public static void convert(Path file, Path target) throws IOException {
    Path fresh = target.resolveSibling("db.tmp.import");
    Files.deleteIfExists(fresh);
    Files.deleteIfExists(lockOf(fresh));
    try (Backend backend = new LmdbBackend(fresh, LmdbBackend.Options.defaults())) {
      load(file, backend);
    }
    Files.deleteIfExists(lockOf(fresh));
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(directoryOf(target), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static Path directoryOf(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of(".") : parent;
  }

  private static Path lockOf(Path file) {
    return file.resolveSibling(file.getFileName() + "-lock");
  }
}
