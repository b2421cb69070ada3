package io.etcdj.server.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.server.front.http.HttpFront;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.log.Log;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReverseProxyTest {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Vertx vertx = Vertx.vertx();
  private final PeerClient client = new PeerClient(vertx, null, 2_000);

  /** Never shuffles, so that tests know who is tried first. */
  private final Endpoints endpoints =
      new Endpoints(
          TimeUnit.HOURS.toNanos(1),
          System::nanoTime,
          new Random() {
            @Override
            public int nextInt(int bound) {
              return bound - 1;
            }
          });

  @AfterEach
  void close() {
    client.close();
    vertx.close().await();
  }

  private EtcdUrl endpoint(Handler<HttpServerRequest> handler) {
    HttpServer server = vertx.createHttpServer().requestHandler(handler);
    return EtcdUrl.parse("http://127.0.0.1:" + server.listen(0, "127.0.0.1").await().actualPort());
  }

  private static EtcdUrl deadEndpoint() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return EtcdUrl.parse("http://127.0.0.1:" + socket.getLocalPort());
    }
  }

  private int open(boolean readOnly, EtcdUrl... urls) {
    endpoints.replace(List.of(urls));
    ReverseProxy proxy =
        new ReverseProxy(
            vertx,
            client,
            endpoints,
            readOnly,
            new ReverseProxy.Timeouts(5_000, 0),
            Log.discarding());
    Routes routes = new Routes().add("/here", proxy::configuration).add("/", proxy::handle);
    return vertx
        .createHttpServer()
        .requestHandler(request -> HttpFront.route(routes, request))
        .listen(0, "127.0.0.1")
        .await()
        .actualPort();
  }

  private static HttpResponse<String> ask(int port, String method, String path, String body)
      throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("X-Forwarded-For", "10.0.0.9")
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aRequestGoesOnAsItIsAndItsAnswerComesBackAsItWas() throws Exception {
    List<String> seen = new ArrayList<>();
    EtcdUrl url =
        endpoint(
            request ->
                request
                    .body()
                    .onSuccess(
                        body -> {
                          seen.add(request.method() + " " + request.uri() + " " + body);
                          seen.add(String.valueOf(request.getHeader("X-Forwarded-For")));
                          request.response().setStatusCode(412).putHeader("X-Etcd-Index", "7");
                          request.response().end("answer");
                        }));
    HttpResponse<String> answer =
        ask(open(false, url), "PUT", "/v2/keys/a%20b?prevExist=true", "value=x");
    assertThat(answer.statusCode()).isEqualTo(412);
    assertThat(answer.body()).isEqualTo("answer");
    assertThat(answer.headers().allValues("X-Etcd-Index")).containsExactly("7");
    assertThat(seen)
        .containsExactly("PUT /v2/keys/a%20b?prevExist=true value=x", "10.0.0.9, 127.0.0.1");
  }

  @Test
  void oneThatIsDownIsPassedOverAndThenLeftAlone() throws Exception {
    EtcdUrl dead = deadEndpoint();
    EtcdUrl alive = endpoint(request -> request.response().end("here"));
    int port = open(false, dead, alive);
    assertThat(ask(port, "POST", "/v2/keys/q", "value=x").body()).isEqualTo("here");
    assertThat(ask(port, "GET", "/here", "").body())
        .isEqualTo("{\"endpoints\":[\"" + alive + "\"]}\n");
    assertThat(ask(port, "PUT", "/here", "").statusCode()).isEqualTo(405);
  }

  @Test
  void aWriteThatMayHaveArrivedIsNotDoneTwice() throws Exception {
    AtomicInteger arrived = new AtomicInteger();
    Handler<HttpServerRequest> silent =
        request -> {
          arrived.incrementAndGet();
          request.endHandler(end -> request.connection().close());
        };
    int port = open(false, endpoint(silent), endpoint(silent));
    HttpResponse<String> answer = ask(port, "POST", "/v2/keys/q", "value=x");
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body())
        .isEqualTo("{\"message\":\"httpproxy: unable to get response from 2 endpoint(s)\"}");
    assertThat(arrived).hasValue(1);
  }

  @Test
  void aReadIsTriedEverywhere() throws Exception {
    EtcdUrl silent = endpoint(request -> request.connection().close());
    EtcdUrl alive = endpoint(request -> request.response().end("here"));
    assertThat(ask(open(false, silent, alive), "GET", "/v2/keys", "").body()).isEqualTo("here");
  }

  @Test
  void withoutEndpointsItSaysSo() throws Exception {
    HttpResponse<String> answer = ask(open(false), "GET", "/v2/keys", "");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body())
        .isEqualTo("{\"message\":\"httpproxy: zero endpoints currently available\"}");
  }

  @Test
  void oneThatOnlyReadsPassesOnNoWrites() throws Exception {
    int port = open(true, endpoint(request -> request.response().end("here")));
    assertThat(ask(port, "PUT", "/v2/keys/a", "value=x").statusCode()).isEqualTo(501);
    assertThat(ask(port, "GET", "/v2/keys/a", "").body()).isEqualTo("here");
  }

  @Test
  void aLongPollIsHandedThroughAndEndsWithItsClient() throws Exception {
    CompletableFuture<HttpServerRequest> asked = new CompletableFuture<>();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    EtcdUrl url =
        endpoint(
            request -> {
              request.response().setChunked(true).closeHandler(closed -> gone.complete(null));
              var unused = request.response().write("first\n");
              asked.complete(request);
            });
    int port = open(false, url);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write("GET /v2/keys/a?wait=true HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      awaitLine(reader, "first");
      var unused = asked.get().response().write("second\n");
      awaitLine(reader, "second");
    }
    gone.get();
  }

  @Test
  void aClientThatGoesSaysNothingOfTheEndpoint() throws Exception {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    EtcdUrl slow =
        endpoint(
            request -> {
              request.response().closeHandler(closed -> gone.complete(null));
              asked.complete(null);
            });
    int port = open(false, slow);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "PUT /v2/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII));
      asked.get();
    }
    gone.get();
    assertThat(ask(port, "GET", "/here", "").body())
        .isEqualTo("{\"endpoints\":[\"" + slow + "\"]}\n");
  }

  private static void awaitLine(BufferedReader reader, String expected) throws IOException {
    for (String line = reader.readLine(); !expected.equals(line); line = reader.readLine()) {
      assertThat(line).as("before " + expected).isNotNull();
    }
  }

  @Test
  void anAnswerWithoutABodyHasNone() throws Exception {
    EtcdUrl url = endpoint(request -> request.response().setStatusCode(204).end());
    HttpResponse<String> answer = ask(open(false, url), "DELETE", "/v2/members/1", "");
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.headers().firstValue("Transfer-Encoding")).isEmpty();
  }

  @Test
  void halfAnAnswerDoesNotLookWhole() throws Exception {
    EtcdUrl url =
        endpoint(
            request -> {
              var unused =
                  request
                      .response()
                      .setChunked(true)
                      .write("half")
                      .onComplete(written -> request.connection().close());
            });
    CompletableFuture<HttpResponse<String>> answer =
        CLIENT.sendAsync(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + open(false, url) + "/v2/keys"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer).failsWithin(20, TimeUnit.SECONDS);
  }
}
