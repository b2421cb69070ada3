package io.etcdj.state.v2;

/** What the v2 API refuses, in its numbers and words. */
public enum V2Error {
  KEY_NOT_FOUND(100, "Key not found", 404),
  TEST_FAILED(101, "Compare failed", 412),
  NOT_FILE(102, "Not a file", 403),
  NOT_DIRECTORY(104, "Not a directory", 400),
  NODE_EXISTS(105, "Key already exists", 412),
  ROOT_READ_ONLY(107, "Root is read only", 400),
  DIRECTORY_NOT_EMPTY(108, "Directory not empty", 403),
  PREV_VALUE_REQUIRED(201, "PrevValue is Required in POST form", 400),
  TTL_NOT_A_NUMBER(202, "The given TTL in POST form is not a number", 400),
  INDEX_NOT_A_NUMBER(203, "The given index in POST form is not a number", 400),
  INVALID_FIELD(209, "Invalid field", 400),
  INVALID_FORM(210, "Invalid POST form", 400),
  REFRESH_VALUE(211, "Value provided on refresh", 400),
  REFRESH_TTL_REQUIRED(212, "A TTL must be provided on refresh", 400),
  RAFT_INTERNAL(300, "Raft Internal Error", 500),
  EVENT_INDEX_CLEARED(401, "The event in requested index is outdated and cleared", 400);

  private final int code;
  private final String message;
  private final int httpStatus;

  V2Error(int code, String message, int httpStatus) {
    this.code = code;
    this.message = message;
    this.httpStatus = httpStatus;
  }

  public int code() {
    return code;
  }

  public String message() {
    return message;
  }

  public int httpStatus() {
    return httpStatus;
  }

  /** The refusal of something that was asked of the store when it was at {@code index}. */
  public V2Exception at(long index, String cause) {
    return new V2Exception(this, cause, index);
  }
}
