package io.etcdj.storage.rows;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.Table;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads such a stream from a file, table by table in the backend's order.
 *
 * <p>Tables that the writer did not have are empty; one that is not known here is an error, as is
 * anything that is missing, left over, or not what the checksum says.
 */
public final class RowReader implements Backend.RowSource, AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Longer than any key or value can be; a length beyond it is damage. */
  private static final int MAX_ROW_BYTES = 1 << 30;

  private final Path file;
  private final CheckedInputStream checked;
  private final DataInputStream in;

  /** What the backend has not asked for yet. */
  private final Set<Table> toCome = EnumSet.allOf(Table.class);

  /** The table whose rows come next; null at the end. */
  private @Nullable String next;

  private RowReader(Path file, InputStream raw) throws IOException {
    this.file = file;
    this.checked = new CheckedInputStream(new BufferedInputStream(raw, BUFFER_BYTES), new CRC32C());
    this.in = new DataInputStream(checked);
    in.skipNBytes(RowWriter.MAGIC.length);
    this.next = name();
  }

  /** Whether a file holds such a stream. */
  public static boolean isRows(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(RowWriter.MAGIC.length), RowWriter.MAGIC);
    }
  }

  /**
   * Opens a file for which {@link #isRows} holds.
   *
   * @throws EOFException if it ends too soon
   */
  public static RowReader open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      return new RowReader(file, raw);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  @Override
  public void rows(Table table, Backend.RowVisitor into) {
    try {
      if (table.bucket().equals(next)) {
        rows(into);
        next = name();
      }
      toCome.remove(table);
      if (toCome.isEmpty()) {
        expectEnd();
      }
    } catch (EOFException e) {
      throw new BackendCorruptException("rows in " + file + " end in the middle");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void rows(Backend.RowVisitor into) throws IOException {
    for (int length = in.readInt(); length != RowWriter.END_OF_TABLE; length = in.readInt()) {
      int valueLength = in.readInt();
      into.visit(bytes(length), bytes(valueLength));
    }
  }

  private byte[] bytes(int length) throws IOException {
    if (length < 0 || length > MAX_ROW_BYTES) {
      throw new BackendCorruptException("rows in " + file + ": a length of " + length);
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  private @Nullable String name() throws IOException {
    int length = in.readUnsignedByte();
    return length == 0 ? null : new String(bytes(length), US_ASCII);
  }

  private void expectEnd() throws IOException {
    if (next != null) {
      throw new BackendCorruptException(
          "rows in " + file + ": table " + next + " is not known here, or not in its place");
    }
    int computed = (int) checked.getChecksum().getValue();
    int stored = in.readInt();
    if (stored != computed) {
      throw new BackendCorruptException(
          "rows in %s: the checksum is %08x, and %08x was expected"
              .formatted(file, computed, stored));
    }
    if (in.read() >= 0) {
      throw new BackendCorruptException("rows in " + file + " go on after their end");
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
