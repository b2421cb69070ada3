package io.etcdj.server.boot;

import io.etcdj.server.config.Version;
import io.etcdj.server.front.http.VersionSource;
import io.etcdj.state.membership.Membership;

/** This release's version, and what the cluster has agreed on. */
record MemberVersions(Membership membership) implements VersionSource {
  @Override
  public String server() {
    return Version.ETCD;
  }

  @Override
  public String cluster() {
    String version = membership.clusterVersion();
    return version == null ? "not_decided" : version;
  }

  @Override
  public String storage() {
    String version = membership.clusterVersion();
    return version == null ? "unknown" : version;
  }
}
