package io.etcdj.ctl.v2;

/** The exit codes that scripts rely on; not those of etcdctl for the v3 API. */
final class ExitStatus {
  static final int SUCCESS = 0;
  static final int BAD_ARGUMENTS = 1;
  static final int BAD_CONNECTION = 2;
  static final int UNKNOWN_COMMAND = 3;
  static final int SERVER_ERROR = 4;
  static final int CLUSTER_NOT_HEALTHY = 5;

  private ExitStatus() {}
}
