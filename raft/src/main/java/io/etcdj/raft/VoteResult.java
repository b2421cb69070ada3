package io.etcdj.raft;

/** Where a ballot stands. */
enum VoteResult {
  /** Enough have said yes. */
  WON,
  /** So many have said no that it cannot be won any more. */
  LOST,
  /** Neither, yet. */
  PENDING
}
