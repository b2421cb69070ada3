package io.etcdj.server.log;

import java.util.Arrays;
import java.util.List;

/**
 * Something to log once there is a log: what was noticed while the options of the log itself were
 * being read.
 *
 * @param fields names and values in turn
 */
public record Entry(Level level, String message, List<Object> fields) {
  public Entry {
    fields = List.copyOf(fields);
  }

  public static Entry info(String message, Object... fields) {
    return new Entry(Level.INFO, message, Arrays.asList(fields));
  }

  public static Entry warn(String message, Object... fields) {
    return new Entry(Level.WARN, message, Arrays.asList(fields));
  }

  public static Entry error(String message, Object... fields) {
    return new Entry(Level.ERROR, message, Arrays.asList(fields));
  }

  public static Entry fatal(String message, Object... fields) {
    return new Entry(Level.FATAL, message, Arrays.asList(fields));
  }
}
