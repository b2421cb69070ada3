package io.etcdj.server.boot;

import io.etcdj.server.log.Entry;
import java.util.List;

/** The member cannot start; the message tells the user why. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Entry> lines;

  public StartException(String message) {
    this(message, List.of(lastLine(message)));
  }

  /**
   * @param lines what to log of it, where there is more to say than the message
   */
  public StartException(String message, List<Entry> lines) {
    super(message);
    this.lines = List.copyOf(lines);
  }

  public StartException(String message, Throwable cause) {
    super(message, cause);
    this.lines = List.of(lastLine(message));
  }

  /** What etcd says of any start that fails, discovery or not. */
  private static Entry lastLine(String message) {
    return Entry.fatal("discovery failed", "error", message);
  }

  /** What to log of it. */
  public List<Entry> lines() {
    return lines;
  }
}
