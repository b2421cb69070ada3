package io.etcdj.storage.bolt;

import io.etcdj.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Pages one after the other, through one buffer; says which number each got. */
final class PageOutput {
  static final int PAGE_BYTES = 4096;
  private static final int BUFFER_BYTES = 1 << 20;

  private final DiskFile file;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long written;

  /** Begins behind the pages up to {@code firstPage}. */
  PageOutput(DiskFile file, long firstPage) {
    this.file = file;
    this.written = firstPage * PAGE_BYTES;
  }

  /** The number that the next page will get; also, at the end, how many there are. */
  long nextPage() {
    return (written + buffer.position() + PAGE_BYTES - 1) / PAGE_BYTES;
  }

  /** Writes the header of the next page, which will hold {@code bytes} with it. */
  long begin(int flags, int count, long bytes) throws IOException {
    while ((written + buffer.position()) % PAGE_BYTES != 0) {
      room(1).put((byte) 0);
    }
    long page = nextPage();
    long overflow = (bytes - 1) / PAGE_BYTES;
    room(Format.PAGE_HEADER)
        .putLong(page)
        .putShort((short) flags)
        .putShort((short) count)
        .putInt((int) overflow);
    return page;
  }

  void putInt(int value) throws IOException {
    room(Integer.BYTES).putInt(value);
  }

  void putLong(long value) throws IOException {
    room(Long.BYTES).putLong(value);
  }

  void put(byte[] bytes, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int piece = Math.min(room(1).remaining(), length - done);
      buffer.put(bytes, done, piece);
      done += piece;
    }
  }

  /** Fills the last page up and hands everything to the operating system. */
  void finish() throws IOException {
    while ((written + buffer.position()) % PAGE_BYTES != 0) {
      room(1).put((byte) 0);
    }
    flush();
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void flush() throws IOException {
    buffer.flip();
    int bytes = buffer.remaining();
    file.write(buffer, written);
    written += bytes;
    buffer.clear();
  }
}
