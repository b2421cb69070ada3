package io.etcdj.server.log;

/** The two shapes of a line. */
public enum LogFormat {
  JSON,
  CONSOLE
}
