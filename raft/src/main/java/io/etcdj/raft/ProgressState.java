package io.etcdj.raft;

/** How the leader talks to one follower. */
public enum ProgressState {
  /** The match is not known yet: one append at a time, then wait for an answer. */
  PROBE,
  /** The logs match: appends are pipelined, as many as the in-flight window admits. */
  REPLICATE,
  /** The entries that the follower needs are compacted: a snapshot is on its way (§7). */
  SNAPSHOT
}
