package io.etcdj.server.config;

/** A value that a flag does not take; the message is the part after the flag's name. */
final class BadValue extends Exception {
  private static final long serialVersionUID = 1;

  BadValue(String message) {
    super(message);
  }
}
