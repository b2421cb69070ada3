package io.etcdj.server.boot;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.backend.Table;
import io.etcdj.storage.bolt.BoltBucket;
import io.etcdj.storage.bolt.BoltReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Takes over a database that Go etcd wrote: {@code member/snap/db} as a bbolt file.
 *
 * <p>The rows are the same; only the file differs. It is converted beside the original and takes
 * its place in one step, so a crash leaves one or the other whole.
 */
final class BoltImport {
  private static final int BOLT_MAGIC = 0xED0CDAED;
  private static final int MAGIC_OFFSET = 16;

  private BoltImport() {}

  /** Whether a file is a bbolt database. */
  static boolean isBolt(Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) < MAGIC_OFFSET + Integer.BYTES) {
      return false;
    }
    ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.read(magic, MAGIC_OFFSET);
    }
    return magic.getInt(0) == BOLT_MAGIC;
  }

  /** Converts {@code bolt} into the database file {@code target}, which may be the same path. */
  static void convert(Path bolt, Path target) throws IOException {
    Path fresh = target.resolveSibling("db.tmp.import");
    Files.deleteIfExists(fresh);
    Files.deleteIfExists(lockOf(fresh));
    try (BoltReader reader = BoltReader.open(bolt);
        Backend backend = new LmdbBackend(fresh, LmdbBackend.Options.defaults())) {
      backend.replaceAll((table, into) -> copy(reader, table, into));
    } catch (UncheckedIOException e) {
      throw e.getCause();
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

  private static void copy(BoltReader reader, Table table, Backend.RowVisitor into) {
    try {
      BoltBucket bucket = reader.bucket(table.bucket());
      if (bucket != null) {
        bucket.forEach((key, value) -> into.visit(bytes(key), bytes(value)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static Path lockOf(Path file) {
    return file.resolveSibling(file.getFileName() + "-lock");
  }
}
