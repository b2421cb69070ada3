package io.etcdj.server.front.http;

import io.etcdj.server.front.vertx.GoHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Answers as Go's standard library gives them, for all who serve HTTP here. */
public final class Answers {
  private static final String TEXT = "text/plain; charset=utf-8";

  private Answers() {}

  /** 200 and a text. */
  public static void text(HttpServerResponse response, String body) {
    response.putHeader(GoHeaders.CONTENT_TYPE, TEXT);
    GoHeaders.end(response, body);
  }

  /** 200 and JSON. */
  public static void json(HttpServerResponse response, String body) {
    response.putHeader(GoHeaders.CONTENT_TYPE, "application/json");
    GoHeaders.end(response, body);
  }

  /** A refusal: the text and a newline. */
  public static void error(HttpServerResponse response, int status, String message) {
    response.setStatusCode(status);
    response.putHeader("X-Content-Type-Options", "nosniff");
    text(response, message + '\n');
  }

  public static void notFound(HttpServerResponse response) {
    error(response, 404, "404 page not found");
  }

  /** Whether the request has this method; answers it if not. */
  public static boolean allow(HttpServerRequest request, HttpMethod method) {
    if (request.method().equals(method)) {
      return true;
    }
    request.response().putHeader(GoHeaders.ALLOW, method.name());
    error(request.response(), 405, "Method Not Allowed");
    return false;
  }
}
