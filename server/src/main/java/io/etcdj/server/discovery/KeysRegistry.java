package io.etcdj.server.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.etcdj.server.discovery.DiscoveryException.Reason;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.state.v2.V2Error;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A directory of etcd's v2 API: {@code http://host:2379/v2/keys/discovery/TOKEN}.
 *
 * <pre>
 *   GET TOKEN/_config/size                       the size
 *   GET TOKEN                                    the entries, in the order of createdIndex
 *   PUT TOKEN/ID?prevExist=false  value=URLS     an entry
 *   GET TOKEN?wait=true&amp;recursive=true&amp;waitIndex=N   answered at the next change
 * </pre>
 */
final class KeysRegistry implements Registry {
  private static final long ANSWER_MILLIS = 5_000;
  private static final long LONG_POLL_MILLIS = 60_000;
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_REDIRECTS = 10;
  private static final String CONFIG = "_config";

  private final PeerClient http;
  private final Place directory;

  /**
   * @param url of the directory
   */
  KeysRegistry(PeerClient http, String url) throws DiscoveryException {
    this.http = http;
    Place place = Place.parse(url);
    if (place == null) {
      throw new DiscoveryException("discovery: invalid URL");
    }
    int query = place.path().indexOf('?');
    this.directory =
        query < 0 ? place : new Place(place.server(), place.path().substring(0, query));
  }

  /** A server, and a path on it with its query, escaped as it was written. */
  private record Place(String server, String path) {
    static @Nullable Place parse(String url) {
      URI uri;
      try {
        uri = new URI(url);
      } catch (URISyntaxException e) {
        return null;
      }
      String scheme = uri.getScheme();
      String host = uri.getHost();
      if (host == null || !("http".equals(scheme) || "https".equals(scheme))) {
        return null;
      }
      int port = uri.getPort() > 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
      String path = uri.getRawPath() == null ? "" : uri.getRawPath();
      String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
      return new Place(
          scheme + "://" + host + ":" + port,
          (path.endsWith("/") ? path.substring(0, path.length() - 1) : path) + query);
    }

    Place with(String more) {
      return new Place(server, path + more);
    }
  }

  /** What came back: an object of the v2 API, and the status that says which. */
  private record Answer(int status, JsonObject json, Map<String, String> headers) {
    boolean isGood() {
      return status == 200 || status == 201;
    }

    private long errorCode() {
      return number(json, "errorCode");
    }

    boolean says(V2Error error) {
      return errorCode() == error.code();
    }

    DiscoveryException failure() {
      return new DiscoveryException(
          "%d: %s (%s) [%d]"
              .formatted(
                  errorCode(), text(json, "message"), text(json, "cause"), number(json, "index")));
    }
  }

  @Override
  public String address() {
    return directory.server();
  }

  @Override
  public String badUrlText() {
    return "discovery: invalid URL";
  }

  @Override
  public Listing read() throws IOException, DiscoveryException, InterruptedException {
    int size = size(call(HttpMethod.GET, directory.with("/" + CONFIG + "/size"), ""));
    Answer answer = call(HttpMethod.GET, directory.with("?recursive=false&sorted=true"), "");
    if (!answer.isGood()) {
      throw answer.failure();
    }
    return new Listing(size, entries(node(answer)), index(answer));
  }

