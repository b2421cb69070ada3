package io.etcdj.raft;

/** How a leader makes sure that it still is one before it answers a linearizable read. */
public enum ReadOnlyOption {
  /** A round of heartbeats that a quorum answers; independent of clocks (thesis §6.4). */
  SAFE,
  /** The leader trusts its check-quorum lease; only as good as the members' clocks (§6.4.1). */
  LEASE_BASED
}
