package io.etcdj.state.apply;

import io.etcdj.state.mvcc.RangeQuery;
import io.etcdj.state.mvcc.RangeResult;

/** What a transaction reads: the writer's own state, or a snapshot. */
interface TxnView {
  RangeResult range(RangeQuery query);

  /** Refuses a revision that a range of a transaction may not ask for. */
  void checkRevision(long wanted);
}
