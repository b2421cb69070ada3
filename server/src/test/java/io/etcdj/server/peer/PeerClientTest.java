package io.etcdj.server.peer;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.server.front.Listeners;
import io.etcdj.server.tls.AllowedNames;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Plain calls between members. */
@Timeout(60)
class PeerClientTest {
  private final Vertx vertx = Listeners.vertx(1);

  @AfterEach
  void close() {
    TestMember.await(vertx.close());
  }

  private String serve(HttpServerOptions options) {
    HttpServer server =
        vertx
            .createHttpServer(options)
            .requestHandler(
                request ->
                    request
                        .body()
                        .onSuccess(
                            body ->
                                request
                                    .response()
                                    .setStatusCode("/missing".equals(request.path()) ? 404 : 200)
                                    .putHeader("X-Asked", request.method() + " " + request.uri())
                                    .putHeader(
                                        "X-Got", Objects.toString(request.getHeader("x-say")))
                                    .end(body)));
    TestMember.await(server.listen(0, "127.0.0.1"));
    return (options.isSsl() ? "https" : "http") + "://127.0.0.1:" + server.actualPort();
  }

  @Test
  void aCallCarriesItsBodyAndHeadersAlsoWithGet() throws Exception {
    String url = serve(new HttpServerOptions());
    try (PeerClient client = new PeerClient(vertx, null, 1_000)) {
      for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST)) {
        PeerClient.Answer answer =
            get(
                client.call(
                    method, url, "/a/b?c=d", Map.of("X-Say", "hello"), bytes("body"), 5_000, 100));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(bytes("body"));
        assertThat(answer.headers())
            .containsEntry("X-Asked", method + " /a/b?c=d")
            .containsEntry("X-Got", "hello");
        assertThat(answer.headers().get("x-ASKED")).isNotNull();
      }
      assertThat(get(call(client, url, "/missing", 100)).status()).isEqualTo(404);
    }
  }

  @Test
  void anAnswerThatIsTooLongIsAFailure() {
    String url = serve(new HttpServerOptions());
    try (PeerClient client = new PeerClient(vertx, null, 1_000)) {
      assertThatThrownBy(
              () ->
                  get(
                      client.call(
                          HttpMethod.POST, url, "/", Map.of(), new byte[1_000], 5_000, 999)))
          .hasRootCauseInstanceOf(IOException.class)
          .hasMessageContaining("longer than 999 bytes");
    }
  }

  @Test
  void whoeverDoesNotAnswerIsGivenUp() throws Exception {
    try (PeerClient client = new PeerClient(vertx, null, 1_000);
        ServerSocket silent = new ServerSocket(0)) {
      String url = "http://127.0.0.1:" + silent.getLocalPort();
      assertThatThrownBy(
              () -> get(client.call(HttpMethod.GET, url, "/", Map.of(), new byte[0], 300, 10)))
          .hasMessageContaining("no answer within 300 ms");
      assertThatThrownBy(() -> get(call(client, "http://127.0.0.1:1", "/", 10)))
          .hasRootCauseInstanceOf(IOException.class);
      assertThatThrownBy(() -> get(call(client, "no url", "/", 10)))
          .hasCauseInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aCertificateMustBeTrustedAndNameTheHost() throws Exception {
    String url =
        serve(
            new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(
                    new PemKeyCertOptions()
                        .setCertPath(file("server.pem"))
                        .setKeyPath(file("server.key"))));
    PeerTls trusting =
        new PeerTls(
            null, null, file("ca.pem"), null, false, AllowedNames.ANY, List.of(), List.of());
    try (PeerClient client = new PeerClient(vertx, trusting, 30_000)) {
      assertThat(get(call(client, url, "/", 10)).status()).isEqualTo(200);
      String otherName = url.replace("127.0.0.1", "127.0.0.2");
      assertThatThrownBy(() -> get(call(client, otherName, "/", 10))).isNotNull();
    }
    try (PeerClient client = new PeerClient(vertx, null, 5_000)) {
      assertThatThrownBy(() -> get(call(client, url, "/", 10))).isNotNull();
    }
    PeerTls asLocalhost =
        new PeerTls(
            null, null, file("ca.pem"), "localhost", false, AllowedNames.ANY, List.of(), List.of());
    try (PeerClient client = new PeerClient(vertx, asLocalhost, 30_000)) {
      assertThat(get(call(client, url, "/", 10)).status()).isEqualTo(200);
    }
    PeerTls asAnother =
        new PeerTls(
            null,
            null,
            file("ca.pem"),
            "example.com",
            false,
            AllowedNames.ANY,
            List.of(),
            List.of());
    try (PeerClient client = new PeerClient(vertx, asAnother, 30_000)) {
      assertThatThrownBy(() -> get(call(client, url, "/", 10)))
          .hasStackTraceContaining("No subject alternative DNS name matching example.com found");
    }
    PeerTls only =
        new PeerTls(
            null,
            null,
            file("ca.pem"),
            null,
            false,
            new AllowedNames(List.of(), List.of("peers.example.test")),
            List.of(),
            List.of());
    try (PeerClient client = new PeerClient(vertx, only, 30_000)) {
      assertThatThrownBy(() -> get(call(client, url, "/", 10)))
          .hasStackTraceContaining("client certificate authentication failed");
    }
    PeerTls anything =
        new PeerTls(null, null, null, null, true, AllowedNames.ANY, List.of(), List.of());
    try (PeerClient client = new PeerClient(vertx, anything, 30_000)) {
      assertThat(get(call(client, url, "/", 10)).status()).isEqualTo(200);
    }
  }

  private static CompletableFuture<PeerClient.Answer> call(
      PeerClient client, String url, String path, int max) {
    return client.call(HttpMethod.GET, url, path, Map.of(), new byte[0], 30_000, max);
  }

  private static PeerClient.Answer get(CompletableFuture<PeerClient.Answer> future)
      throws Exception {
    return future.get(40, SECONDS);
  }

  private static String file(String name) {
    URL url = Objects.requireNonNull(PeerClientTest.class.getResource("/tls/" + name));
    return url.getPath();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
