package io.etcdj.server.front.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which path is served by whom: a pattern that ends in a slash serves everything below it, any
 * other only itself; the longest pattern wins. Filled before the server opens, then shared by its
 * loops.
 */
public final class Routes {
  private final Map<String, Handler<HttpServerRequest>> exact = new HashMap<>();
  private final TreeMap<String, Handler<HttpServerRequest>> below =
      new TreeMap<>(Comparator.comparing(String::length).reversed().thenComparing(s -> s));

  /** The handler runs on the event loop of the request. */
  public Routes add(String pattern, Handler<HttpServerRequest> handler) {
    Map<String, Handler<HttpServerRequest>> to = pattern.endsWith("/") ? below : exact;
    if (to.put(pattern, handler) != null) {
      throw new IllegalArgumentException("two handlers for " + pattern);
    }
    return this;
  }

  @Nullable Handler<HttpServerRequest> find(String path) {
    Handler<HttpServerRequest> handler = exact.get(path);
    if (handler != null) {
      return handler;
    }
    for (Map.Entry<String, Handler<HttpServerRequest>> entry : below.entrySet()) {
      if (path.startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    return null;
  }
}
