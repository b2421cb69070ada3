package io.etcdj.server.log;

import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Carries what libraries log through {@code java.util.logging} (Vert.x, Netty, the JDK) into ours:
 * warnings and worse, nothing else.
 */
public final class LibraryLogs extends Handler {
  private final Log log;
  private final SimpleFormatter formatter = new SimpleFormatter();

  private LibraryLogs(Log log) {
    this.log = log;
  }

  /** From now on, all of this process's library logging goes to the log and nowhere else. */
  public static void routeTo(Log log) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(java.util.logging.Level.WARNING);
    root.addHandler(new LibraryLogs(log));
  }

  @Override
  public void publish(LogRecord line) {
    int grave = line.getLevel().intValue();
    if (grave < java.util.logging.Level.WARNING.intValue()) {
      return; // a library's own logger may be set lower than the root
    }
    Level level = grave >= java.util.logging.Level.SEVERE.intValue() ? Level.ERROR : Level.WARN;
    String name = String.valueOf(line.getLoggerName());
    String message = formatter.formatMessage(line);
    Throwable thrown = line.getThrown();
    if (thrown == null) {
      log.logFrom(name, level, message);
    } else {
      log.logFrom(name, level, message, "error", thrown.toString());
    }
  }

  @Override
  public void flush() {
    log.flush();
  }

  @Override
  public void close() {}
}
