package io.etcdj.proof.conform;

/**
 * Where etcd 3.7 answers otherwise than etcd 3.4.23, the original that we compare with. Every test
 * of a difference names its row, so this is the whole list.
 */
enum Since34 {
  /** 3.4 ignores orders and targets that it does not know; 3.6 refuses them. */
  UNKNOWN_SORT_OPTION,
  /** 3.4 takes a negative start for none; 3.5.24 and 3.6.6 refuse the watch as compacted. */
  NEGATIVE_WATCH_START,
  /**
   * 3.4.23 removes a delete exactly at the compacted revision, so that a watch from there on misses
   * it; 3.4.34 and 3.5.16 keep it until the next compaction. The hash is the same either way.
   */
  TOMBSTONE_AT_COMPACTION,
}
