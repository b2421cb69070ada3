package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Environment;
import org.jspecify.annotations.Nullable;

/**
 * While this is open, CTRL+C ends the program with exit code 0, for commands that go on for ever.
 */
final class Interruption implements AutoCloseable {
  private final @Nullable Thread hook;

  Interruption(Environment environment) {
    if (!environment.inheritable()) {
      hook = null; // not a process of our own
      return;
    }
    hook =
        new Thread(
            () -> {
              environment.flush();
              Runtime.getRuntime().halt(ExitStatus.SUCCESS);
            },
            "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    if (hook == null) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // it has begun
    }
  }
}
