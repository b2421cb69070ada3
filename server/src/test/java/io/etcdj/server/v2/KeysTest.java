package io.etcdj.server.v2;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.Request;
import io.etcdj.server.front.http.HttpFront;
import io.etcdj.server.front.http.Routes;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.apply.Commands;
import io.etcdj.state.apply.V2Applier;
import io.etcdj.state.v2.V2Store;
import io.etcdj.storage.backend.MemoryBackend;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The keys of the v2 API as a client sees them, over a log that applies at once. */
@Timeout(60)
class KeysTest {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final long NOW = 1_700_000_000_000_000_000L;
  private static final String FORM = "application/x-www-form-urlencoded";

  private final MemoryBackend backend = new MemoryBackend();
  private final V2Store store = new V2Store(backend);
  private final V2Applier applier = new V2Applier(store);
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger aside = new AtomicInteger();
  private volatile boolean refuses;
  private long entry;
  private HttpServer server;

  @BeforeEach
  void open() {
    Keys.RaftPlace place =
        new Keys.RaftPlace() {
          @Override
          public long committed() {
            return 77;
          }

          @Override
          public long term() {
            return 3;
          }
        };
    Keys keys = new Keys("abc", store, this::apply, place, this::work, () -> NOW);
    Routes routes = new Routes();
    routes.add(Keys.PATH, keys::handle).add(Keys.PATH + "/", keys::handle);
    server =
        vertx
            .createHttpServer()
            .requestHandler(request -> HttpFront.route(routes, request))
            .listen(0, "127.0.0.1")
            .await();
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private synchronized void apply(Request.Builder request, Consumer<Applied> result) {
    if (refuses) {
      throw EtcdError.TIMEOUT.exception();
    }
    backend.begin();
    Applied applied = Applied.v2(applier.apply(request.setID(1).build()));
    backend.end(++entry, 1);
    result.accept(applied);
  }

  private void work(Runnable task) {
    aside.incrementAndGet();
    new Thread(task).start();
  }

  private HttpResponse<String> ask(String method, String path, String form) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(form));
    if (!form.isEmpty()) {
      request.header("Content-Type", FORM);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void aWriteTellsWhereItIsInTheLog() throws Exception {
    HttpResponse<String> set = ask("PUT", "/v2/keys/a%20b", "value=x%3C&ttl=5");
    assertThat(set.statusCode()).isEqualTo(201);
    assertThat(set.body())
        .isEqualTo(
            "{\"action\":\"set\",\"node\":{\"key\":\"/a b\",\"value\":\"x\\u003c\","
                + "\"expiration\":\"2023-11-14T22:13:25Z\",\"ttl\":5,"
                + "\"modifiedIndex\":1,\"createdIndex\":1}}\n");
    assertThat(header(set, "X-Etcd-Cluster-Id")).isEqualTo("abc");
    assertThat(header(set, "X-Etcd-Index")).isEqualTo("1");
    assertThat(header(set, "X-Raft-Index")).isEqualTo("77");
    assertThat(header(set, "X-Raft-Term")).isEqualTo("3");
    assertThat(ask("PUT", "/v2/keys/a%20b?noValueOnSuccess=true", "value=y").body())
        .isEqualTo("{\"action\":\"set\"}\n");
    assertThat(ask("GET", "/v2/keys?quorum=true", "").body())
        .isEqualTo(
            "{\"action\":\"get\",\"node\":{\"dir\":true,\"nodes\":[{\"key\":\"/a b\","
                + "\"value\":\"y\",\"modifiedIndex\":2,\"createdIndex\":2}]}}\n");
  }

  @Test
  void refusalsHaveTheirNumbers() throws Exception {
    HttpResponse<String> missing = ask("GET", "/v2/keys/none", "");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.body())
        .isEqualTo(
            "{\"errorCode\":100,\"message\":\"Key not found\",\"cause\":\"/none\",\"index\":0}\n");
    assertThat(ask("PUT", "/v2/keys/a?ttl=-1", "value=x").body()).contains("\"errorCode\":202");
    assertThat(ask("PUT", "/v2/keys/a", "value=%zz").body())
        .contains("\"cause\":\"invalid URL escape \\\"%zz\\\"\"");
    HttpResponse<String> patch = ask("PATCH", "/v2/keys/a", "");
    assertThat(patch.statusCode()).isEqualTo(405);
    assertThat(header(patch, "Allow")).isEqualTo("HEAD,GET,PUT,POST,DELETE");
    refuses = true;
    HttpResponse<String> late = ask("PUT", "/v2/keys/a", "value=x");
    assertThat(late.statusCode()).isEqualTo(500);
    assertThat(late.body())
        .isEqualTo(
            "{\"errorCode\":300,\"message\":\"Raft Internal Error\","
                + "\"cause\":\"etcdserver: request timed out\",\"index\":0}\n");
  }

