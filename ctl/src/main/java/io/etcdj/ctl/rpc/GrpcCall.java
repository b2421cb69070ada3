package io.etcdj.ctl.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.etcdj.api.GrpcCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC call: messages out, messages in, then a status.
 *
 * <p>Each message is prefixed with a compression flag, which we never use, and its length. One
 * thread may send while another receives.
 */
public final class GrpcCall {
  private static final int PREFIX_BYTES = 5;

  private final Http2Connection connection;
  private final Http2Stream stream;
  private final Deadline deadline;
  private final int maxRequestBytes;

  GrpcCall(Http2Connection connection, Http2Stream stream, Deadline deadline, int maxRequestBytes) {
    this.connection = connection;
    this.stream = stream;
    this.deadline = deadline;
    this.maxRequestBytes = maxRequestBytes;
  }

  /** Sends one message of a stream that stays open. */
  public void send(MessageLite message) throws RpcException {
    send(message, false);
  }

  /** Sends the only or last message. */
  void sendLast(MessageLite message) throws RpcException {
    send(message, true);
  }

  private void send(MessageLite message, boolean last) throws RpcException {
    byte[] body = message.toByteArray();
    if (body.length > maxRequestBytes) {
      cancel();
      throw new RpcException(
          GrpcCode.RESOURCE_EXHAUSTED,
          "trying to send message larger than max ("
              + body.length
              + " vs. "
              + maxRequestBytes
              + ")");
    }
    byte[] framed =
        new Bytes(PREFIX_BYTES + body.length)
            .put(0)
            .putInt32(body.length)
            .put(body)
            .take(PREFIX_BYTES + body.length);
    try {
      connection.send(stream, framed, last, deadline);
    } catch (IOException e) {
      throw RpcException.unavailable(e);
    }
  }

  /**
   * Waits for the next message.
   *
   * @return null when the call ended with status OK
   * @throws RpcException when it ended otherwise, or the deadline passed
   */
  public <T> @Nullable T receive(Parser<T> parser) throws RpcException {
    return receive(parser, deadline);
  }

  /** Like {@link #receive(Parser)}, with a deadline for this one message; the call lives on. */
  public <T> @Nullable T receive(Parser<T> parser, Deadline patience) throws RpcException {
    try {
      while (true) {
        byte[] message;
        synchronized (connection) {
          message = nextMessage();
          if (message == null && stream.ended()) {
            checkStatus();
            return null;
          }
          stream.markSeen();
        }
        if (message != null) {
          return parser.parseFrom(message);
        }
        if (patience.expired()) {
          throw RpcException.deadlineExceeded();
        }
        connection.await(stream, patience);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new RpcException(
          GrpcCode.INTERNAL, "grpc: failed to unmarshal the received message: " + e.getMessage());
    } catch (IOException e) {
      throw RpcException.unavailable(e);
    }
  }

  private byte @Nullable [] nextMessage() throws RpcException {
    Bytes received = stream.received;
    if (received.size() < PREFIX_BYTES) {
      return null;
    }
    if (received.get(0) != 0) {
      throw new RpcException(
          GrpcCode.UNIMPLEMENTED, "grpc: compressed message, though no compression was offered");
    }
    int length = received.int32(1);
    if (length < 0) {
      throw new RpcException(
          GrpcCode.RESOURCE_EXHAUSTED, "grpc: received message larger than max (" + length + ")");
    }
    if (received.size() < PREFIX_BYTES + length) {
      return null;
    }
    received.skip(PREFIX_BYTES);
    return received.take(length);
  }

  private void checkStatus() throws RpcException {
    if (stream.refused) {
      throw new RpcException(GrpcCode.UNAVAILABLE, "the connection is draining");
    }
    String status = stream.header("grpc-status");
    if (status != null) {
      GrpcCode code = code(status);
      if (code != GrpcCode.OK) {
        String message = stream.header("grpc-message");
        throw new RpcException(code, message == null ? "" : percentDecode(message));
      }
      return;
    }
    if (stream.resetCode != 0) {
      throw new RpcException(
          GrpcCode.UNAVAILABLE,
          "stream terminated by RST_STREAM with error code: " + stream.resetCode);
    }
    String http = stream.header(":status");
    throw new RpcException(
        GrpcCode.UNKNOWN, "unexpected HTTP status code received from server: " + http);
  }

  private static GrpcCode code(String status) {
    try {
      return GrpcCode.of(Integer.parseInt(status));
    } catch (NumberFormatException e) {
      return GrpcCode.UNKNOWN;
    }
  }

  /** {@code grpc-message} is UTF-8 with everything outside printable ASCII as %XX. */
  static String percentDecode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '%' && high >= 0 && low >= 0) {
        decoded.write(high << 4 | low);
        i += 2;
      } else {
        decoded.write(bytes[i]);
      }
    }
    return decoded.toString(StandardCharsets.UTF_8);
  }

  /** Ends the call from our side, if it has not ended yet. */
  public void cancel() {
    connection.cancel(stream);
  }
}
