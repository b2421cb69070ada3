package io.etcdj.server.config;

/** What etcd finds out only after its flags passed: it then says "discovery failed". */
final class LateFailure extends Exception {
  private static final long serialVersionUID = 1;

  LateFailure(String message) {
    super(message);
  }
}
