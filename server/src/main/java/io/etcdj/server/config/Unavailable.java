package io.etcdj.server.config;

import io.etcdj.server.log.Entry;
import java.util.List;
import java.util.function.Predicate;

/**
 * Flags that are understood and whose feature is not in this release.
 *
 * <p>Where a member without the feature would be less safe than its operator believes, or not the
 * member that was asked for, it must not start; elsewhere it says so and goes on. A feature that
 * arrives takes its row with it.
 */
final class Unavailable {
  private static final List<Row> ROWS =
      List.of(
          refuse(
              "discovery-endpoints",
              "no member would be found",
              s -> !s.words("discovery-endpoints").isEmpty()),
          refuse(
              "experimental-enable-v2v3",
              "v2 clients would not see their keys",
              s -> !s.text("experimental-enable-v2v3").isEmpty()),
          warn("enable-pprof", s -> s.bool("enable-pprof")),
          warn("memory-mlock", s -> s.bool("memory-mlock")),
          warn("socket-reuse-port", s -> s.bool("socket-reuse-port")),
          warn("socket-reuse-address", s -> s.bool("socket-reuse-address")),
          warn("enable-distributed-tracing", s -> s.bool("enable-distributed-tracing")),
          warn("enable-log-rotation", s -> s.bool("enable-log-rotation")),
          warn(
              "bootstrap-defrag-threshold-megabytes",
              s -> s.number("bootstrap-defrag-threshold-megabytes") > 0));

  private Unavailable() {}

  /**
   * @param danger why a member must not start, or empty if it may
   */
  private record Row(String flag, String danger, Predicate<Settings> asksForIt) {}

  private static Row refuse(String flag, String danger, Predicate<Settings> asksForIt) {
    return new Row(flag, danger, asksForIt);
  }

  private static Row warn(String flag, Predicate<Settings> asksForIt) {
    return new Row(flag, "", asksForIt);
  }

  static void check(Settings settings, List<Entry> notices) throws BadConfig {
    for (Row row : ROWS) {
      if (row.asksForIt.test(settings)) {
        if (!row.danger.isEmpty()) {
          throw new BadConfig(
              "--" + row.flag + " is not available in this release, and without it " + row.danger);
        }
        notices.add(Entry.warn("flag has no effect in this release", "flag", row.flag));
      }
    }
  }
}
