package io.etcdj.server.front.http;

import io.etcdj.server.front.http.HealthSource.Check;
import io.etcdj.server.metrics.Counter;
import io.etcdj.server.metrics.Gauge;
import io.etcdj.server.metrics.Labeled;
import io.etcdj.server.metrics.MetricRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code /health}, {@code /livez} and {@code /readyz}. Shared by all loops. */
public final class HealthEndpoints {
  private final HealthSource source;
  private final Counter successes;
  private final Counter failures;
  private final Labeled<Gauge> state;
  private final Labeled<Counter> runs;

  public HealthEndpoints(HealthSource source, MetricRegistry registry) {
    this.source = source;
    successes =
        registry.counter(
            "etcd_server_health_success", "The total number of successful health checks");
    failures =
        registry.counter("etcd_server_health_failures", "The total number of failed health checks");
    state =
        registry.gauges(
            "etcd_server_healthcheck", "The result of each kind of healthcheck.", "type", "name");
    runs =
        registry.counters(
            "etcd_server_healthchecks_total",
            "The total number of each kind of healthcheck.",
            "type",
            "name",
            "status");
  }

  public void addTo(Routes routes) {
    routes.add("/health", this::health);
    add(routes, "livez", source.livez());
    add(routes, "readyz", source.readyz());
  }

  private void add(Routes routes, String type, List<Check> checks) {
    routes.add('/' + type, request -> run(request, type, checks));
    for (Check check : checks) {
      routes.add('/' + type + '/' + check.name(), request -> run(request, type, List.of(check)));
    }
  }

  private void health(HttpServerRequest request) {
    if (!Answers.allow(request, HttpMethod.GET)) {
      return;
    }
    Set<String> excluded = Set.copyOf(request.params().getAll("exclude"));
    boolean serializable = "true".equals(request.getParam("serializable"));
    backOnLoop(
        source.health(excluded, serializable).exceptionally(HealthEndpoints::words),
        reason -> healthAnswer(request, reason));
  }

  private void healthAnswer(HttpServerRequest request, String reason) {
    if (reason.isEmpty()) {
      successes.increment();
      Answers.text(request.response(), "{\"health\":\"true\",\"reason\":\"\"}");
    } else {
      failures.increment();
      String quoted = reason.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
      Answers.error(
          request.response(), 503, "{\"health\":\"false\",\"reason\":\"" + quoted + "\"}");
    }
  }

  private void run(HttpServerRequest request, String type, List<Check> checks) {
    if (!Answers.allow(request, HttpMethod.GET)) {
      return;
    }
    List<String> excluded = request.params().getAll("exclude");
    boolean verbose = request.params().contains("verbose");
    List<Check> wanted = checks.stream().filter(c -> !excluded.contains(c.name())).toList();
    CompletionStage<List<String>> results = CompletableFuture.completedFuture(new ArrayList<>());
    for (Check check : wanted) {
      results =
          results.thenCombine(
              check.run().get().exceptionally(HealthEndpoints::words),
              (known, reason) -> {
                known.add(reason);
                return known;
              });
    }
    backOnLoop(results, reasons -> answer(request, type, wanted, reasons, verbose));
  }

  private static String words(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }

  private void answer(
      HttpServerRequest request,
      String type,
      List<Check> checks,
      List<String> reasons,
      boolean verbose) {
    StringBuilder lines = new StringBuilder();
    boolean well = true;
    for (int i = 0; i < checks.size(); i++) {
      String name = checks.get(i).name();
      String reason = reasons.get(i);
      boolean ok = reason.isEmpty();
      well &= ok;
      state.with(type, name).set(ok ? 1 : 0);
      runs.with(type, name, ok ? "success" : "error").increment();
      lines.append(ok ? "[+]" + name + " ok\n" : "[-]" + name + " failed: " + reason + '\n');
    }
    if (!well) {
      Answers.error(request.response(), 503, lines.toString());
    } else {
      Answers.text(request.response(), (verbose ? lines.toString() : "") + "ok\n");
    }
  }

  /** A check may come to its end on another thread; answers leave from the request's own loop. */
  private static <T> void backOnLoop(CompletionStage<T> stage, Consumer<T> action) {
    Context context = Vertx.currentContext();
    stage.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            onLoop(context, () -> action.accept(value));
          }
        });
  }

  private static void onLoop(@Nullable Context context, Runnable action) {
    if (context == null || context == Vertx.currentContext()) {
      action.run();
    } else {
      context.runOnContext(unused -> action.run());
    }
  }
}
