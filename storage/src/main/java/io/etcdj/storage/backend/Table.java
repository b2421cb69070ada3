package io.etcdj.storage.backend;

/** The tables of the backend, by the names of etcd's buckets; listed in byte order of the names. */
public enum Table {
  /** Who raised which alarm: a serialised {@code AlarmMember} to nothing. */
  ALARM("alarm"),
  /** Whether auth is on, and its revision. */
  AUTH("auth"),
  /** Role name to {@code authpb.Role}. */
  AUTH_ROLES("authRoles"),
  /** User name to {@code authpb.User}. */
  AUTH_USERS("authUsers"),
  /** The cluster version and a running downgrade. */
  CLUSTER("cluster"),
  /** Every kept revision of every key: {@link RevisionKeys} to {@code mvccpb.KeyValue}. */
  KEY("key"),
  /** Lease id, 8 bytes big-endian, to {@code leasepb.Lease}. */
  LEASE("lease"),
  /** Member id in hex to the member's JSON. */
  MEMBERS("members"),
  /** Member id in hex to the word "removed". */
  MEMBERS_REMOVED("members_removed"),
  /** Applied index and term, configuration, compaction progress, storage version. */
  META("meta"),
  /**
   * The store of the v2 API; no bucket of etcd, which keeps it in {@code .snap} files, so it stays
   * out of databases for others.
   */
  V2("v2");

  private final String bucket;

  Table(String bucket) {
    this.bucket = bucket;
  }

  /** Whether etcd has such a bucket, so that files for others have it. */
  public boolean isShared() {
    return this != V2;
  }

  /** The bucket's name in etcd's database file. */
  public String bucket() {
    return bucket;
  }
}
