package io.etcdj.server.front;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcdj.server.front.rpc.EncodedMessage;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 client that does what it is told, however rude (RFC 9113, RFC 7541).
 *
 * <p>Headers are written as literals without an index; those that come back are not decoded, since
 * the tests that need them use a real client.
 */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  private static final int END_HEADERS = 4;

  record Frame(int type, int flags, int stream, ByteString payload) {
    /** The error code of a reset or, after the last stream's number, of a going away. */
    int errorCode() {
      int at = type == GOAWAY ? 4 : 0;
      return payload.substring(at).asReadOnlyByteBuffer().getInt();
    }

    String debugText() {
      return payload.substring(8).toStringUtf8();
    }
  }

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    out = socket.getOutputStream();
    in = new DataInputStream(socket.getInputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
    expect(SETTINGS);
    frame(SETTINGS, ACK, 0, new byte[0]); // from here on the server's windows are in force
  }

  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    byte[] frame = new byte[9 + payload.length];
    frame[0] = (byte) (payload.length >> 16);
    frame[1] = (byte) (payload.length >> 8);
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    frame[5] = (byte) (stream >> 24);
    frame[6] = (byte) (stream >> 16);
    frame[7] = (byte) (stream >> 8);
    frame[8] = (byte) stream;
    System.arraycopy(payload, 0, frame, 9, payload.length);
    out.write(frame);
  }

  /** Opens a call; {@code extra} are further headers, name and value in turn. */
  void call(int stream, String path, String... extra) throws IOException {
    callTo("x", stream, path, extra);
  }

  /** Opens a call with this {@code :authority}. */
  void callTo(String authority, int stream, String path, String... extra) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    String[] headers = {
      ":method",
      "POST",
      ":scheme",
      "http",
      ":path",
      path,
      ":authority",
      authority,
      "content-type",
      "application/grpc",
      "te",
      "trailers"
    };
    for (int i = 0; i < headers.length; i += 2) {
      literal(block, headers[i], headers[i + 1]);
    }
    for (int i = 0; i < extra.length; i += 2) {
      literal(block, extra[i], extra[i + 1]);
    }
    frame(HEADERS, END_HEADERS, stream, block.toByteArray());
  }

  void message(int stream, Message message, boolean last) throws IOException {
    frame(DATA, last ? END_STREAM : 0, stream, EncodedMessage.frame(message));
  }

  void ping() throws IOException {
    frame(PING, 0, 0, new byte[8]);
  }

  /** The next frame of this type, or null at the connection's end; others are passed over. */
  @Nullable Frame next(int type) throws IOException {
    try {
      while (true) {
        int length =
            in.readUnsignedByte() << 16 | in.readUnsignedByte() << 8 | in.readUnsignedByte();
        Frame frame =
            new Frame(
                in.readUnsignedByte(),
                in.readUnsignedByte(),
                in.readInt(),
                ByteString.copyFrom(in.readNBytes(length)));
        if (frame.type() == type) {
          return frame;
        }
      }
    } catch (java.io.EOFException | java.net.SocketException end) {
      return null;
    }
  }

  /** The next frame of this type, which must come. */
  Frame expect(int type) throws IOException {
    Frame frame = next(type);
    if (frame == null) {
      throw new AssertionError("the connection ended before a frame of type " + type);
    }
    return frame;
  }

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    string(block, name);
    string(block, value);
  }

  private static void string(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length < 127) {
      block.write(bytes.length);
    } else { // RFC 7541, section 5.1: the rest in groups of seven bits
      block.write(127);
      int rest = bytes.length - 127;
      while (rest >= 128) {
        block.write((rest & 127) | 128);
        rest >>= 7;
      }
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
