package io.etcdj.server.peer;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.etcdj.server.front.vertx.VertxInternals;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Frames on their way out, one after the other in one array. */
final class FrameBuffer {
  /** What a frame costs beside its message, generously. */
  static final int FRAME_BYTES = 32;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int length;

  /** Room to begin with; it grows if need be. */
  FrameBuffer(int room) {
    bytes = new byte[room];
  }

  void putByte(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  void putLong(long value) {
    reserve(Long.BYTES);
    LONG.set(bytes, length, value);
    length += Long.BYTES;
  }

  /** The length in eight bytes, then the message. */
  void putFramed(MessageLite message) {
    int size = message.getSerializedSize();
    putLong(size);
    reserve(size);
    try {
      message.writeTo(CodedOutputStream.newInstance(bytes, length, size));
    } catch (IOException impossible) { // into an array of the size it asked for
      throw new UncheckedIOException(impossible);
    }
    length += size;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }

  /** What was put so far, without copying; put nothing more then. */
  Buffer toBuffer() {
    return VertxInternals.wrap(bytes).slice(0, length);
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
