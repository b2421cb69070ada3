package io.etcdj.state.v2;

/** A refusal of the v2 API. It is an answer, not a fault, and carries no stack trace. */
public final class V2Exception extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final V2Error error;
  private final String reason;
  private final long index;

  V2Exception(V2Error error, String reason, long index) {
    super(error.message() + " (" + reason + ")", null, false, false);
    this.error = error;
    this.reason = reason;
    this.index = index;
  }

  public V2Error error() {
    return error;
  }

  /** What the API calls the cause: a path, or what is wrong with which field. */
  public String reason() {
    return reason;
  }

  /** Where the store was; 0 for what did not come so far. */
  public long index() {
    return index;
  }
}
