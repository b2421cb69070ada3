package io.etcdj.server.log;

public interface Log {
  void info(String msg, Object... fields);

  void warn(String msg, Object... fields);

  void error(String msg, Object... fields);
}
