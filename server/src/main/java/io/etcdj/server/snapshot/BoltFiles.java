package io.etcdj.server.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import io.etcdj.storage.bolt.BoltBucket;
import io.etcdj.storage.bolt.BoltReader;
import io.etcdj.storage.bolt.BoltWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Databases as Go etcd's file: what a snapshot is, and what another engine's data directory holds.
 *
 * <p>The rows are the same as in our database; only the file differs.
 */
public final class BoltFiles {
  private static final int BOLT_MAGIC = 0xED0CDAED;
  private static final int MAGIC_OFFSET = 16;

  /** So many bytes at the start of a file say whether it is a bbolt database. */
  static final int LEAD_BYTES = MAGIC_OFFSET + Integer.BYTES;

  private BoltFiles() {}

  /** Whether a file is a bbolt database. */
  public static boolean isBolt(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return isLead(in.readNBytes(LEAD_BYTES));
    }
  }

  static boolean isLead(byte[] bytes) {
    return bytes.length == LEAD_BYTES
        && ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(MAGIC_OFFSET) == BOLT_MAGIC;
  }

  /** Replaces every row of a backend by those of {@code bolt}. */
  public static void load(Path bolt, Backend backend) throws IOException {
    try (BoltReader reader = BoltReader.open(bolt)) {
      backend.replaceAll((table, into) -> copy(reader, table, into));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Writes all tables that others have to a new file.
   *
   * @param meta rows of the meta table that are to be other than in {@code tables}
   */
  public static void write(Backend.TableView tables, Map<String, byte[]> meta, Path target)
      throws IOException {
    try (BoltWriter writer = BoltWriter.create(target)) {
      for (Table table : Table.values()) {
        if (!table.isShared()) {
          continue;
        }
        writer.bucket(table.bucket());
        if (table == Table.META) {
          TreeMap<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);
          tables.scan(table, rows::put);
          meta.forEach((key, value) -> rows.put(key.getBytes(US_ASCII), value));
          rows.forEach((key, value) -> put(writer, key, value));
        } else {
          tables.scan(table, (key, value) -> put(writer, key, value));
        }
      }
      writer.finish();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void put(BoltWriter writer, byte[] key, byte[] value) {
    try {
      writer.put(key, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(BoltReader reader, Table table, Backend.RowVisitor into) {
    try {
      BoltBucket bucket = table.isShared() ? reader.bucket(table.bucket()) : null;
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
}
