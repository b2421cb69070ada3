package io.etcdj.server.log;

import java.util.List;

/**
 * What to log, how and where.
 *
 * @param outputs {@code default}, {@code stderr}, {@code stdout}, {@code systemd/journal} or paths
 */
public record LogOptions(Level level, LogFormat format, List<String> outputs) {
  public LogOptions {
    outputs = List.copyOf(outputs);
  }

  /** etcd's defaults: JSON, info and above, on stderr. */
  public static LogOptions defaults() {
    return new LogOptions(Level.INFO, LogFormat.JSON, List.of("default"));
  }
}
