package io.etcdj.server.front.rpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A message that is encoded once and sent to many streams, as an event is to its watchers.
 *
 * <p>The bytes are a gRPC frame: a zero byte, the length in four, the message. They are plain
 * memory and are never changed, so that streams share them without counting references; a stream
 * that is reset drops what it had queued, and nothing leaks. Any thread.
 */
public final class EncodedMessage<R extends Message> {
  /** Bytes before the message: the compressed flag and the length. */
  public static final int HEAD_BYTES = 5;

  private final Supplier<R> message;
  private final byte[] frame;
  private volatile byte @Nullable [] alternative;

  private EncodedMessage(Supplier<R> message, byte[] frame) {
    this.message = message;
    this.frame = frame;
  }

  public static <R extends Message> EncodedMessage<R> of(R message) {
    return new EncodedMessage<>(() -> message, frame(message));
  }

  /**
   * A message that somebody else encoded, in the given parts one after the other.
   *
   * @param parser reads it back where it is wanted as a message, as JSON needs it
   */
  public static <R extends Message> EncodedMessage<R> ofEncoded(Parser<R> parser, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] frame = new byte[HEAD_BYTES + length];
    putLength(frame, length);
    int at = HEAD_BYTES;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, frame, at, part.length);
      at += part.length;
    }
    int messageBytes = length;
    return new EncodedMessage<>(
        () -> {
          try {
            return parser.parseFrom(frame, HEAD_BYTES, messageBytes);
          } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a message of our own encoding does not parse", e);
          }
        },
        frame);
  }

  /** The gRPC frame of a message. */
  public static byte[] frame(Message message) {
    int length = message.getSerializedSize();
    byte[] frame = new byte[HEAD_BYTES + length];
    putLength(frame, length);
    try {
      message.writeTo(CodedOutputStream.newInstance(frame, HEAD_BYTES, length));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array of the announced size cannot run out
    }
    return frame;
  }

  /** Writes a frame's head for an uncompressed message of this length (up to 2^32 - 1). */
  public static void putLength(byte[] frame, long length) {
    frame[1] = (byte) (length >>> 24);
    frame[2] = (byte) (length >>> 16);
    frame[3] = (byte) (length >>> 8);
    frame[4] = (byte) length;
  }

  public R message() {
    return message.get();
  }

  /** The shared frame; read only. */
  public byte[] frame() {
    return frame;
  }

  public int messageBytes() {
    return frame.length - HEAD_BYTES;
  }

  /**
   * The message in the one other encoding there is, made by whoever asks first and then shared. Two
   * threads that ask at once may both make it; they make the same.
   */
  public byte[] alternative(Function<? super R, byte[]> encoder) {
    byte[] known = alternative;
    if (known == null) {
      known = encoder.apply(message());
      alternative = known;
    }
    return known;
  }
}
