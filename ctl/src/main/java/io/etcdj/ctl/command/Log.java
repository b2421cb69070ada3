package io.etcdj.ctl.command;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.print.GoJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The few log records that etcdctl writes to stderr: one JSON line each, in zap's shape. */
final class Log {
  private Log() {}

  static void info(Environment environment, String message, String... fields) {
    write(environment, "info", message, fields);
  }

  static void warn(Environment environment, String message, String... fields) {
    write(environment, "warn", message, fields);
  }

  static void fatal(Environment environment, String message, String... fields) {
    write(environment, "fatal", message, fields);
  }

  private static void write(
      Environment environment, String level, String message, String... fields) {
    GoJson json = new GoJson(false).beginObject();
    json.name("level").string(level);
    json.name("ts").string(Instant.now().truncatedTo(ChronoUnit.MICROS).toString());
    json.name("msg").string(message);
    for (int i = 0; i < fields.length; i += 2) {
      json.name(fields[i]).string(fields[i + 1]);
    }
    environment.err().print(json.endObject() + "\n");
  }
}
