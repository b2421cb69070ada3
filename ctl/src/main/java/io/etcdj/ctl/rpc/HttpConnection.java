package io.etcdj.ctl.rpc;

import io.etcdj.ctl.text.GoStrings;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection: a request, its answer, the next request.
 *
 * <p>The JDK's own client costs a command more at start than everything else together. What the v2
 * API needs of HTTP fits here: bodies with a length, in chunks or to the end, and long waits
 * between header and body.
 */
public final class HttpConnection implements Closeable {
  private static final int READ_BYTES = 8192;
  private static final int LONGEST_HEAD_BYTES = 1 << 20;
  private static final String PROTOCOL = "http/1.1";

  private final HttpUrl url;
  private final Transport transport;
  private final Bytes in = new Bytes(READ_BYTES);
  private boolean reusable = true;
  private boolean begun; // whether the answer has

  private HttpConnection(HttpUrl url, Transport transport) {
    this.url = url;
    this.transport = transport;
  }

  /**
   * Connects.
   *
   * @param tls for https; the system's authorities if null
   * @param serverName whom the server's certificate must name, if not the URL's host
   * @throws SocketTimeoutException if the deadline passed before there was a connection
   * @throws HttpFailure if there can be none
   */
  public static HttpConnection open(
      HttpUrl url, @Nullable Tls tls, @Nullable String serverName, Deadline deadline)
      throws IOException {
    if (!url.scheme().equals("http") && !url.secure()) {
      throw new HttpFailure("unsupported protocol scheme \"" + url.scheme() + "\"", false);
    }
    if (url.host().isEmpty()) {
      throw new HttpFailure("http: no Host in request URL", false);
    }
    Socket socket = connect(url, deadline);
    if (url.secure()) {
      Tls material = tls == null ? Tls.systemDefault() : tls;
      String name = serverName == null ? url.host() : serverName;
      try {
        socket = material.handshake(socket, name, url.port(), deadline, PROTOCOL);
      } catch (SSLException e) {
        throw new HttpFailure(handshakeWords(e), false);
      } catch (EOFException e) {
        throw new HttpFailure("EOF", false);
      } catch (SocketException e) {
        throw broken(e);
      }
    }
    return new HttpConnection(url, new SocketTransport(socket));
  }

