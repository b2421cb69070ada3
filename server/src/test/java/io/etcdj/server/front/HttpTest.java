package io.etcdj.server.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.server.front.http.AccessRules;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plain HTTP as a client sees it. */
@Timeout(60)
class HttpTest {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static TestFront front;

  @BeforeAll
  static void open() {
    front =
        new TestFront(
            FrontOptions.defaults(),
            TestFront.anyPort(Listener.Role.EVERYTHING),
            TestFront.anyPort(Listener.Role.METRICS),
            TestFront.anyPort(Listener.Role.HTTP_ONLY),
            TestFront.anyPort(Listener.Role.GRPC_ONLY));
  }

  @AfterAll
  static void close() {
    front.close();
  }

  @Test
  void theVersionIsJsonWithoutANewline() throws Exception {
    HttpResponse<String> response = get("/version");
    assertThat(response.body())
        .isEqualTo("{\"etcdserver\":\"3.7.1\",\"etcdcluster\":\"3.7.0\",\"storage\":\"3.7.0\"}");
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
  }

  @Test
  void healthSaysWhatIsWrong() throws Exception {
    assertThat(get("/health").body()).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}");
    front.health.reason = "ALARM NOSPACE";
    try {
      HttpResponse<String> sick = get("/health");
      assertThat(sick.statusCode()).isEqualTo(503);
      assertThat(sick.body()).isEqualTo("{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}\n");
      assertThat(sick.headers().firstValue("x-content-type-options")).contains("nosniff");
      assertThat(get("/health?exclude=X&exclude=NOSPACE").statusCode()).isEqualTo(200);
    } finally {
      front.health.reason = "";
    }
  }

  @Test
  void checksRunTogetherOrOneByOne() throws Exception {
    assertThat(get("/livez").body()).isEqualTo("ok\n");
    assertThat(get("/readyz?verbose").body())
        .isEqualTo("[+]data_corruption ok\n[+]linearizable_read ok\nok\n");
    assertThat(get("/readyz/linearizable_read").body()).isEqualTo("ok\n");
    assertThat(get("/readyz/bogus").statusCode()).isEqualTo(404);
    front.health.corruption = "alarm activated: CORRUPT";
    try {
      HttpResponse<String> sick = get("/readyz");
      assertThat(sick.statusCode()).isEqualTo(503);
      assertThat(sick.body())
          .isEqualTo(
              "[-]data_corruption failed: alarm activated: CORRUPT\n[+]linearizable_read ok\n\n");
      assertThat(get("/readyz?exclude=data_corruption&exclude=nonsense").body()).isEqualTo("ok\n");
      assertThat(front.registry.expose())
          .contains("etcd_server_healthcheck{name=\"data_corruption\",type=\"readyz\"} 0\n");
    } finally {
      front.health.corruption = "";
    }
  }

  @Test
  void otherMethodsAndPathsAreRefusedInGosWords() throws Exception {
    HttpResponse<String> post =
        CLIENT.send(
            request(0, "/health").POST(BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());
    assertThat(post.statusCode()).isEqualTo(405);
    assertThat(post.headers().firstValue("allow")).contains("GET");
    assertThat(post.body()).isEqualTo("Method Not Allowed\n");
    HttpResponse<String> root = get("/");
    assertThat(root.statusCode()).isEqualTo(404);
    assertThat(root.body()).isEqualTo("404 page not found\n");
  }

  @Test
  void metricsAnswerAnyMethodAndHeadHasNoBody() throws Exception {
    HttpResponse<String> post =
        CLIENT.send(
            request(0, "/metrics").POST(BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());
    assertThat(post.statusCode()).isEqualTo(200);
    assertThat(post.headers().firstValue("content-type"))
        .contains("text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
    HttpResponse<String> head =
        CLIENT.send(
            request(0, "/metrics").method("HEAD", BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(get("/version").statusCode()).as("the connection goes on").isEqualTo(200);
  }

  @Test
  void headerNamesAreSpelledAsInGo() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), front.port())) {
      socket
          .getOutputStream()
          .write(
              "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer)
          .contains("\r\nContent-Type: text/plain; charset=utf-8\r\n")
          .contains("\r\nContent-Length: 29\r\n")
          .contains("\r\nAccess-Control-Allow-Origin: *\r\n");
    }
  }

  @Test
  void optionsIsAnsweredEmptyWithTheAllowedMethods() throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            request(0, "/v3/kv/range")
                .method("OPTIONS", BodyPublishers.noBody())
                .header("Origin", "http://a")
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(response.headers().firstValue("access-control-allow-methods"))
        .contains("POST, GET, OPTIONS, PUT, DELETE");
  }

  @Test
  void eachListenerServesItsOwnPart() throws Exception {
    assertThat(get(1, "/metrics").body()).contains("# TYPE grpc_server_started_total counter\n");
    assertThat(get(1, "/health").statusCode()).isEqualTo(200);
    assertThat(get(1, "/version").statusCode()).isEqualTo(404);
    assertThat(get(2, "/version").statusCode()).isEqualTo(200);
    assertThat(get(3, "/version").statusCode()).isEqualTo(404);
    try (GrpcClient client = new GrpcClient(front.port(3))) {
      assertThat(client.range("k").getCount()).isEqualTo(1);
    }
  }

  @Test
  void onlyKnownHostsAndOriginsAreServed() throws Exception {
    FrontOptions defaults = FrontOptions.defaults();
    AccessRules access =
        new AccessRules(Set.of("http://a.com:80"), Set.of("localhost"), () -> false);
    try (TestFront strict =
        new TestFront(
            new FrontOptions(defaults.grpc(), defaults.maxConcurrentStreams(), false, access))) {
      HttpResponse<String> refused =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + strict.port() + "/version"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(421);
      assertThat(refused.body())
          .startsWith("\netcd received your request, but the Host header was unrecognized.\n\nTo")
          .contains("  - e.g. etcd --host-whitelist \"127.0.0.1\"\n")
          .endsWith("(CVE-2018-5702).\n");
      String url = "http://localhost:" + strict.port();
      HttpResponse<String> known =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(url + "/version"))
                  .header("Origin", "http://a.com:80")
                  .build(),
              BodyHandlers.ofString());
      assertThat(known.headers().firstValue("access-control-allow-origin"))
          .contains("http://a.com:80");
      HttpResponse<String> foreign =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(url + "/v3/kv/range"))
                  .header("Origin", "http://b.com")
                  .POST(BodyPublishers.ofString("{}"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(foreign.headers().firstValue("access-control-allow-origin")).isEmpty();
      assertThat(foreign.body()).as("no gateway").isEqualTo("404 page not found\n");
    }
  }

  @Test
  void aUnixSocketServesToo(@TempDir Path dir) throws Exception {
    String path = dir.resolve("s").toString();
    try (TestFront unix =
            new TestFront(
                FrontOptions.defaults(),
                new Listener(new Listener.Address.Unix(path), Listener.Role.EVERYTHING, null));
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      channel.write(
          ByteBuffer.wrap(
              "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      while (channel.read(answer) >= 0) {}
      assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("\"etcdserver\":\"3.7.1\"");
      assertThat(unix.services.watchers).isEmpty();
    }
  }

  @Test
  void aTakenPortIsReportedInTheSystemsWords() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = taken.getLocalPort();
      Listener listener =
          new Listener(new Listener.Address.Tcp("127.0.0.1", port), Listener.Role.EVERYTHING, null);
      assertThatThrownBy(() -> new TestFront(FrontOptions.defaults(), listener))
          .isInstanceOf(Listeners.BindFailure.class)
          .hasMessage("listen tcp 127.0.0.1:" + port + ": bind: address already in use");
    }
  }

  @Test
  void everyLoopServesTheSamePort() throws Exception {
    for (int i = 0; i < 8; i++) { // connections go round the loops
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), front.port())) {
        socket
            .getOutputStream()
            .write(
                "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII)).contains("3.7.1");
      }
    }
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return get(0, path);
  }

  private static HttpResponse<String> get(int listener, String path)
      throws IOException, InterruptedException {
    return CLIENT.send(request(listener, path).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(int listener, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + front.port(listener) + path));
  }
}
