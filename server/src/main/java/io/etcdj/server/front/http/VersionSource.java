package io.etcdj.server.front.http;

/** The versions that {@code /version} tells; asked on event loops, must not block. */
public interface VersionSource {
  /** {@code 3.7.1} */
  String server();

  /** {@code 3.7.0}, or {@code not_decided} while the cluster has not agreed on one. */
  String cluster();

  /** {@code 3.7.0}, or {@code unknown}. */
  String storage();
}