  private static Socket connect(HttpUrl url, Deadline deadline) throws IOException {
    try {
      return SocketTransport.connect(url.host(), url.port(), deadline);
    } catch (UnknownHostException e) {
      throw new HttpFailure("dial tcp: lookup " + url.host() + ": no such host", true);
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (ConnectException | java.net.NoRouteToHostException e) {
      String words = String.valueOf(e.getMessage());
      int detail = words.indexOf(" (");
      words = (detail < 0 ? words : words.substring(0, detail)).toLowerCase(Locale.ROOT);
      throw new HttpFailure("dial tcp " + address(url) + ": connect: " + words, true);
    } catch (SocketException e) {
      throw new HttpFailure("dial tcp " + address(url) + ": " + e.getMessage(), true);
    } catch (IllegalArgumentException e) {
      throw new HttpFailure("dial tcp: address " + url.port() + ": invalid port", true);
    }
  }

  private static String address(HttpUrl url) throws UnknownHostException {
    String address = InetAddress.getByName(url.host()).getHostAddress();
    return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + url.port();
  }

  private static String handshakeWords(SSLException e) {
    String words = String.valueOf(e.getMessage());
    if (words.contains("PKIX path")) {
      return "x509: certificate signed by unknown authority";
    }
    int alert = words.indexOf("fatal alert: ");
    if (alert >= 0) {
      return "remote error: tls: "
          + words.substring(alert + "fatal alert: ".length()).replace('_', ' ');
    }
    if (words.contains("terminated the handshake")) {
      return "EOF";
    }
    if (words.contains("Unsupported or unrecognized SSL message")) {
      return "http: server gave HTTP response to HTTPS client";
    }
    return "tls: " + words;
  }

  /** Whether another request may follow on this connection. */
  public boolean reusable() {
    return reusable;
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param target the path and query, escaped
   * @param headers name and value in turn, without Host and Content-Length
   * @param header when the answer must have begun
   * @param end when it must be whole
   * @throws SocketTimeoutException if one of the two passed
   * @throws HttpFailure if the answer breaks off or is none
   */
  public HttpAnswer exchange(
      String method,
      String target,
      String[] headers,
      byte @Nullable [] body,
      Deadline header,
      Deadline end)
      throws IOException {
    reusable = false; // until the answer is whole
    begun = false;
    try {
      send(method, target, headers, body);
      return receive(header, end);
    } catch (SSLException e) {
      throw new HttpFailure(handshakeWords(e), false); // TLS 1.3: a refusal comes this late
    } catch (SocketException e) {
      throw broken(e);
    }
  }

  private static HttpFailure broken(SocketException e) {
    String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return new HttpFailure("read tcp: read: " + words, true);
  }

  private void send(String method, String target, String[] headers, byte @Nullable [] body)
      throws IOException {
    StringBuilder head = new StringBuilder(256);
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: ");
    head.append(url.authority()).append("\r\nUser-Agent: etcdctl-etcdj\r\n");
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    head.append("\r\n");
    byte[] bytes = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    Bytes whole = new Bytes(bytes.length + (body == null ? 0 : body.length)).put(bytes);
    if (body != null) {
      whole.put(body);
    }
    transport.write(whole.array(), whole.arrayOffset(), whole.size());
  }

  private HttpAnswer receive(Deadline header, Deadline end) throws IOException {
    int status;
    Map<String, String> headers;
    do {
      status = status(line(header));
      begun = true;
      headers = headers(header);
    } while (status / 100 == 1); // a hint that the answer is to come
    Bytes body = new Bytes(READ_BYTES);
    String length = headers.get("content-length");
    boolean keptOpen = !"close".equalsIgnoreCase(headers.get("connection"));
    if (status == 204 || status == 304) {
      // never a body
    } else if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      chunks(body, end);
    } else if (length != null) {
      fixed(body, length, end);
    } else {
      keptOpen = false;
      while (fill(end)) {
        move(body, in.size());
      }
      move(body, in.size());
    }
    reusable = keptOpen;
    return new HttpAnswer(status, headers, body.take(body.size()));
  }

  private static int status(String line) throws HttpFailure {
    // HTTP/1.1 200 OK
    if (line.startsWith("HTTP/1.") && line.length() >= 12) {
      try {
        return Integer.parseInt(line.substring(9, 12));
      } catch (NumberFormatException e) {
        // not an answer, see below
      }
    }
    throw new HttpFailure("malformed HTTP response \"" + line + "\"", false);
  }

  private Map<String, String> headers(Deadline deadline) throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (String line = line(deadline); !line.isEmpty(); line = line(deadline)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  private void chunks(Bytes body, Deadline deadline) throws IOException {
    while (true) {
      String line = line(deadline);
      int extension = line.indexOf(';');
      String digits = extension < 0 ? line : line.substring(0, extension);
      long size = size(digits.strip(), 16);
      if (size < 0) {
        throw new HttpFailure("invalid byte in chunk length", false);
      }
      if (size == 0) {
        headers(deadline); // trailers, which mean nothing to us, and the empty line
        return;
      }
      moveExactly(body, size, deadline);
      if (!line(deadline).isEmpty()) {
        throw new HttpFailure("malformed chunked encoding", false);
      }
    }
  }

  private void fixed(Bytes body, String length, Deadline deadline) throws IOException {
    long size = size(length, 10);
    if (size < 0) {
      throw new HttpFailure(
          "net/http: HTTP/1.x transport connection broken: bad Content-Length "
              + GoStrings.quote(length),
          false);
    }
    moveExactly(body, size, deadline);
  }

  /** The number of bytes that was announced; negative if that is not one. */
  private static long size(String digits, int radix) {
    try {
      return Long.parseLong(digits, radix);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void moveExactly(Bytes body, long size, Deadline deadline) throws IOException {
    long left = size;
    while (true) {
      int count = (int) Math.min(left, in.size());
      move(body, count);
      left -= count;
      if (left == 0) {
        return;
      }
      if (!fill(deadline)) {
        throw new HttpFailure("unexpected EOF", false);
      }
    }
  }

  private void move(Bytes body, int count) {
    body.put(in.array(), in.arrayOffset(), count);
    in.skip(count);
  }

  /** The next line without its end. */
  private String line(Deadline deadline) throws IOException {
    int scanned = 0;
    while (true) {
      for (; scanned < in.size(); scanned++) {
        if (in.get(scanned) == '\n') {
          String line = Bytes.latin1(in.take(scanned + 1));
          int end = line.length() - (line.endsWith("\r\n") ? 2 : 1);
          return line.substring(0, end);
        }
      }
      if (scanned > LONGEST_HEAD_BYTES) {
        throw new HttpFailure("net/http: server response headers exceeded 1 MB", false);
      }
      if (!fill(deadline)) {
        throw new HttpFailure(begun || scanned > 0 ? "unexpected EOF" : "EOF", false);
      }
    }
  }

  private boolean fill(Deadline deadline) throws IOException {
    int offset = in.room(READ_BYTES);
    int count =
        transport.read(
            in.array(),
            offset,
            READ_BYTES,
            deadline.finite() ? deadline.remainingMillis() : Long.MAX_VALUE);
    if (count < 0) {
      return false;
    }
    in.added(count);
    return true;
  }

  @Override
  public void close() throws IOException {
    transport.close();
  }
}
