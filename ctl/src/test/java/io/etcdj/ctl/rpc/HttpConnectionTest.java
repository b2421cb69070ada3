package io.etcdj.ctl.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpConnectionTest {
  /** Takes one connection, answers without having read and hangs up. */
  private static void answer(ServerSocket server, String text) {
    try (Socket socket = server.accept()) {
      socket.getOutputStream().write(text.getBytes(UTF_8));
      socket.shutdownOutput();
      socket.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Length: -1, 'net/http: HTTP/1.x transport connection broken: bad Content-Length"
        + " \"-1\"'",
    "Content-Length: 4294967295, unexpected EOF",
    "Transfer-Encoding: chunked, invalid byte in chunk length",
  })
  void aBodyWhoseSizeCannotBeIsRefused(String header, String words) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread serving =
          new Thread(() -> answer(server, "HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n-5\r\nabc"));
      serving.start();
      Deadline deadline = Deadline.afterMillis(10_000);
      HttpUrl url = HttpUrl.parse("http://127.0.0.1:" + server.getLocalPort());
      try (HttpConnection connection = HttpConnection.open(url, null, null, deadline)) {
        assertThatThrownBy(
                () -> connection.exchange("GET", "/", new String[0], null, deadline, deadline))
            .isInstanceOf(HttpFailure.class)
            .hasMessage(words);
      }
      serving.join();
    }
  }
}
