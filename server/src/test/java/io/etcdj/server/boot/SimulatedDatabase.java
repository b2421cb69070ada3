package io.etcdj.server.boot;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.MemoryBackend;
import io.etcdj.storage.backend.Table;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A database whose unflushed rows a crash takes, and which can be sent to another member.
 *
 * <p>The file on its way has for each table a number of rows, and for each row key and value, each
 * behind its length.
 */
final class SimulatedDatabase implements Database {
  private final Disk disk;
  private @Nullable MemoryBackend backend;

  SimulatedDatabase(Disk disk) {
    this.disk = disk;
  }

  @Override
  public boolean exists() {
    return backend != null;
  }

  @Override
  public Backend open() {
    if (backend == null) {
      backend = new MemoryBackend();
    }
    return backend;
  }

  @Override
  public Backend replaceBy(Path received) throws IOException {
    MemoryBackend fresh = new MemoryBackend();
    load(disk, received, fresh);
    backend = fresh;
    disk.delete(received);
    return fresh;
  }

  void crash() {
    if (backend != null) {
      backend = backend.crash();
    }
  }

  /** All rows of a view, as they are sent. */
  static byte[] rows(Backend.TableView tables) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      for (Table table : Table.values()) {
        int[] count = {0};
        tables.scan(table, (key, value) -> count[0]++);
        out.writeInt(count[0]);
        tables.scan(
            table,
            (key, value) -> {
              write(out, key);
              write(out, value);
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, byte[] field) {
    try {
      out.writeInt(field.length);
      out.write(field);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts the rows of a received file in the place of all that a backend has. */
  static void load(Disk disk, Path received, Backend into) throws IOException {
    ByteBuffer all;
    try (DiskFile file = disk.open(received, Disk.Mode.READ)) {
      all = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.readFully(all, 0);
    }
    all.flip();
    into.replaceAll(
        (table, visitor) -> {
          // The backend asks in the order of the tables, which is the order of the file.
          for (int rows = all.getInt(); rows > 0; rows--) {
            visitor.visit(field(all), field(all));
          }
        });
  }

  private static byte[] field(ByteBuffer all) {
    byte[] field = new byte[all.getInt()];
    all.get(field);
    return field;
  }
}
