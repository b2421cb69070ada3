package io.etcdj.server.front.grpc;

import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * Takes a request's bytes apart into messages: a flag, the length in four bytes, the message.
 *
 * <p>Memory is given for bytes that came, not for those that were announced, so that an announced
 * message costs a liar nothing of ours. Confined to its event loop.
 */
final class MessageReader {
  /** Where the messages go. */
  interface Sink {
    /** One message, decompressed; the array is the receiver's. */
    void message(byte[] bytes);

    /** Whether further messages are of no interest. */
    boolean done();
  }

  private static final int HEAD_BYTES = 5;
  private static final int FIRST_CHUNK_BYTES = 8 * 1024;

  private final int maxBytes;
  private final boolean gzip;
  private final Sink sink;

  private final byte[] head = new byte[HEAD_BYTES];
  private int headBytes;
  private byte[] body = new byte[0];
  private int bodyBytes;
  private int length = -1; // of the message under way; -1 while its head is not complete

  MessageReader(int maxBytes, boolean gzip, Sink sink) {
    this.maxBytes = maxBytes;
    this.gzip = gzip;
    this.sink = sink;
  }

  /** Throws the refusal with which the call has to end. */
  void feed(Buffer data) {
    int position = 0;
    int end = data.length();
    while (position < end && !sink.done()) {
      if (length < 0) {
        int taken = Math.min(HEAD_BYTES - headBytes, end - position);
        data.getBytes(position, position + taken, head, headBytes);
        headBytes += taken;
        position += taken;
        if (headBytes < HEAD_BYTES) {
          return;
        }
        begin();
      }
      int taken = Math.min(length - bodyBytes, end - position);
      if (bodyBytes + taken > body.length) {
        int room = Math.max(bodyBytes + taken, Math.max(FIRST_CHUNK_BYTES, 2 * body.length));
        body = Arrays.copyOf(body, Math.min(length, room));
      }
      data.getBytes(position, position + taken, body, bodyBytes);
      bodyBytes += taken;
      position += taken;
      if (bodyBytes == length) {
        deliver();
      }
    }
  }

  /** Whether the bytes so far end within a message. */
  boolean midMessage() {
    return headBytes > 0;
  }

  private void begin() {
    long announced =
        (head[1] & 0xffL) << 24 | (head[2] & 0xff) << 16 | (head[3] & 0xff) << 8 | (head[4] & 0xff);
    if (announced > maxBytes) {
      throw EtcdException.of(
          GrpcCode.RESOURCE_EXHAUSTED,
          "grpc: received message larger than max (" + announced + " vs. " + maxBytes + ")");
    }
    if (head[0] != 0 && head[0] != 1) {
      throw EtcdException.of(
          GrpcCode.INTERNAL, "grpc: received unexpected payload format " + (head[0] & 0xff));
    }
    if (head[0] == 1 && !gzip) {
      throw EtcdException.of(
          GrpcCode.INTERNAL, "grpc: compressed flag set with identity or empty encoding");
    }
    length = (int) announced;
  }

  private void deliver() {
    byte[] message = body.length == length ? body : Arrays.copyOf(body, length);
    boolean compressed = head[0] == 1;
    body = new byte[0];
    bodyBytes = 0;
    headBytes = 0;
    length = -1;
    sink.message(compressed ? decompress(message) : message);
  }

  private byte[] decompress(byte[] compressed) {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] chunk = new byte[FIRST_CHUNK_BYTES];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        out.write(chunk, 0, n);
        if (out.size() > maxBytes) { // checked on the way: a small bomb unpacks to gigabytes
          throw EtcdException.of(
              GrpcCode.RESOURCE_EXHAUSTED,
              "grpc: received message after decompression larger than max " + maxBytes);
        }
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw EtcdException.of(
          GrpcCode.INTERNAL, "grpc: failed to decompress the received message: " + e.getMessage());
    }
  }
}
