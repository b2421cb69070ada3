package io.etcdj.server;

/** Which etcd this is. */
public final class Version {
  /** The API level; tools decide by it which flags and calls there are. */
  public static final String ETCD = "3.7.1";

  /** The cluster version that members of this release speak. */
  public static final String CLUSTER = "3.7.0";

  private Version() {}
}
