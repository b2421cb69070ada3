package io.etcdj.server.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.etcdj.server.discovery.DiscoveryException.Reason;
import io.etcdj.server.discovery.Registry.Entry;
import io.etcdj.server.discovery.Registry.Listing;
import io.etcdj.server.peer.PeerClient;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The v2 API, as a directory of members; answers are those that etcd 3.4 gave. */
class KeysRegistryTest {
  private static final String TOKEN = "/v2/keys/discovery/tok1";
  private static final String SIZE = TOKEN + "/_config/size";
  private static final String LISTING = TOKEN + "?recursive=false&sorted=true";
  private static final String NO_KEY =
      "{\"errorCode\":100,\"message\":\"Key not found\",\"cause\":\"/discovery\",\"index\":3}";

  private record Canned(int status, String body, Map<String, String> headers) {}

  private final Map<String, Canned> answers = new HashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Vertx vertx = Vertx.vertx();
  private HttpServer server;
  private PeerClient http;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    http = new PeerClient(vertx, null, 5_000);
    size("3");
  }

  @AfterEach
  void stop() {
    http.close();
    server.stop(0);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String uri = exchange.getRequestURI().toString();
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    requests.add(exchange.getRequestMethod() + " " + uri + (body.isEmpty() ? "" : " " + body));
    Canned canned = answers.getOrDefault(uri, new Canned(404, NO_KEY, Map.of()));
    canned.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] bytes = canned.body().getBytes(UTF_8);
    exchange.sendResponseHeaders(canned.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void answers(String uri, int status, String body) {
    answers.put(uri, new Canned(status, body, Map.of("X-Etcd-Index", "7")));
  }

  private void size(String value) {
    answers(SIZE, 200, sizeNode(value));
  }

  private static String sizeNode(String value) {
    return ("{\"action\":\"get\",\"node\":{\"key\":\"/discovery/tok1/_config/size\",\"value\":\""
        + value
        + "\",\"modifiedIndex\":4,\"createdIndex\":4}}");
  }

  private String base() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private KeysRegistry registry() throws DiscoveryException {
    return new KeysRegistry(http, base() + TOKEN);
  }

  @Test
  void entriesComeInTheOrderInWhichTheyWereMade() throws Exception {
    answers(
        LISTING,
        200,
        "{\"action\":\"get\",\"node\":{\"key\":\"/discovery/tok1\",\"dir\":true,\"nodes\":["
            + "{\"key\":\"/discovery/tok1/b\",\"value\":\"e2=http://127.0.0.1:2480\","
            + "\"modifiedIndex\":6,\"createdIndex\":6},"
            + "{\"key\":\"/discovery/tok1/_config\",\"dir\":true,\"createdIndex\":4},"
            + "{\"key\":\"/discovery/tok1/c\",\"value\":\"e3=http://127.0.0.1:3480\","
            + "\"modifiedIndex\":5,\"createdIndex\":5}],\"createdIndex\":4}}");

    assertThat(registry().read())
        .isEqualTo(
            new Listing(
                3,
                List.of(
                    new Entry("c", "e3=http://127.0.0.1:3480"),
                    new Entry("b", "e2=http://127.0.0.1:2480")),
                7));
  }

  @Test
  void aDirectoryWithoutEntriesIsEmpty() throws Exception {
    answers(
        LISTING, 200, "{\"action\":\"get\",\"node\":{\"key\":\"/discovery/tok1\",\"dir\":true}}");

    assertThat(registry().read().entries()).isEmpty();
    assertThat(requests).containsExactly("GET " + SIZE, "GET " + LISTING);
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "three", "''", "99999999999"})
  void aSizeThatNoClusterHasIsBad(String value) {
    size(value);

    assertThatThrownBy(() -> registry().read())
        .isInstanceOf(DiscoveryException.class)
        .hasMessage("discovery: size key is bad");
  }

  @Test
  void aTokenWithoutSizeIsNone() {
    answers.clear();

    assertThatThrownBy(() -> registry().read())
        .isInstanceOf(DiscoveryException.class)
        .hasMessage("discovery: size key not found");
  }

  @ParameterizedTest
  @CsvSource({"200", "404"})
  void whateverIsNoEtcdIsABadEndpoint(int status) {
    for (String body : List.of("<html>", "[]", "", status == 200 ? "{}" : "nothing here")) {
      answers(SIZE, status, body);

      assertThatThrownBy(() -> registry().read())
          .isInstanceOf(DiscoveryException.class)
          .hasMessage("discovery: bad discovery endpoint");
    }
  }

  @Test
  void otherRefusalsAreTold() {
    answers(
        SIZE,
        401,
        "{\"errorCode\":110,\"message\":\"The request requires user authentication\","
            + "\"cause\":\"Insufficient credentials\",\"index\":0}");

    assertThatThrownBy(() -> registry().read())
        .isInstanceOf(DiscoveryException.class)
        .hasMessage("110: The request requires user authentication (Insufficient credentials) [0]");
  }

  @Test
  void aServerInTroubleMayBeAskedAgain() {
    answers(SIZE, 503, "");

    assertThatThrownBy(() -> registry().read())
        .isInstanceOf(IOException.class)
        .hasMessage("client: etcd member " + base() + " returns server error [503]");
  }

  @Test
  void whereNobodyListensMayBeAskedAgain() {
    server.stop(0);

    assertThatThrownBy(() -> registry().read()).isInstanceOf(IOException.class);
  }

  @Test
  void anEntryIsMadeOnlyWhereThereIsNone() throws Exception {
    String key = TOKEN + "/bfc5?prevExist=false";
    answers(key, 201, "{\"action\":\"create\",\"node\":{\"key\":\"/discovery/tok1/bfc5\"}}");

    registry().register(new Entry("bfc5", "e1=http://127.0.0.1:1480"));

    assertThat(requests)
        .containsExactly("PUT " + key + " value=e1%3Dhttp%3A%2F%2F127.0.0.1%3A1480");
  }

  @Test
  void anEntryThatIsThereIsADuplicate() {
    answers(
        TOKEN + "/bfc5?prevExist=false",
        412,
        "{\"errorCode\":105,\"message\":\"Key already exists\",\"cause\":\"/x\",\"index\":7}");

    assertThatThrownBy(() -> registry().register(new Entry("bfc5", "e1=http://127.0.0.1:1480")))
        .hasMessage("discovery: found duplicate id")
        .extracting(e -> ((DiscoveryException) e).reason())
        .isEqualTo(Reason.DUPLICATE_ID);
  }

  @Test
  void itWaitsForWhatComesAfterTheListing() throws Exception {
    String wait = TOKEN + "?recursive=true&wait=true&waitIndex=8";
    answers(wait, 200, "{\"action\":\"create\"}");

    registry().awaitChange(new Listing(3, List.of(), 7));

    assertThat(requests).containsExactly("GET " + wait);
  }

  @Test
  void aListingThatIsTooOldToWaitFromIsReadAgain() throws Exception {
    answers(
        TOKEN + "?recursive=true&wait=true&waitIndex=8",
        400,
        "{\"errorCode\":401,\"message\":\"The event in requested index is outdated and cleared\","
            + "\"cause\":\"x\",\"index\":2000}");

    registry().awaitChange(new Listing(3, List.of(), 7));

    assertThat(requests).hasSize(1);
  }

  @Test
  void aRefusalToWaitIsTold() {
    assertThatThrownBy(() -> registry().awaitChange(new Listing(3, List.of(), 7)))
        .isInstanceOf(DiscoveryException.class)
        .hasMessage("100: Key not found (/discovery) [3]");
  }

  @Test
  void redirectsAreFollowedForWritesToo() throws Exception {
    answers.put(
        TOKEN + "/a?prevExist=false",
        new Canned(307, "", Map.of("Location", base() + "/elsewhere?x=1")));
    answers("/elsewhere?x=1", 201, "{\"action\":\"create\",\"node\":{}}");

    registry().register(new Entry("a", "a=b"));

    assertThat(requests.get(1)).isEqualTo("PUT /elsewhere?x=1 value=a%3Db");
  }

  @Test
  void redirectsInACircleEnd() {
    answers.put(SIZE, new Canned(307, "", Map.of("Location", base() + SIZE)));

    assertThatThrownBy(() -> registry().read())
        .isInstanceOf(IOException.class)
        .hasMessage("client: too many redirects");
  }

  @Test
  void aProxyIsAskedForTheWholeUrl() throws Exception {
    String url = "http://registry.invalid:2379" + TOKEN;
    answers("http://registry.invalid:2379" + SIZE, 200, sizeNode("3"));
    answers(
        "http://registry.invalid:2379" + LISTING,
        200,
        "{\"action\":\"get\",\"node\":{\"dir\":true}}");
    SocketAddress proxy =
        SocketAddress.inetSocketAddress(server.getAddress().getPort(), "127.0.0.1");
    try (PeerClient through = new PeerClient(vertx, null, 5_000, proxy)) {
      assertThat(new KeysRegistry(through, url).read().size()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @CsvSource({"nowhere", "ftp://a/b", "http://", "'http://a b/'", "''"})
  void aUrlThatIsNoneIsRefused(String url) {
    assertThatThrownBy(() -> new KeysRegistry(http, url))
        .isInstanceOf(DiscoveryException.class)
        .hasMessage("discovery: invalid URL");
  }

  @Test
  void aSlashAtTheEndDoesNotMatter() throws Exception {
    answers(LISTING, 200, "{\"action\":\"get\",\"node\":{\"dir\":true}}");

    assertThat(new KeysRegistry(http, base() + TOKEN + "/").read().index()).isEqualTo(7);
  }
}
