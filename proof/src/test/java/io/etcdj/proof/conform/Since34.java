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
  /** The JSON gateway of 3.4 refuses names of enum values that it does not know; 3.6 skips them. */
  UNKNOWN_ENUM_NAME,
  /**
   * The JSON gateway answers other verbs than POST with 405 as text, since 3.6 with 501 as JSON.
   */
  OTHER_VERBS,
  /** The JSON gateway answers unknown paths with text, since 3.6 with JSON. */
  UNKNOWN_PATH,
  /** 3.4 refuses to hash up to the compacted revision itself, later releases need it. */
  HASH_AT_COMPACTION,
  /** 3.4 answers alarm requests without header; {@link Masks} has it and other added fields. */
  ADDED_FIELDS,
  /** 3.4 raises an alarm of the type NONE, which later releases pass over. */
  ALARM_OF_NO_TYPE,
  /**
   * 3.4 checks the puts of a transaction before its ranges, and of each the key before the lease;
   * later releases check all operations in order, and the lease first.
   */
  ORDER_OF_CHECKS,
  /** The JSON gateway of 3.4 has no path of its own for the hash of the keys. */
  HASHKV_PATH,
}
