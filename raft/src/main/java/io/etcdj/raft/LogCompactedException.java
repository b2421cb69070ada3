package io.etcdj.raft;

/** The entry was there, but the log has been compacted past it. */
public final class LogCompactedException extends RuntimeException {
  public LogCompactedException(long index, long firstIndex) {
    super("entry " + index + " is compacted, the log starts at " + firstIndex);
  }
}
