package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Failure;
import java.util.List;

/** Why the cluster did not do as it was asked; the message is etcdctl's. */
class ClientException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean connection;

  ClientException(String text) {
    this(text, false);
  }

  /**
   * @param connection whether it is about the way to the server rather than the server
   */
  ClientException(String text, boolean connection) {
    super(text, null, false, false);
    this.connection = connection;
  }

  static ClientException invalidJson() {
    return new ClientException(
        "client: response is invalid json. The endpoint is probably not valid etcd cluster"
            + " endpoint");
  }

  static ClientException deadlineExceeded() {
    return new ClientException("context deadline exceeded", true);
  }

  final boolean connection() {
    return connection;
  }

  final String text() {
    return String.valueOf(getMessage());
  }

  /** The end of the command, after {@code Error: } and what happened. */
  Failure failure(int exitCode) {
    return new Failure(exitCode, "Error:  " + text());
  }

  /** The end of the command, after nothing but what happened. */
  final Failure plainFailure() {
    return new Failure(ExitStatus.BAD_ARGUMENTS, text());
  }

  /** No endpoint served. */
  static final class Unavailable extends ClientException {
    private static final long serialVersionUID = 1L;

    private final String detail;

    Unavailable(List<ClientException> reasons) {
      super(
          "client: etcd cluster is unavailable or misconfigured" + numbered("; ", reasons),
          reasons.stream().allMatch(ClientException::connection));
      this.detail = numbered("", reasons);
    }

    private static String numbered(String separator, List<ClientException> reasons) {
      StringBuilder out = new StringBuilder();
      for (int i = 0; i < reasons.size(); i++) {
        out.append(separator).append("error #").append(i).append(": ");
        out.append(reasons.get(i).text()).append('\n');
      }
      return out.toString();
    }

    @Override
    Failure failure(int exitCode) {
      return new Failure(exitCode, "Error:  " + text() + "\n" + detail);
    }
  }

  /** There is nobody to ask. */
  static final class NoEndpoints extends ClientException {
    private static final long serialVersionUID = 1L;

    NoEndpoints() {
      super("client: no endpoints available");
    }
  }

  /** A store error: {@code 100: Key not found (/x) [7]}. */
  static ClientException ofStore(long code, String message, String cause, long index) {
    return new ClientException(
        code + ": " + message + " (" + cause + ") [" + Long.toUnsignedString(index) + "]");
  }
}
