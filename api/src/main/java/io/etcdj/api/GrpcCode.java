package io.etcdj.api;

/** gRPC status codes; the ordinal is the number on the wire. Source: gRPC's statuscodes.md. */
public enum GrpcCode {
  OK("OK", 200),
  CANCELED("Canceled", 499),
  UNKNOWN("Unknown", 500),
  INVALID_ARGUMENT("InvalidArgument", 400),
  DEADLINE_EXCEEDED("DeadlineExceeded", 504),
  NOT_FOUND("NotFound", 404),
  ALREADY_EXISTS("AlreadyExists", 409),
  PERMISSION_DENIED("PermissionDenied", 403),
  RESOURCE_EXHAUSTED("ResourceExhausted", 429),
  FAILED_PRECONDITION("FailedPrecondition", 400),
  ABORTED("Aborted", 409),
  OUT_OF_RANGE("OutOfRange", 400),
  UNIMPLEMENTED("Unimplemented", 501),
  INTERNAL("Internal", 500),
  UNAVAILABLE("Unavailable", 503),
  DATA_LOSS("DataLoss", 500),
  UNAUTHENTICATED("Unauthenticated", 401);

  private static final GrpcCode[] BY_NUMBER = values();

  private final String text;
  private final int httpStatus;

  GrpcCode(String text, int httpStatus) {
    this.text = text;
    this.httpStatus = httpStatus;
  }

  /** The number in the {@code grpc-status} trailer. */
  @SuppressWarnings("EnumOrdinal") // gRPC numbers its codes from 0 without a gap, as listed here
  public int number() {
    return ordinal();
  }

  /** The name as Go prints it, which is also the {@code grpc_code} label of the metrics. */
  public String text() {
    return text;
  }

  /** The HTTP status that the JSON gateway of etcd 3.6 and newer answers with. */
  public int httpStatus() {
    return httpStatus;
  }

  /** The code of a number from the wire; numbers outside the table read as UNKNOWN. */
  public static GrpcCode of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
  }
}
