package io.etcdj.ctl.v2;

import io.etcdj.ctl.rpc.Deadline;
import io.etcdj.ctl.rpc.HttpAnswer;
import io.etcdj.ctl.rpc.HttpConnection;
import io.etcdj.ctl.rpc.HttpFailure;
import io.etcdj.ctl.rpc.HttpUrl;
import io.etcdj.ctl.rpc.Tls;
import io.etcdj.ctl.text.GoStrings;
import java.io.IOException;
import java.io.PrintStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way to a cluster: endpoints in random order, of which the one that served last is asked
 * first.
 *
 * <p>Confined to one thread. Connections are kept for the next request.
 */
final class Cluster {
  /** How to reach the members, and as whom. */
  record Access(
      @Nullable Tls tls,
      @Nullable String serverName,
      long headerTimeoutNanos,
      long dialTimeoutNanos,
      @Nullable String authorization) {}

  private final Access access;
  private final @Nullable PrintStream curl;
  private final Map<String, HttpConnection> connections = new HashMap<>();
  private List<HttpUrl> endpoints;
  private int pinned;

  /**
   * @param curl told the curl line of every request, or null
   */
  Cluster(List<HttpUrl> endpoints, Access access, @Nullable PrintStream curl) {
    this.endpoints = new ArrayList<>(endpoints);
    this.access = access;
    this.curl = curl;
    Collections.shuffle(this.endpoints);
  }

  String endpoints(String separator) {
    List<String> texts = new ArrayList<>();
    for (HttpUrl endpoint : endpoints) {
      texts.add(endpoint.text());
    }
    return String.join(separator, texts);
  }

  /** Replaces the endpoints by those that the members publish. */
  void sync(Deadline deadline) throws ClientException {
    List<HttpUrl> published = new ArrayList<>();
    for (Member member : new MembersApi(this).list(deadline)) {
      for (String url : member.clientUrls()) {
        try {
          published.add(HttpUrl.parse(url));
        } catch (IllegalArgumentException e) {
          throw new ClientException(String.valueOf(e.getMessage()));
        }
      }
    }
    if (published.isEmpty()) {
      throw new ClientException.NoEndpoints();
    }
    if (!texts(published).equals(texts(endpoints))) {
      Collections.shuffle(published);
      endpoints = published;
      pinned = 0;
    }
  }

  private static Set<String> texts(List<HttpUrl> urls) {
    Set<String> texts = new HashSet<>();
    for (HttpUrl url : urls) {
      texts.add(url.text());
    }
    return texts;
  }

  /** Asks one endpoint after the other until one answers with anything but a failure of its own. */
  HttpAnswer send(Action action, Deadline deadline) throws ClientException {
    List<ClientException> reasons = new ArrayList<>();
    int count = endpoints.size();
    for (int i = 0; i < count; i++) {
      int index = (pinned + i) % count;
      ClientException reason;
      try {
        HttpAnswer answer = send(endpoints.get(index), action, deadline);
        if (answer.status() / 100 != 5) {
          pinned = index;
          return answer;
        }
        reason = serverFailure(endpoints.get(index), answer.status());
      } catch (ClientException e) {
        if (deadline.expired()) {
          throw ClientException.deadlineExceeded();
        }
        reason = e;
      }
      if (action.once()) {
        pinned = (index + 1) % count;
        throw reason;
      }
      reasons.add(reason);
    }
    throw new ClientException.Unavailable(reasons);
  }

  private static ClientException serverFailure(HttpUrl endpoint, int status) {
    String member = "client: etcd member " + endpoint.text();
    return switch (status) {
      case 500, 503 -> new ClientException(member + " has no leader");
      case 501 -> new ClientException(member + " returns server error [Not Implemented]");
      case 502 -> new ClientException(member + " returns server error [Bad Gateway]");
      case 504 -> new ClientException(member + " returns server error [Gateway Timeout]");
      default -> new ClientException(member + " returns server error [" + status + "]");
    };
  }

  /** Asks one endpoint. */
  HttpAnswer send(HttpUrl endpoint, Action action, Deadline deadline) throws ClientException {
    String target = action.target(endpoint.path());
    PrintStream told = curl;
    if (told != null) {
      told.print("cURL Command: curl -X " + action.method() + " " + endpoint.origin() + target);
      byte[] body = action.body();
      told.print(body == null ? "\n" : " -d " + GoStrings.quote(body) + "\n");
    }
    boolean bounded = !action.waits() && access.headerTimeoutNanos > 0;
    Deadline header = bounded ? deadline.orAfterNanos(access.headerTimeoutNanos) : deadline;
    try {
      return exchange(endpoint, action, target, header, deadline);
    } catch (SocketTimeoutException e) {
      throw new ClientException(
          bounded
              ? "client: endpoint " + endpoint.text() + " exceeded header timeout"
              : "dial tcp " + endpoint.authority() + ": i/o timeout",
          !bounded);
    } catch (HttpFailure e) {
      throw new ClientException(String.valueOf(e.getMessage()), e.connection());
    } catch (IOException e) {
      throw new ClientException(String.valueOf(e.getMessage()));
    }
  }

  /** What a member says about its health, however long that takes. */
  String health(HttpUrl member) throws ClientException {
    Action action = Action.of("GET", "/health");
    try {
      return exchange(member, action, action.target(member.path()), Deadline.NEVER, Deadline.NEVER)
          .text();
    } catch (SocketTimeoutException e) {
      throw new ClientException("dial tcp " + member.authority() + ": i/o timeout", true);
    } catch (IOException e) {
      throw new ClientException(String.valueOf(e.getMessage()));
    }
  }

  private HttpAnswer exchange(
      HttpUrl endpoint, Action action, String target, Deadline header, Deadline end)
      throws IOException {
    String[] headers = headers(action);
    HttpConnection kept = connections.remove(endpoint.origin());
    if (kept != null) {
      try {
        return exchange(kept, endpoint, action, target, headers, header, end);
      } catch (HttpFailure e) {
        if (!action.method().equals("GET")) {
          throw e;
        }
        // it had been closed meanwhile: ask on a new one
      }
    }
    Deadline dial = header.orAfterNanos(access.dialTimeoutNanos);
    HttpConnection fresh = HttpConnection.open(endpoint, access.tls, access.serverName, dial);
    return exchange(fresh, endpoint, action, target, headers, header, end);
  }

  private HttpAnswer exchange(
      HttpConnection connection,
      HttpUrl endpoint,
      Action action,
      String target,
      String[] headers,
      Deadline header,
      Deadline end)
      throws IOException {
    try {
      HttpAnswer answer =
          connection.exchange(action.method(), target, headers, action.body(), header, end);
      if (connection.reusable()) {
        connections.put(endpoint.origin(), connection);
      }
      return answer;
    } finally {
      if (!connection.reusable()) {
        connection.close();
      }
    }
  }

  private String[] headers(Action action) {
    List<String> headers = new ArrayList<>(4);
    if (!action.contentType().isEmpty()) {
      Collections.addAll(headers, "Content-Type", action.contentType());
    }
    String authorization = access.authorization;
    if (authorization != null) {
      Collections.addAll(headers, "Authorization", authorization);
    }
    return headers.toArray(new String[0]);
  }

  /** {@code Basic} authentication (RFC 7617). */
  static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