  private static int size(Answer answer) throws DiscoveryException {
    if (answer.says(V2Error.KEY_NOT_FOUND)) {
      throw new DiscoveryException("discovery: size key not found");
    }
    if (!answer.isGood()) {
      throw answer.failure();
    }
    try {
      int size = Integer.parseInt(text(node(answer), "value"));
      if (size > 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      // the same as a number that no cluster has
    }
    throw new DiscoveryException("discovery: size key is bad");
  }

  private static List<Entry> entries(JsonObject directory) throws DiscoveryException {
    JsonElement nodes = directory.get("nodes");
    if (nodes == null) {
      return List.of();
    }
    if (!nodes.isJsonArray()) {
      throw badEndpoint();
    }
    List<JsonObject> all = new ArrayList<>();
    for (JsonElement node : nodes.getAsJsonArray()) {
      if (!node.isJsonObject()) {
        throw badEndpoint();
      }
      if (!base(text(node.getAsJsonObject(), "key")).equals(CONFIG)) {
        all.add(node.getAsJsonObject());
      }
    }
    all.sort(Comparator.comparingLong(node -> number(node, "createdIndex")));
    return all.stream()
        .map(node -> new Entry(base(text(node, "key")), text(node, "value")))
        .toList();
  }

  @Override
  public void register(Entry entry) throws IOException, DiscoveryException, InterruptedException {
    Answer answer =
        call(
            HttpMethod.PUT,
            directory.with("/" + entry.id() + "?prevExist=false"),
            "value=" + URLEncoder.encode(entry.urls(), UTF_8));
    if (answer.says(V2Error.NODE_EXISTS)) {
      throw new DiscoveryException(Reason.DUPLICATE_ID, "discovery: found duplicate id");
    }
    if (!answer.isGood()) {
      throw answer.failure();
    }
  }

  @Override
  public void awaitChange(Listing since)
      throws IOException, DiscoveryException, InterruptedException {
    String query = "?recursive=true&wait=true&waitIndex=" + (since.index() + 1);
    PeerClient.Answer answer;
    try {
      answer = exchange(HttpMethod.GET, directory.with(query), "", LONG_POLL_MILLIS);
    } catch (SocketTimeoutException nothingChanged) {
      return;
    }
    if (answer.status() == 200) {
      return; // with an event, or with nothing from a proxy that waits no longer
    }
    Answer refusal = parse(answer);
    if (!refusal.says(V2Error.EVENT_INDEX_CLEARED)) {
      throw refusal.failure();
    }
  }

  // ---- One call

  private Answer call(HttpMethod method, Place place, String form)
      throws IOException, DiscoveryException, InterruptedException {
    return parse(exchange(method, place, form, ANSWER_MILLIS));
  }

  /** Any answer but those that say that the server has trouble; redirects are followed. */
  private PeerClient.Answer exchange(
      HttpMethod method, Place place, String form, long timeoutMillis)
      throws IOException, InterruptedException {
    Map<String, String> headers =
        form.isEmpty() ? Map.of() : Map.of("Content-Type", "application/x-www-form-urlencoded");
    Place at = place;
    for (int hops = 0; hops <= MAX_REDIRECTS; hops++) {
      PeerClient.Answer answer = get(method, at, headers, form.getBytes(UTF_8), timeoutMillis);
      String location = answer.headers().get("Location");
      if (answer.status() / 100 == 5) {
        throw new IOException(
            "client: etcd member "
                + at.server()
                + " returns server error ["
                + answer.status()
                + "]");
      }
      if (answer.status() / 100 != 3 || location == null) {
        return answer;
      }
      Place next = Place.parse(location);
      if (next == null) {
        throw new IOException("client: location header not valid URL: " + location);
      }
      at = next;
    }
    throw new IOException("client: too many redirects");
  }

  private PeerClient.Answer get(
      HttpMethod method, Place at, Map<String, String> headers, byte[] body, long timeoutMillis)
      throws IOException, InterruptedException {
    try {
      return http.call(method, at.server(), at.path(), headers, body, timeoutMillis, MAX_BYTES)
          .get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof SocketTimeoutException timeout) {
        throw timeout;
      }
      throw new IOException(String.valueOf(cause.getMessage()), cause);
    }
  }

  // ---- What is in an answer

  private static Answer parse(PeerClient.Answer answer) throws DiscoveryException {
    try {
      JsonElement json = JsonParser.parseString(new String(answer.body(), UTF_8));
      if (json.isJsonObject()) {
        return new Answer(answer.status(), json.getAsJsonObject(), answer.headers());
      }
    } catch (JsonParseException e) {
      // as if it were something else
    }
    throw badEndpoint();
  }

  private static JsonObject node(Answer answer) throws DiscoveryException {
    JsonElement node = answer.json().get("node");
    if (node == null || !node.isJsonObject()) {
      throw badEndpoint();
    }
    return node.getAsJsonObject();
  }

  private static long index(Answer answer) {
    String index = answer.headers().get("X-Etcd-Index");
    try {
      return index == null ? 0 : Long.parseLong(index);
    } catch (NumberFormatException e) {
      return 0; // then it is asked every second
    }
  }

  private static DiscoveryException badEndpoint() {
    return new DiscoveryException("discovery: bad discovery endpoint");
  }

  private static String text(JsonObject json, String name) {
    JsonElement value = json.get(name);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
  }

  private static long number(JsonObject json, String name) {
    JsonElement value = json.get(name);
    try {
      return value != null && value.isJsonPrimitive() ? value.getAsLong() : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String base(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }
}
