package io.etcdj.api;

import org.jspecify.annotations.Nullable;

/**
 * A refusal that a client sees: a gRPC code and the exact words.
 *
 * <p>It carries no stack trace: a refusal is an answer, not a fault, and one that every write over
 * quota or every lost compare can cause.
 */
public final class EtcdException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final GrpcCode code;
  private final @Nullable EtcdError error;

  EtcdException(EtcdError error, @Nullable String detail) {
    super(
        detail == null ? error.message() : error.message() + " (" + detail + ")",
        null,
        false,
        false);
    this.code = error.code();
    this.error = error;
  }

  private EtcdException(GrpcCode code, String message) {
    super(message, null, false, false);
    this.code = code;
    this.error = null;
  }

  /** A refusal whose words are not in {@link EtcdError}; {@code message} goes out as it is. */
  public static EtcdException of(GrpcCode code, String message) {
    return new EtcdException(code, message);
  }

  /** The caller's time is over, in the words of gRPC itself. */
  public static EtcdException deadlineExceeded() {
    return of(GrpcCode.DEADLINE_EXCEEDED, "context deadline exceeded");
  }

  public GrpcCode code() {
    return code;
  }

  /** The entry of the error table, or null for a text outside it. */
  public @Nullable EtcdError error() {
    return error;
  }

  /** What the client is told: never the detail, which is for our own log. */
  public String wireMessage() {
    return error != null ? error.message() : String.valueOf(getMessage());
  }
}
