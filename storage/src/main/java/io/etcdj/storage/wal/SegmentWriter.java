package io.etcdj.storage.wal;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Turns records into frames and puts them at the end of a segment.
 *
 * <p>Frames collect in one direct buffer that is used again and again; {@link #flush} is one write.
 * The encoding is written out by hand because it is the hot path: an entry is copied once, from its
 * {@link ByteString} into the buffer, and its CRC is computed there.
 *
 * <pre>
 *   frame    length, 8 bytes, little endian | record | 0 to 7 zero bytes
 *   record   08 type  10 crc  1a size data
 *   entry    08 type  10 term  18 index  22 size data
 * </pre>
 */
final class SegmentWriter {
  private static final int START_BYTES = 256 << 10;

  /** A batch larger than this goes out in several writes. */
  private static final int MOST_BYTES = 8 << 20;

  private static final int LENGTH_BYTES = 8;
  private static final int CRC_BYTES = 5; // the most that a 32-bit varint takes

  /** All of a frame except the data: length, type, crc, size, padding. */
  private static final int FRAME_OVERHEAD = LENGTH_BYTES + 2 + 1 + CRC_BYTES + 1 + 5 + 7;

  /** Tag and varint of type, term, index and the size of the data. */
  private static final int ENTRY_OVERHEAD = 2 + 11 + 11 + 6;

  private final RunningCrc crc = new RunningCrc();
  private final WalListener listener;
  private DiskFile file;
  private ZeroFill ahead;
  private long flushed;
  private ByteBuffer buffer;
  private ByteBuffer view;

  /**
   * Goes on at {@code offset} of {@code file}, where the chain stands at {@code crcValue}.
   *
   * @param ahead what fills the rest of the file with zeros
   */
  SegmentWriter(DiskFile file, ZeroFill ahead, long offset, int crcValue, WalListener listener) {
    this.file = file;
    this.ahead = ahead;
    this.flushed = offset;
    this.listener = listener;
    this.crc.seed(crcValue);
    this.buffer = ByteBuffer.allocateDirect(START_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    this.view = buffer.duplicate();
  }

  /** Goes on at the start of another file; the chain of CRCs runs through. */
  void moveTo(DiskFile next, ZeroFill nextAhead) {
    file = next;
    ahead = nextAhead;
    flushed = 0;
  }

  /** Where the next frame will begin. */
  long position() {
    return flushed + buffer.position();
  }

  /** Where the chain of CRCs stands. */
  int crc() {
    return crc.value();
  }

  /** Where the file ends as far as the operating system knows. */
  long flushedBytes() {
    return flushed;
  }

  /** The head of a segment: where the chain stands. */
  void crcRecord() throws IOException {
    reserve(FRAME_OVERHEAD);
    int start = buffer.position();
    buffer.position(start + LENGTH_BYTES);
    buffer.put((byte) 0x08).put((byte) RecordType.CRC).put((byte) 0x10);
    putVarint(crc.value() & 0xffffffffL);
    closeFrame(start);
  }

  void record(int type, byte[] data) throws IOException {
    reserve(FRAME_OVERHEAD + data.length);
    int start = openData(data.length);
    buffer.put(data);
    closeData(start, type, data.length);
  }

  void entry(Entry entry) throws IOException {
    boolean hasData = entry.hasData();
    ByteString data = entry.getData();
    reserve(FRAME_OVERHEAD + ENTRY_OVERHEAD + data.size());
    int size = 2 + 1 + varintBytes(entry.getTerm()) + 1 + varintBytes(entry.getIndex());
    if (hasData) {
      size += 1 + varintBytes(data.size()) + data.size();
    }
    int start = openData(size);
    buffer.put((byte) 0x08).put((byte) entry.getType().getNumber());
    buffer.put((byte) 0x10);
    putVarint(entry.getTerm());
    buffer.put((byte) 0x18);
    putVarint(entry.getIndex());
    if (hasData) {
      buffer.put((byte) 0x22);
      putVarint(data.size());
      data.copyTo(buffer);
    }
    closeData(start, RecordType.ENTRY, size);
  }

  /** Hands everything collected to the operating system. */
  void flush() throws IOException {
    if (buffer.position() == 0) {
      return;
    }
    buffer.flip();
    int bytes = buffer.remaining();
    ahead.beforeWriteTo(flushed + bytes);
    long began = System.nanoTime();
    file.write(buffer, flushed);
    listener.written(bytes, System.nanoTime() - began);
    flushed += bytes;
    ahead.afterWriteTo(flushed);
    buffer.clear();
    if (buffer.capacity() > MOST_BYTES) {
      resizeBuffer(START_BYTES); // one giant entry must not hold its memory for good
    }
  }

  private int openData(int size) {
    int start = buffer.position();
    // The CRC comes before the data and its length depends on its value: leave room for the
    // longest, which 15 of 16 values need.
    buffer.position(start + LENGTH_BYTES + 2 + 1 + CRC_BYTES + 1 + varintBytes(size));
    return start;
  }

  private void closeData(int start, int type, int size) {
    int dataStart = buffer.position() - size;
    view.limit(buffer.position()).position(dataStart);
    crc.update(view);
    long value = crc.value() & 0xffffffffL;
    int spare = CRC_BYTES - varintBytes(value);
    if (spare > 0) {
      buffer.put(dataStart - spare, buffer, dataStart, size);
    }
    int end = buffer.position() - spare;
    buffer.position(start + LENGTH_BYTES);
    buffer.put((byte) 0x08).put((byte) type).put((byte) 0x10);
    putVarint(value);
    buffer.put((byte) 0x1a);
    putVarint(size);
    buffer.position(end);
    closeFrame(start);
  }

  private void closeFrame(int start) {
    int recordBytes = buffer.position() - start - LENGTH_BYTES;
    int padding = -recordBytes & 7;
    long mark = padding == 0 ? 0 : (0x80L | padding) << 56;
    buffer.putLong(start, mark | recordBytes);
    for (int i = 0; i < padding; i++) {
      buffer.put((byte) 0);
    }
  }

  private void reserve(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    if (buffer.position() + bytes > MOST_BYTES) {
      flush();
    }
    if (buffer.remaining() < bytes) {
      int wanted = buffer.position() + bytes;
      resizeBuffer(
          wanted > MOST_BYTES ? wanted : Math.min(MOST_BYTES, Integer.highestOneBit(wanted) << 1));
    }
  }

  /** Another buffer with the same frames in it. */
  private void resizeBuffer(int capacity) {
    ByteBuffer old = buffer;
    buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    view = buffer.duplicate();
    buffer.put(old.flip());
  }

  private void putVarint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    buffer.put((byte) rest);
  }

  private static int varintBytes(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
  }
}
