package io.etcdj.bench;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came out of a run.
 *
 * @param operations that ended well; in a fill, keys; with watchers, events
 * @param series latencies, the one that the mode is about first
 * @param errors how often, by text
 * @param serverCpuSeconds of the measurement; 0 if no pid was given
 * @param serverRssBytes at its end
 * @param serverRssBeforeBytes before the connections were opened
 * @param notes whatever else a mode has to say
 */
public record LoadResult(
    Mode mode,
    double seconds,
    long operations,
    List<Series> series,
    Map<String, Long> errors,
    double serverCpuSeconds,
    double clientCpuSeconds,
    long serverRssBeforeBytes,
    long serverRssBytes,
    Map<String, Double> notes) {

  private static final double HUNDRED_THOUSAND = 100_000;
  private static final double MEBIBYTE = 1 << 20;

  /** The series that the mode is about. */
  public Series main() {
    return series.get(0);
  }

  /** The latencies of one kind of operation, which must have taken place. */
  public Series series(String name) {
    return series.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  public double opsPerSecond() {
    return operations / seconds;
  }

  public double serverCpuPer100k() {
    return serverCpuSeconds / operations * HUNDRED_THOUSAND;
  }

  double clientCpuPer100k() {
    return clientCpuSeconds / operations * HUNDRED_THOUSAND;
  }

  public long errorCount() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  String toText() {
    StringBuilder text = new StringBuilder();
    line(text, "%s: %d in %.2f s, %.0f ops/s", mode, operations, seconds, opsPerSecond());
    for (Series each : series) {
      line(
          text,
          "%-24s  p50 %.3f  p99 %.3f  p99.9 %.3f  max %.3f ms  (%d)",
          each.name(),
          each.millis(50),
          each.millis(99),
          each.millis(99.9),
          each.maxMillis(),
          each.nanos().getTotalCount());
    }
    if (serverRssBytes > 0) {
      line(text, "server CPU-s per 100k     %.2f", serverCpuPer100k());
      line(
          text,
          "server RSS                %.1f MiB, %+.1f in this run",
          serverRssBytes / MEBIBYTE,
          (serverRssBytes - serverRssBeforeBytes) / MEBIBYTE);
    }
    line(text, "client CPU-s per 100k     %.2f", clientCpuPer100k());
    notes.forEach((name, number) -> line(text, "%-24s  %.0f", name, number));
    errors.forEach((error, count) -> line(text, "ERROR %d x %s", count, error));
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("mode", mode.toString());
    json.addProperty("seconds", seconds);
    json.addProperty("operations", operations);
    json.addProperty("ops_per_second", opsPerSecond());
    JsonObject latencies = new JsonObject();
    for (Series each : series) {
      JsonObject one = new JsonObject();
      one.addProperty("count", each.nanos().getTotalCount());
      one.addProperty("p50_ms", each.millis(50));
      one.addProperty("p99_ms", each.millis(99));
      one.addProperty("p99_9_ms", each.millis(99.9));
      one.addProperty("max_ms", each.maxMillis());
      latencies.add(each.name(), one);
    }
    json.add("latencies", latencies);
    if (serverRssBytes > 0) {
      json.addProperty("server_cpu_seconds_per_100k", serverCpuPer100k());
      json.addProperty("server_rss_bytes", serverRssBytes);
      json.addProperty("server_rss_growth_bytes", serverRssBytes - serverRssBeforeBytes);
    }
    json.addProperty("client_cpu_seconds_per_100k", clientCpuPer100k());
    JsonObject others = new JsonObject();
    notes.forEach(others::addProperty);
    json.add("notes", others);
    JsonObject failures = new JsonObject();
    errors.forEach(failures::addProperty);
    json.add("errors", failures);
    return json;
  }
}
