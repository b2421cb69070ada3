package io.etcdj.storage.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way into an LMDB file that nobody uses yet.
 *
 * <p>In small pieces, for the sake of others. A transaction is one write to the file, during which
 * the system may give its core to nobody else; and who syncs the log meanwhile waits for what has
 * been written here and is not synced.
 */
final class LmdbCopy implements AutoCloseable {
  private static final int MAX_ROWS = 10_000;
  private static final long MAX_BYTES = 256 << 10;
  private static final long MAX_UNSYNCED_BYTES = 1 << 20;

  private final LmdbFile target;
  private final FileChannel channel;
  private LmdbFile.@Nullable Writer writer;
  private int rows;
  private long bytes;
  private long unsyncedBytes;

  /**
   * @param channel of the same file
   */
  private LmdbCopy(LmdbFile target, FileChannel channel) {
    this.target = target;
    this.channel = channel;
  }

  /** As {@link LmdbBackend#write}. */
  static void write(Path path, Backend.RowSource rows) throws IOException {
    boolean whole = false;
    try {
      LmdbFile target = new LmdbFile(path, true);
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        try (LmdbCopy copy = new LmdbCopy(target, channel)) {
          for (Table table : Table.values()) {
            rows.rows(table, (key, value) -> copy.put(table, key, value));
          }
          copy.commit();
        } finally {
          target.retire();
        }
        channel.force(true);
      }
      Files.deleteIfExists(lockOf(path));
      whole = true;
    } finally {
      if (!whole) {
        deleteFile(path);
      }
    }
  }

  private void put(Table table, byte[] key, byte[] value) {
    LmdbFile.Writer open = writer;
    if (open == null) {
      open = target.write();
      writer = open;
    }
    if (table == Table.KEY) {
      if (!RevisionKeys.isValid(key)) {
        throw new BackendCorruptException("a key of " + key.length + " bytes is no revision");
      }
      open.append(
          RevisionKeys.main(key), RevisionKeys.sub(key), RevisionKeys.isTombstone(key), value);
    } else {
      open.put(table, key, value);
    }
    rows++;
    bytes += key.length + value.length;
    if (rows >= MAX_ROWS || bytes >= MAX_BYTES) {
      commit();
    }
  }

  private void commit() {
    if (writer != null) {
      writer.commit();
      close();
      unsyncedBytes += bytes;
      rows = 0;
      bytes = 0;
      if (unsyncedBytes >= MAX_UNSYNCED_BYTES) {
        sync();
      }
    }
  }

  private void sync() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    unsyncedBytes = 0;
  }

  /** Gives up what is not committed. */
  @Override
  public void close() {
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }

  static Path lockOf(Path file) {
    return file.resolveSibling(file.getFileName() + "-lock");
  }

  static void deleteFile(Path file) throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(lockOf(file));
  }
}
