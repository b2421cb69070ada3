package io.etcdj.server.snapshot;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.disk.FileDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Whole databases that came from elsewhere: Go etcd's files, or ours as we received them. */
public final class DatabaseFiles {
  private DatabaseFiles() {}

  /**
   * Replaces every row of a backend by those of {@code received}, a file in the directory of the
   * backend, which may be used up.
   */
  public static void install(Path received, Backend backend) throws IOException {
    if (BoltFiles.isBolt(received)) {
      BoltFiles.load(received, backend);
    } else {
      backend.replaceBy(received);
    }
  }

  /**
   * Makes {@code received} our database file {@code target}, which is not in use, and may be the
   * same path. It takes its place in one step: a crash leaves one or the other whole.
   */
  public static void move(Path received, Path target) throws IOException {
    if (BoltFiles.isBolt(received)) {
      convert(received, target);
      if (!received.equals(target)) {
        Files.delete(received);
      }
    } else {
      rename(received, target);
    }
  }

  private static void convert(Path bolt, Path target) throws IOException {
    Path fresh = target.resolveSibling("db.tmp.import");
    Files.deleteIfExists(fresh);
    Files.deleteIfExists(lockOf(fresh));
    try (Backend backend = new LmdbBackend(fresh, LmdbBackend.Options.defaults())) {
      BoltFiles.load(bolt, backend);
    }
    Files.deleteIfExists(lockOf(fresh));
    rename(fresh, target);
  }

  private static void rename(Path fresh, Path target) throws IOException {
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    new FileDisk().syncDirectory(directoryOf(target));
  }

  private static Path directoryOf(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of(".") : parent;
  }

  private static Path lockOf(Path file) {
    return file.resolveSibling(file.getFileName() + "-lock");
  }
}
