package io.etcdj.server.v2;

import io.etcdj.server.front.http.Answers;
import io.etcdj.server.front.vertx.GoHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/** What the resources of the v2 API answer alike. */
final class V2Answers {
  static final String CLUSTER_ID = "X-Etcd-Cluster-Id";
  static final String INDEX = "X-Etcd-Index";
  static final String JSON = "application/json";

  private V2Answers() {}

  /** Whether the request has one of these methods; answers it if not. */
  static boolean allow(HttpServerRequest request, List<String> methods) {
    if (methods.contains(request.method().name())) {
      return true;
    }
    request.response().putHeader(GoHeaders.ALLOW, String.join(",", methods));
    Answers.error(request.response(), 405, "Method Not Allowed");
    return false;
  }

  /** A refusal of anything but keys. */
  static void refuse(HttpServerResponse response, int status, String message) {
    response.setStatusCode(status);
    Answers.json(response, "{\"message\":" + GoJson.quote(message) + "}");
  }

  /**
   * Sends the client to the same thing under its proper name.
   *
   * @param path as it is written in a URL
   */
  static void moved(HttpServerRequest request, String path) {
    String query = request.query();
    String to = query == null ? path : path + "?" + query;
    HttpServerResponse response = request.response();
    response.setStatusCode(301).putHeader("Location", to);
    response.headers().remove(CLUSTER_ID);
    if (!request.method().equals(HttpMethod.GET)) {
      GoHeaders.end(response, ""); // nobody reads it
      return;
    }
    response.putHeader(GoHeaders.CONTENT_TYPE, "text/html; charset=utf-8");
    String href = to.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    GoHeaders.end(
        response,
        "<a href=\""
            + href.replace("\"", "&#34;").replace("'", "&#39;")
            + "\">Moved Permanently</a>.\n\n");
  }
}
