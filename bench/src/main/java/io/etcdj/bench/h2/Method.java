package io.etcdj.bench.h2;

/** The methods of etcd that the load tool calls. */
public enum Method {
  PUT("/etcdserverpb.KV/Put"),
  RANGE("/etcdserverpb.KV/Range"),
  TXN("/etcdserverpb.KV/Txn"),
  COMPACT("/etcdserverpb.KV/Compact"),
  WATCH("/etcdserverpb.Watch/Watch"),
  LEASE_GRANT("/etcdserverpb.Lease/LeaseGrant"),
  LEASE_KEEP_ALIVE("/etcdserverpb.Lease/LeaseKeepAlive"),
  STATUS("/etcdserverpb.Maintenance/Status");

  private final String path;

  Method(String path) {
    this.path = path;
  }

  String path() {
    return path;
  }
}
