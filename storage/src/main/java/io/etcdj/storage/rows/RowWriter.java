package io.etcdj.storage.rows;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Writes the tables of a view as a stream, a piece at a time. */
public final class RowWriter {
  static final byte[] MAGIC = "etcdj rows 1\n".getBytes(US_ASCII);
  static final int END_OF_TABLE = -1;

  private static final int PIECE_BYTES = 256 << 10;

  private final Sink sink;
  private final CRC32C crc = new CRC32C();
  private ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);

  private RowWriter(Sink sink) {
    this.sink = sink;
  }

  /** Where the stream goes. */
  @FunctionalInterface
  public interface Sink {
    /** Takes the next piece, ready to be read and never touched again by the writer. */
    void take(ByteBuffer piece);
  }

  /** Writes all of {@code tables}; what the sink throws ends it. */
  public static void write(Backend.TableView tables, Sink sink) {
    RowWriter writer = new RowWriter(sink);
    writer.bytes(MAGIC);
    for (Table table : Table.values()) {
      byte[] name = table.bucket().getBytes(US_ASCII);
      writer.reserve(1).put((byte) name.length);
      writer.bytes(name);
      tables.scan(table, writer::row);
      writer.number(END_OF_TABLE);
    }
    writer.end();
  }

  private void row(byte[] key, byte[] value) {
    number(key.length);
    number(value.length);
    bytes(key);
    bytes(value);
  }

  private void end() {
    reserve(1).put((byte) 0);
    crc.update(piece.duplicate().flip());
    if (piece.remaining() < Integer.BYTES) {
      pass();
    }
    piece.putInt((int) crc.getValue());
    pass();
  }

  private void number(int number) {
    reserve(Integer.BYTES).putInt(number);
  }

  private void bytes(byte[] bytes) {
    int from = 0;
    while (from < bytes.length) {
      reserve(1);
      int length = Math.min(piece.remaining(), bytes.length - from);
      piece.put(bytes, from, length);
      from += length;
    }
  }

  /** The piece, with room for so many bytes. */
  private ByteBuffer reserve(int bytes) {
    if (piece.remaining() < bytes) {
      crc.update(piece.duplicate().flip());
      pass();
    }
    return piece;
  }

  private void pass() {
    sink.take(piece.flip());
    piece = ByteBuffer.allocate(PIECE_BYTES);
  }
}
