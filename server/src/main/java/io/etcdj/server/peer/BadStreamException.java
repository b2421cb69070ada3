package io.etcdj.server.peer;

/** What came is not what a member sends; the connection it came by is of no use any more. */
final class BadStreamException extends Exception {
  private static final long serialVersionUID = 1L;

  BadStreamException(String message) {
    super(message);
  }

  BadStreamException(String message, Throwable cause) {
    super(message, cause);
  }
}
