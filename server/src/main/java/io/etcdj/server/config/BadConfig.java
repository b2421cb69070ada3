package io.etcdj.server.config;

/** Settings with which a member must not start; the message is for the operator. */
final class BadConfig extends Exception {
  private static final long serialVersionUID = 1;

  BadConfig(String message) {
    super(message);
  }
}
