package io.etcdj.state.apply;

import io.etcdj.api.etcdserverpb.InternalRaftRequestOrBuilder;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.storage.backend.Backend;
import java.util.List;

/**
 * The space quota: what a write costs, and whether the database has room for it.
 *
 * @param backend whose size counts
 * @param limitBytes the quota; 0 or less means none
 */
public record Quota(Backend backend, long limitBytes) {
  /** The quota when none is set. */
  public static final long DEFAULT_BYTES = 2L << 30;

  private static final long PUT_OVERHEAD_BYTES = 256;
  private static final long LEASE_BYTES = 64;

  /** Whether a request fits; requests that do not grow the database always do. */
  public boolean allows(InternalRaftRequestOrBuilder request) {
    if (limitBytes <= 0) {
      return true;
    }
    long cost = cost(request);
    return cost == 0 || backend.sizeBytes() + cost < limitBytes;
  }

  /** Bytes that a request may add, by etcd's rule; 0 for one that adds nothing. */
  public static long cost(InternalRaftRequestOrBuilder request) {
    if (request.hasPut()) {
      return cost(request.getPut());
    }
    if (request.hasTxn()) {
      return cost(request.getTxn());
    }
    return request.hasLeaseGrant() ? LEASE_BYTES : 0;
  }

  private static long cost(PutRequest put) {
    return PUT_OVERHEAD_BYTES + put.getKey().size() + put.getValue().size();
  }

  private static long cost(TxnRequest txn) {
    return Math.max(cost(txn.getSuccessList()), cost(txn.getFailureList()));
  }

  private static long cost(List<RequestOp> ops) {
    long sum = 0;
    for (RequestOp op : ops) {
      if (op.hasRequestPut()) {
        sum += cost(op.getRequestPut());
      } else if (op.hasRequestTxn()) {
        sum += cost(op.getRequestTxn());
      }
    }
    return sum;
  }
}
