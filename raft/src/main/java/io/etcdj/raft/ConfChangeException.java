package io.etcdj.raft;

/** The change does not fit the configuration; nothing has been changed. */
public final class ConfChangeException extends RuntimeException {
  public ConfChangeException(String message) {
    super(message);
  }
}
