package io.etcdj.server.discovery;

/** No cluster was found, and asking again would not help; the message has etcd's words. */
public final class DiscoveryException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What an operator has to do about it differs. */
  public enum Reason {
    /** There are as many members as there are to be. */
    FULL,
    /** A member with these URLs registered before, in an earlier life or by mistake. */
    DUPLICATE_ID,
    /** Two members have one name. */
    DUPLICATE_NAME,
    OTHER
  }

  private final Reason reason;

  DiscoveryException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  DiscoveryException(String message) {
    this(Reason.OTHER, message);
  }

  public Reason reason() {
    return reason;
  }
}
