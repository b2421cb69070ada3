package io.etcdj.storage.rows;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.Table;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads such a stream, table by table in the backend's order.
 *
 * <p>Tables that the writer did not have are empty; one that is not known here is an error, as is
 * anything that is missing, left over, or not what the checksum says.
 */
public final class RowReader implements Backend.RowSource {
  /** So many bytes at the start of a stream say that it is one. */
  public static final int LEAD_BYTES = RowWriter.MAGIC.length;

  private static final int BUFFER_BYTES = 1 << 20;

  /** Longer than any key or value can be; a length beyond it is damage. */
  private static final int MAX_ROW_BYTES = 1 << 30;

  private final InputStream in;
  private final CRC32C crc = new CRC32C();

  /** Read and not asked for yet, between position and limit. */
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);

  /** Where in the buffer begins what the checksum does not have yet. */
  private int unchecked;

  /** What the backend has not asked for yet. */
  private final Set<Table> toCome = EnumSet.allOf(Table.class);

  /** The table whose rows come next; null at the end. */
  private @Nullable String next;

  /**
   * @param in what comes after a lead
   * @throws EOFException if it ends too soon
   */
  public RowReader(InputStream in) throws IOException {
    this.in = in;
    crc.update(RowWriter.MAGIC);
    this.next = name();
  }

  /** Whether a stream that begins with these {@link #LEAD_BYTES} bytes holds rows. */
  public static boolean isLead(byte[] bytes) {
    return Arrays.equals(bytes, RowWriter.MAGIC);
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
      throw new BackendCorruptException("rows end in the middle");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void rows(Backend.RowVisitor into) throws IOException {
    for (int length = number(); length != RowWriter.END_OF_TABLE; length = number()) {
      int valueLength = number();
      into.visit(bytes(length), bytes(valueLength));
    }
  }

  private int number() throws IOException {
    require(Integer.BYTES);
    return buffer.getInt();
  }

  private byte[] bytes(int length) throws IOException {
    if (length < 0 || length > MAX_ROW_BYTES) {
      throw new BackendCorruptException("rows with a length of " + length);
    }
    // A length that is damage must not take memory that was never sent.
    byte[] bytes = new byte[Math.min(length, BUFFER_BYTES)];
    for (int at = 0; at < length; ) {
      if (at == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * bytes.length));
      }
      require(1);
      int some = Math.min(buffer.remaining(), bytes.length - at);
      buffer.get(bytes, at, some);
      at += some;
    }
    return bytes;
  }

  private @Nullable String name() throws IOException {
    require(1);
    int length = buffer.get() & 0xff;
    return length == 0 ? null : new String(bytes(length), US_ASCII);
  }

  /** Reads until so many bytes are in the buffer, at most a few. */
  private void require(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    check();
    buffer.compact();
    while (buffer.position() < bytes) {
      int some = in.read(buffer.array(), buffer.position(), buffer.remaining());
      if (some < 0) {
        throw new EOFException();
      }
      buffer.position(buffer.position() + some);
    }
    buffer.flip();
    unchecked = 0;
  }

  /** Takes what was asked for so far into the checksum. */
  private void check() {
    crc.update(buffer.array(), unchecked, buffer.position() - unchecked);
    unchecked = buffer.position();
  }

  private void expectEnd() throws IOException {
    if (next != null) {
      throw new BackendCorruptException(
          "rows of table " + next + ", which is not known here, or not in its place");
    }
    check();
    int computed = (int) crc.getValue();
    int stored = number();
    if (stored != computed) {
      throw new BackendCorruptException(
          "rows with the checksum %08x where %08x was expected".formatted(computed, stored));
    }
    if (buffer.hasRemaining() || in.read() >= 0) {
      throw new BackendCorruptException("rows go on after their end");
    }
  }
}
