package io.etcdj.storage.bolt;

import io.etcdj.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of a file through a few windows of fixed size.
 *
 * <p>Reads instead of a mapping: a file that is cut while it is mapped takes the whole process
 * down.
 */
final class Pages {
  private static final int WINDOW_BYTES = 64 << 10;
  private static final int WINDOWS = 32;

  private final DiskFile file;
  private final long fileBytes;
  private final byte[][] windows = new byte[WINDOWS][];
  private final long[] windowAt = new long[WINDOWS];

  Pages(DiskFile file) throws IOException {
    this.file = file;
    this.fileBytes = file.size();
    Arrays.fill(windowAt, -1);
  }

  long fileBytes() {
    return fileBytes;
  }

  /** Copies a part of the file that must be there. */
  void read(long offset, byte[] into, int length) throws IOException {
    if (length > WINDOW_BYTES) {
      file.readFully(ByteBuffer.wrap(into, 0, length), offset);
      return;
    }
    int done = 0;
    while (done < length) {
      long number = (offset + done) / WINDOW_BYTES;
      int start = (int) ((offset + done) % WINDOW_BYTES);
      int piece = Math.min(length - done, WINDOW_BYTES - start);
      System.arraycopy(window(number), start, into, done, piece);
      done += piece;
    }
  }

  private byte[] window(long number) throws IOException {
    int slot = (int) (number % WINDOWS);
    byte[] bytes = windows[slot];
    if (bytes == null) {
      bytes = new byte[WINDOW_BYTES];
      windows[slot] = bytes;
    }
    if (windowAt[slot] != number) {
      windowAt[slot] = -1;
      long offset = number * WINDOW_BYTES;
      int length = (int) Math.min(WINDOW_BYTES, fileBytes - offset);
      file.readFully(ByteBuffer.wrap(bytes, 0, length), offset);
      windowAt[slot] = number;
    }
    return bytes;
  }
}