  @Test
  void strangePathsAreSentToTheirProperNames() throws Exception {
    HttpResponse<String> moved = ask("GET", "/v2/keys//a/", "");
    assertThat(moved.statusCode()).isEqualTo(301);
    assertThat(header(moved, "Location")).isEqualTo("/v2/keys/a/");
    assertThat(moved.body()).isEqualTo("<a href=\"/v2/keys/a/\">Moved Permanently</a>.\n\n");
    HttpResponse<String> escaped = ask("PUT", "/v2/keys/%2e%2e/a%20(%0d%C3%BC?x=1", "value=x");
    assertThat(header(escaped, "Location")).isEqualTo("/v2/a%20%28%0D%C3%BC?x=1");
    assertThat(escaped.body()).isEmpty();
  }

  @Test
  void valuesOfAnyCharactersComeBackAsTheyWere() throws Exception {
    String value = "a 😀+ü";
    ask("PUT", "/v2/keys/a", "value=a+😀%2Bü"); // as curl sends what it is given
    assertThat(ask("GET", "/v2/keys/a", "").body()).contains("\"value\":\"" + value + "\"");
  }

  @Test
  void aKeyBelowTooManyDirectoriesIsRefusedBeforeItIsInTheLog() throws Exception {
    String deep = "/v2/keys" + "/d".repeat(1_000);
    HttpResponse<String> refused = ask("PUT", deep, "value=x");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("\"errorCode\":209");
    assertThat(store.index()).isZero();
    assertThat(ask("GET", deep, "").statusCode()).isEqualTo(404);
    assertThat(ask("PUT", "/v2/keys" + "/d".repeat(200), "value=x").statusCode()).isEqualTo(201);
  }

  @Test
  void aTreeThatAnotherMemberMadeDeepIsReadAndRemoved() throws Exception {
    apply(Commands.v2Request("PUT").setPath("/1" + "/d".repeat(5_000)).setVal("x"), applied -> {});
    for (String query : List.of("?recursive=true", "?recursive=true&quorum=true")) {
      assertThat(ask("GET", "/v2/keys" + query, "").body().split("\"key\"", -1)).hasSize(5_001);
    }
    assertThat(ask("DELETE", "/v2/keys/d?recursive=true", "").statusCode()).isEqualTo(200);
  }

  @Test
  void directoriesAreAnsweredByAWorker() throws Exception {
    ask("PUT", "/v2/keys/d/a", "value=x");
    int before = aside.get();
    assertThat(ask("GET", "/v2/keys/d/a", "").body()).contains("\"value\":\"x\"");
    assertThat(aside.get()).isEqualTo(before);
    assertThat(ask("GET", "/v2/keys/d", "").body()).contains("\"nodes\":[{\"key\":\"/d/a\"");
    assertThat(ask("GET", "/v2/keys/d?quorum=true", "").body()).contains("\"key\":\"/d/a\"");
    assertThat(aside.get()).isEqualTo(before + 2);
  }

  // ---- Long polls

  private Socket poll(String query) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
    socket
        .getOutputStream()
        .write(("GET /v2/keys/" + query + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(US_ASCII));
    return socket;
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
  }

  private static String lineWith(BufferedReader reader, String text) throws IOException {
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (line.contains(text)) {
        return line;
      }
    }
    throw new AssertionError("no line with " + text);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(10);
    }
  }

  private long watchers() {
    return store.statistics().getOrDefault("watchers", -1L);
  }

  @Test
  void aPollHasItsHeadAtOnceAndOneEvent() throws Exception {
    ask("PUT", "/v2/keys/a", "value=x");
    try (Socket socket = poll("a?wait=true")) {
      BufferedReader reader = reader(socket);
      lineWith(reader, "200 OK");
      assertThat(lineWith(reader, "X-Etcd-Index")).isEqualTo("X-Etcd-Index: 1");
      ask("PUT", "/v2/keys/a", "value=y");
      assertThat(lineWith(reader, "action")).contains("\"value\":\"y\"").contains("prevNode");
      await(() -> watchers() == 0);
    }
    assertThat(ask("GET", "/v2/keys/a?wait=true&waitIndex=1", "").body())
        .contains("\"value\":\"x\"");
  }

  @Test
  void aStreamEndsWithItsConnection() throws Exception {
    try (Socket socket = poll("d?wait=true&stream=true&recursive=true")) {
      BufferedReader reader = reader(socket);
      lineWith(reader, "200 OK");
      await(() -> watchers() == 1);
      ask("PUT", "/v2/keys/d/a", "value=1");
      ask("PUT", "/v2/keys/d/b", "value=2");
      lineWith(reader, "\"value\":\"1\"");
      lineWith(reader, "\"value\":\"2\"");
    }
    await(() -> watchers() == 0);
  }

  @Test
  void whoDoesNotReadIsCutOff() throws Exception {
    try (Socket socket = poll("d?wait=true&stream=true&recursive=true")) {
      await(() -> watchers() == 1);
      String large = "v".repeat(100_000);
      for (int i = 0; i < 300 && watchers() == 1; i++) {
        ask("PUT", "/v2/keys/d/a" + i, "value=" + large);
      }
      await(() -> watchers() == 0);
      BufferedReader reader = reader(socket);
      String line = lineWith(reader, "\"value\":");
      while (line != null && !line.equals("0")) { // the last chunk: the answer is whole
        line = reader.readLine();
      }
      assertThat(line).isEqualTo("0");
    }
  }
}
