package io.etcdj.raft;

/** The entry is behind the end of the log. */
public final class LogUnavailableException extends RuntimeException {
  public LogUnavailableException(long index, long lastIndex) {
    super("entry " + index + " is not there, the log ends at " + lastIndex);
  }
}
