package io.etcdj.server.front.http;

import io.etcdj.server.front.json.JsonGateway;
import io.etcdj.server.front.vertx.GoHeaders;
import io.etcdj.server.front.vertx.Peer;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/** One event loop's way from an HTTP request to what serves it. */
public final class HttpFront implements Handler<HttpServerRequest> {
  private final AccessRules access;
  private final Routes routes;
  private final @Nullable JsonGateway gateway;

  /** Without a gateway its paths are not found. */
  public HttpFront(AccessRules access, Routes routes, @Nullable JsonGateway gateway) {
    this.access = access;
    this.routes = routes;
    this.gateway = gateway;
  }

  @Override
  public void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    String path = request.path();
    if (path == null) {
      Answers.notFound(response);
      return;
    }
    boolean api = path.startsWith(JsonGateway.PREFIX) || path.startsWith(JsonGateway.OLD_PREFIX);
    if (!request.isSSL()) {
      if (!access.hostAllowed(request)) {
        Answers.error(response, 421, unrecognizedHost(AccessRules.host(request)));
        return;
      }
    } else if (api && access.certificatesNameUsers().getAsBoolean() && namesUser(request)) {
      Answers.error(
          response,
          400,
          "CommonName of client sending a request against gateway will be ignored and not used as"
              + " expected");
      return;
    }
    allowOrigin(request, response);
    if (request.method().equals(HttpMethod.OPTIONS)) {
      GoHeaders.end(response, "");
    } else if (api && gateway != null) {
      gateway.handle(request, path);
    } else {
      route(routes, request);
    }
  }

  /** For listeners without access rules. */
  public static void route(Routes routes, HttpServerRequest request) {
    String path = request.path();
    Handler<HttpServerRequest> handler = path == null ? null : routes.find(path);
    if (handler == null) {
      Answers.notFound(request.response());
    } else {
      handler.handle(request);
    }
  }

  private void allowOrigin(HttpServerRequest request, HttpServerResponse response) {
    String origin = access.allowedOrigin(request.getHeader(HttpHeaders.ORIGIN));
    if (origin != null) {
      response
          .putHeader(GoHeaders.ALLOW_METHODS, "POST, GET, OPTIONS, PUT, DELETE")
          .putHeader(GoHeaders.ALLOW_ORIGIN, origin)
          .putHeader(GoHeaders.ALLOW_HEADERS, "accept, content-type, authorization");
    }
  }

  private static boolean namesUser(HttpServerRequest request) {
    String name = Peer.of(request.connection()).commonName();
    return name != null && !name.isEmpty();
  }

  private static String unrecognizedHost(String host) {
    return """

        etcd received your request, but the Host header was unrecognized.

        To fix this, choose one of the following options:
        - Enable TLS, then any HTTPS request will be allowed.
        - Add the hostname you want to use to the whitelist in settings.
          - e.g. etcd --host-whitelist "%s"

        This requirement has been added to help prevent "DNS Rebinding" attacks (CVE-2018-5702)."""
        .formatted(host);
  }
}
