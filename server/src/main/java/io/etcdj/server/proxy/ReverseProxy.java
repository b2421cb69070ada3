package io.etcdj.server.proxy;

import io.etcdj.server.front.http.Answers;
import io.etcdj.server.front.http.Bodies;
import io.etcdj.server.front.vertx.GoHeaders;
import io.etcdj.server.log.Log;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Passes requests on, each to the first endpoint that answers. Shared by all loops.
 *
 * <p>A request is taken in whole before, so that it can be tried again elsewhere. A write is tried
 * again only as long as none of it can have arrived: twice done, an in-order key would be two.
 * (etcd 3.4 tries all again.) Answers are handed through as they come, which long polls need.
 */
final class ReverseProxy {
  private static final int MAX_BODY_BYTES = 16 << 20;

  /** What is between two neighbours only (RFC 9110, 7.6.1). */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailers",
          "transfer-encoding",
          "upgrade");

  /** Set anew for each hop. */
  private static final Set<String> OWN = Set.of("host", "content-length", "x-forwarded-for");

  private final Vertx vertx;
  private final PeerClient client;
  private final Endpoints endpoints;
  private final boolean readOnly;
  private final Timeouts timeouts;
  private final Log log;

  /**
   * How long an endpoint may take.
   *
   * @param writeMillis until it has taken a request; 0 for as long as it likes
   * @param readMillis between two pieces of its answer; 0 for as long as it likes
   */
  record Timeouts(long writeMillis, long readMillis) {}

  ReverseProxy(
      Vertx vertx,
      PeerClient client,
      Endpoints endpoints,
      boolean readOnly,
      Timeouts timeouts,
      Log log) {
    this.vertx = vertx;
    this.client = client;
    this.endpoints = endpoints;
    this.readOnly = readOnly;
    this.timeouts = timeouts;
    this.log = log;
  }

  /** Tells which endpoints may be tried. */
  void configuration(HttpServerRequest request) {
    if (Answers.allow(request, HttpMethod.GET)) {
      Answers.text(
          request.response(),
          endpoints.usable().stream()
              .map(url -> "\"" + url + "\"")
              .collect(Collectors.joining(",", "{\"endpoints\":[", "]}\n")));
    }
  }

  void handle(HttpServerRequest request) {
    if (readOnly && !request.method().equals(HttpMethod.GET)) {
      request.response().setStatusCode(501);
      GoHeaders.end(request.response(), "");
      return;
    }
    Bodies.read(request, MAX_BODY_BYTES, body -> new Passage(request, body).start());
  }

  private static void refuse(HttpServerResponse response, int status, String message) {
    response.setStatusCode(status);
    Answers.json(response, "{\"message\":\"httpproxy: " + message + "\"}");
  }

  /** One request on its way; on its event loop. */
  private final class Passage {
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Buffer body;
    private final Map<String, String> headers;
    private final List<EtcdUrl> ways = endpoints.usable();
    private int tried;
    private boolean over;
    private @Nullable HttpClientRequest onward;

    Passage(HttpServerRequest request, Buffer body) {
      this.request = request;
      this.response = request.response();
      this.body = body;
      this.headers = headers(request);
    }

    void start() {
      if (ways.isEmpty()) {
        refuse(response, 503, "zero endpoints currently available");
        return;
      }
      response.closeHandler(closed -> abandon());
      response.exceptionHandler(failure -> abandon());
      next();
    }

    private void next() {
      if (over) {
        return;
      }
      if (tried == ways.size()) {
        over = true;
        refuse(response, 502, "unable to get response from " + tried + " endpoint(s)");
        return;
      }
      EtcdUrl url = ways.get(tried++);
      client
          .open(request.method(), url, request.uri(), headers)
          .onSuccess(opened -> send(opened, url))
          .onFailure(failure -> failed(url, failure, true));
    }

    private void failed(EtcdUrl url, Throwable why, boolean untouched) {
      endpoints.failed(url);
      log.warn("failed to direct request", "url", url, "error", why);
      if (!untouched && !request.method().equals(HttpMethod.GET)) {
        tried = ways.size(); // it may have been done
      }
      next();
    }

    private void send(HttpClientRequest opened, EtcdUrl url) {
      if (over) {
        var unused = opened.reset();
        return;
      }
      onward = opened;
      if (timeouts.readMillis() > 0) {
        opened.idleTimeout(timeouts.readMillis());
      }
      long timer =
          timeouts.writeMillis() == 0
              ? -1
              : vertx.setTimer(timeouts.writeMillis(), unused -> opened.reset());
      opened
          .response()
          .onSuccess(this::pass)
          .onFailure(
              failure -> {
                onward = null;
                if (!over) { // else it was the client that went
                  failed(url, failure, false);
                }
              });
      opened.end(body).onComplete(sent -> vertx.cancelTimer(timer));
    }

    private void pass(HttpClientResponse answer) {
      if (over) {
        return;
      }
      over = true;
      response.setStatusCode(answer.statusCode());
      boolean measured = false;
      answer.headers().names().forEach(response.headers()::remove); // the endpoint knows best
      for (Map.Entry<String, String> header : answer.headers()) {
        String name = header.getKey().toLowerCase(Locale.ROOT);
        if (!HOP_BY_HOP.contains(name)) {
          response.headers().add(header.getKey(), header.getValue());
          measured |= name.equals("content-length");
        }
      }
      if (answer.statusCode() != 204 && answer.statusCode() != 304) { // those have no body
        response.setChunked(!measured);
        var unusedHead = response.writeHead(); // a long poll says nothing else for a while
      }
      var unused =
          answer
              .pipe()
              .endOnFailure(false)
              .to(response)
              .onFailure(
                  failure -> request.connection().close()); // half an answer must not look whole
    }

    /** The client has gone, perhaps with the answer. */
    private void abandon() {
      over = true;
      HttpClientRequest way = onward;
      onward = null;
      if (way != null) {
        var unused = way.reset();
      }
    }
  }

  /** What goes on to the endpoint. */
  private static Map<String, String> headers(HttpServerRequest request) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    Set<String> named =
        request.headers().getAll("Connection").stream()
            .flatMap(value -> List.of(value.split(",", -1)).stream())
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    for (Map.Entry<String, String> header : request.headers()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name) && !OWN.contains(name) && !named.contains(name)) {
        headers.merge(header.getKey(), header.getValue(), (a, b) -> a + ", " + b);
      }
    }
    String before = request.getHeader("X-Forwarded-For");
    String from = request.remoteAddress() == null ? null : request.remoteAddress().hostAddress();
    if (from != null) {
      headers.put("X-Forwarded-For", before == null ? from : before + ", " + from);
    }
    return headers;
  }
}
