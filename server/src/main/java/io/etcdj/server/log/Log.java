package io.etcdj.server.log;

import org.jspecify.annotations.Nullable;

public interface Log {
  void info(String msg, @Nullable Object... fields);

  void warn(String msg, @Nullable Object... fields);

  void error(String msg, @Nullable Object... fields);
}
