package io.etcdj.server.peer;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection on which everything can be said. */
final class RawHttp implements AutoCloseable {
  private static final Map<String, String> MEMBER =
      Map.of(
          "X-Server-From", "2",
          "X-Server-Version", "3.5.30",
          "X-Min-Cluster-Version", "3.0.0",
          "X-Etcd-Cluster-ID", "c1",
          "X-PeerURLs", "http://127.0.0.1:1",
          "X-Raft-To", "1");

  private final Socket socket;
  private final InputStream in;

  RawHttp(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    in = socket.getInputStream();
  }

  /** What a member of the test cluster sends; headers in pairs replace its own, or drop them. */
  static String request(String method, String path, String body, String... changes) {
    Map<String, String> headers = new TreeMap<>(MEMBER);
    for (int i = 0; i < changes.length; i += 2) {
      headers.put(changes[i], changes[i + 1]);
    }
    StringBuilder out = new StringBuilder(method + ' ' + path + " HTTP/1.1\r\nHost: x\r\n");
    headers.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            out.append(name).append(": ").append(value).append("\r\n");
          }
        });
    if (!headers.containsKey("Transfer-Encoding") && !headers.containsKey("Content-Length")) {
      out.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    return out + "\r\n" + body;
  }

  static String streamRequest(String kind, long from, long to) {
    return request(
        "GET",
        "/raft/stream/" + kind + '/' + Long.toHexString(from),
        "",
        "X-Raft-To",
        Long.toHexString(to));
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** The status line and the headers of the answer. */
  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) read());
    }
    return head.toString();
  }

  /** The answer with its body, which has a length. */
  String answer() throws IOException {
    String head = head();
    String lower = head.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("content-length: ");
    if (at < 0) {
      return head;
    }
    int from = at + "content-length: ".length();
    int length = Integer.parseInt(lower.substring(from, lower.indexOf('\r', from)));
    return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  /** The next chunk of an answer, in hex; empty is the end. */
  String chunk() throws IOException {
    StringBuilder size = new StringBuilder();
    for (int c = read(); c != '\n'; c = read()) {
      size.append((char) c);
    }
    byte[] chunk = in.readNBytes(Integer.parseInt(size.toString().strip(), 16));
    read();
    read();
    return HexFormat.of().formatHex(chunk);
  }

  /** All chunks up to the end that was said. */
  String chunks() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
      all.append(chunk);
    }
    return all.toString();
  }

  /** Everything until the other end closes. */
  byte[] rest() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    in.transferTo(all);
    return all.toByteArray();
  }

  private int read() throws IOException {
    int b = in.read();
    if (b < 0) {
      throw new EOFException();
    }
    return b;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
