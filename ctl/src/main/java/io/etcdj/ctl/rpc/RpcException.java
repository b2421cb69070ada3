package io.etcdj.ctl.rpc;

import io.etcdj.api.EtcdError;
import io.etcdj.api.GrpcCode;

/** A call that ended with a status other than OK, as the server or this client put it. */
public final class RpcException extends Exception {
  private static final long serialVersionUID = 1L;

  private final GrpcCode code;
  private final String description;

  public RpcException(GrpcCode code, String description) {
    super(description, null, false, false);
    this.code = code;
    this.description = description;
  }

  static RpcException deadlineExceeded() {
    return new RpcException(GrpcCode.DEADLINE_EXCEEDED, "context deadline exceeded");
  }

  static RpcException unavailable(Throwable cause) {
    return new RpcException(
        GrpcCode.UNAVAILABLE, "error reading from server: " + String.valueOf(cause.getMessage()));
  }

  public GrpcCode code() {
    return code;
  }

  public String description() {
    return description;
  }

  /**
   * The line to show: etcd's own errors stand for themselves, anything else is named with its code.
   */
  public String text() {
    if (code == GrpcCode.DEADLINE_EXCEEDED) {
      return "context deadline exceeded";
    }
    for (EtcdError error : EtcdError.values()) {
      if (error.message().equals(description)) {
        return description;
      }
    }
    return "rpc error: code = " + code.text() + " desc = " + description;
  }
}
