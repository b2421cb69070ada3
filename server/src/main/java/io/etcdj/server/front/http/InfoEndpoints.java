package io.etcdj.server.front.http;

import io.etcdj.server.front.vertx.GoHeaders;
import io.etcdj.server.metrics.Counter;
import io.etcdj.server.metrics.Labeled;
import io.etcdj.server.metrics.MetricRegistry;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/** {@code /version} and {@code /metrics}. Shared by all loops. */
public final class InfoEndpoints {
  private static final String EXPOSITION =
      "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

  private final MetricRegistry registry;
  private final Labeled<Counter> scrapes;

  public InfoEndpoints(MetricRegistry registry) {
    this.registry = registry;
    scrapes =
        registry.counters(
            "promhttp_metric_handler_requests_total",
            "Total number of scrapes by HTTP status code.",
            "code");
    scrapes.with("200");
    scrapes.with("500");
    scrapes.with("503");
    registry.gauge(
        "promhttp_metric_handler_requests_in_flight",
        "Current number of scrapes being served.",
        () -> 1); // whoever reads this is being served
  }

  public void addVersion(Routes routes, VersionSource source) {
    routes.add("/version", request -> version(request, source));
  }

  public void addMetrics(Routes routes) {
    routes.add("/metrics", this::metrics);
  }

  private static void version(HttpServerRequest request, VersionSource source) {
    if (Answers.allow(request, HttpMethod.GET)) {
      Answers.json(
          request.response(),
          "{\"etcdserver\":\""
              + source.server()
              + "\",\"etcdcluster\":\""
              + source.cluster()
              + "\",\"storage\":\""
              + source.storage()
              + "\"}");
    }
  }

  private void metrics(HttpServerRequest request) {
    request.response().putHeader(GoHeaders.CONTENT_TYPE, EXPOSITION);
    request.response().end(registry.expose());
    scrapes.with("200").increment();
  }
}
