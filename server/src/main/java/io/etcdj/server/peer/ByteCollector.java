package io.etcdj.server.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Gives out bytes in the lengths that a format asks for, from chunks as the network cuts them.
 *
 * <p>What lies in one chunk is not copied. What does not is collected in an array that grows with
 * what really comes, so that an announced length costs nothing by itself.
 *
 * <pre>
 *   add([0 0 0])   take(8) = null
 *   add([0 0 0 0 2 a b c])   take(8) = [0 0 0 0 0 0 0 2], take(2) = [a b], take(8) = null
 * </pre>
 */
final class ByteCollector {
  private static final int FIRST_BYTES = 16 * 1024;
  private static final byte[] NONE = {};

  private byte[] chunk = NONE;
  private int at;

  /** The begin of what {@link #take} could not give yet. */
  private byte[] parts = NONE;

  private int held;

  /** Adds what came; {@link #take} must have returned null since the last time. */
  void add(byte[] next) {
    if (at != chunk.length) {
      throw new IllegalStateException("bytes left over");
    }
    chunk = next;
    at = 0;
  }

  /** The next bytes, or null until so many are there. Ask for the same length again then. */
  @Nullable ByteString take(int length) {
    if (held == 0 && chunk.length - at >= length) {
      ByteString whole = UnsafeByteOperations.unsafeWrap(chunk, at, length);
      at += length;
      return whole;
    }
    int more = Math.min(length - held, chunk.length - at);
    if (held + more > parts.length) {
      long room = Math.max(FIRST_BYTES, 2L * (held + more));
      parts = Arrays.copyOf(parts, (int) Math.min(length, room));
    }
    System.arraycopy(chunk, at, parts, held, more);
    at += more;
    held += more;
    if (held < length) {
      return null;
    }
    ByteString whole = UnsafeByteOperations.unsafeWrap(parts, 0, length);
    parts = NONE;
    held = 0;
    return whole;
  }

  /** All that is there and was not taken. */
  byte[] rest() {
    byte[] all = Arrays.copyOf(parts, held + chunk.length - at);
    System.arraycopy(chunk, at, all, held, chunk.length - at);
    chunk = NONE;
    at = 0;
    parts = NONE;
    held = 0;
    return all;
  }
}
