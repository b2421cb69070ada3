package io.etcdj.server.front.json;

import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * Takes a request body apart into JSON values, as they come. Confined to its event loop.
 *
 * <p>A method of one message takes one value, and nothing but blanks may follow; a stream takes as
 * many as there are, one after the other.
 */
final class JsonReader {
  /** Where the values go. */
  interface Sink {
    /** The text of one value. */
    void value(byte[] text);

    /** Whether further values are of no interest. */
    boolean done();
  }

  private final boolean many;
  private final int maxBytes;
  private final Sink sink;
  private final JsonSyntax syntax = new JsonSyntax();
  private byte[] text = new byte[0];
  private int length;
  private boolean oneTaken;

  JsonReader(boolean many, int maxBytes, Sink sink) {
    this.many = many;
    this.maxBytes = maxBytes;
    this.sink = sink;
  }

  /** Throws the refusal with which the call has to end. */
  void feed(Buffer data) {
    byte[] bytes = data.getBytes();
    int position = 0;
    while (position < bytes.length && !sink.done()) {
      if (oneTaken && !many) {
        refuseMore(bytes, position);
        return;
      }
      int end = syntax.scan(bytes, position, bytes.length);
      int upTo = end < 0 ? bytes.length : end;
      append(bytes, position, upTo);
      position = upTo;
      if (end >= 0) {
        deliver();
      }
    }
  }

  /** The body is over. */
  void end() {
    if (sink.done()) {
      return;
    }
    if (syntax.endsNumber()) {
      deliver();
    } else if (syntax.midValue()) {
      throw JsonSyntax.refusal("unexpected EOF");
    } else if (!oneTaken && !many) {
      sink.value(new byte[] {'{', '}'}); // an empty body is an empty message
    }
  }

  private void deliver() {
    byte[] value = Arrays.copyOf(text, length);
    text = new byte[0];
    length = 0;
    oneTaken = true;
    sink.value(value);
  }

  private void append(byte[] bytes, int from, int to) {
    int count = to - from;
    if (length + (long) count > maxBytes) {
      throw EtcdException.of(
          GrpcCode.RESOURCE_EXHAUSTED,
          "grpc: received message larger than max ("
              + (length + (long) count)
              + " vs. "
              + maxBytes
              + ")");
    }
    if (length + count > text.length) {
      text = Arrays.copyOf(text, Math.max(length + count, 2 * text.length));
    }
    System.arraycopy(bytes, from, text, length, count);
    length += count;
  }

  private static void refuseMore(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (!JsonSyntax.blank(bytes[i])) {
        throw JsonSyntax.afterTopLevelValue(bytes[i]);
      }
    }
  }
}
