package io.etcdj.storage.disk;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file. Positions are in bytes from its start; there is no cursor.
 *
 * <p>May be read from several threads; one thread writes.
 */
public interface DiskFile extends Closeable {
  long size() throws IOException;

  /** Reads up to {@code into.remaining()} bytes; -1 at or behind the end. */
  int read(ByteBuffer into, long position) throws IOException;

  /** Writes all that remains in {@code from}, growing the file where needed. */
  void write(ByteBuffer from, long position) throws IOException;

  /**
   * Grows the file to {@code size} with zeros that are really on the disk, so that writing below
   * that neither runs out of space nor makes the file system allocate. Never shrinks.
   */
  void preallocate(long size) throws IOException;

  /** Cuts the file, or grows it with zeros that may take no space yet. */
  void resize(long size) throws IOException;

  /** fdatasync: content and size survive a power cut once this returns. */
  void sync() throws IOException;

  /**
   * Takes the exclusive lock until close; false if anybody holds it, be it another process or
   * another handle in this one.
   */
  boolean tryLock() throws IOException;

  /** Reads exactly {@code into.remaining()} bytes, or says that the file ends before. */
  default void readFully(ByteBuffer into, long position) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int n = read(into, at);
      if (n < 0) {
        throw new EOFException("file ends at " + size() + ", wanted " + at);
      }
      at += n;
    }
  }

  @Override
  void close() throws IOException;
}
