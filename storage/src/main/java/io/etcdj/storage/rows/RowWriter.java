package io.etcdj.storage.rows;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Writes the tables of a view as a stream, a piece at a time; makes no object for a row. */
public final class RowWriter {
  static final byte[] MAGIC = "etcdj rows 1\n".getBytes(US_ASCII);
  static final int END_OF_TABLE = -1;

  private final Sink sink;
  private final CRC32C crc = new CRC32C();
  private ByteBuffer piece;

  private RowWriter(Sink sink) {
    this.sink = sink;
    this.piece = sink.room();
  }

  /** Where the stream goes. */
  public interface Sink {
    /** Room for the next piece, empty and of some KB at least. */
    ByteBuffer room();

    /** Takes that piece, ready to be read and never touched again by the writer. */
    void take(ByteBuffer piece);
  }

  /** Writes all of {@code tables}; what the sink throws ends it. */
  public static void write(Backend.TableView tables, Sink sink) {
    RowWriter writer = new RowWriter(sink);
    writer.bytes(ByteBuffer.wrap(MAGIC));
    for (Table table : Table.values()) {
      byte[] name = table.bucket().getBytes(US_ASCII);
      writer.reserve(1).put((byte) name.length);
      writer.bytes(ByteBuffer.wrap(name));
      tables.scanInPlace(table, writer::row);
      writer.number(END_OF_TABLE);
    }
    writer.end();
  }

  private void row(ByteBuffer key, ByteBuffer value) {
    number(key.remaining());
    number(value.remaining());
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
    sink.take(piece.flip());
  }

  private void number(int number) {
    reserve(Integer.BYTES).putInt(number);
  }

  private void bytes(ByteBuffer bytes) {
    int end = bytes.limit();
    while (bytes.position() < end) {
      reserve(1);
      bytes.limit(Math.min(end, bytes.position() + piece.remaining()));
      piece.put(bytes);
    }
    bytes.limit(end);
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
    piece = sink.room();
  }
}
