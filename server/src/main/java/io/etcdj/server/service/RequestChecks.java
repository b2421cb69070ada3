package io.etcdj.server.service;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What can be said against a key-value request by looking at it alone. */
final class RequestChecks {
  private final int maxTxnOps;

  RequestChecks(int maxTxnOps) {
    this.maxTxnOps = maxTxnOps;
  }

  static void check(RangeRequest request) {
    if (request.getKey().isEmpty()) {
      throw EtcdError.EMPTY_KEY.exception();
    }
    if (request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
        || request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
      throw EtcdError.INVALID_SORT_OPTION.exception();
    }
  }

  static void check(PutRequest request) {
    if (request.getKey().isEmpty()) {
      throw EtcdError.EMPTY_KEY.exception();
    }
    if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
      throw EtcdError.VALUE_PROVIDED.exception();
    }
    if (request.getIgnoreLease() && request.getLease() != 0) {
      throw EtcdError.LEASE_PROVIDED.exception();
    }
  }

  static void check(DeleteRangeRequest request) {
    if (request.getKey().isEmpty()) {
      throw EtcdError.EMPTY_KEY.exception();
    }
  }

  void check(TxnRequest request) {
    check(request, maxTxnOps);
    keysOf(request.getSuccessList());
    keysOf(request.getFailureList());
  }

  private static void check(TxnRequest request, int maxOps) {
    int ops =
        Math.max(
            request.getCompareCount(),
            Math.max(request.getSuccessCount(), request.getFailureCount()));
    if (ops > maxOps) {
      throw EtcdError.TOO_MANY_OPS.because(ops + " operations");
    }
    for (Compare compare : request.getCompareList()) {
      if (compare.getKey().isEmpty()) {
        throw EtcdError.EMPTY_KEY.exception();
      }
    }
    for (RequestOp op : request.getSuccessList()) {
      check(op, maxOps - ops);
    }
    for (RequestOp op : request.getFailureList()) {
      check(op, maxOps - ops);
    }
  }

  private static void check(RequestOp op, int maxNestedOps) {
    switch (op.getRequestCase()) {
      case REQUEST_RANGE -> check(op.getRequestRange());
      case REQUEST_PUT -> check(op.getRequestPut());
      case REQUEST_DELETE_RANGE -> check(op.getRequestDeleteRange());
      case REQUEST_TXN -> check(op.getRequestTxn(), maxNestedOps);
      case REQUEST_NOT_SET -> throw EtcdError.KEY_NOT_FOUND.because("an empty operation");
    }
  }

  /** What a branch writes. */
  private record Written(Set<ByteString> puts, List<KeyRange> deletes) {}

  /**
   * Refuses a branch in which a key would be changed twice in one revision: put twice, or put and
   * deleted. The two branches of a nested transaction exclude each other.
   *
   * <p>As in etcd, this is not the whole of it: deletes without upper bound do not count, nor those
   * of a nested transaction against what an earlier nested one puts. A key that is put and deleted
   * in one revision has both events, in the order of the operations.
   */
  private static Written keysOf(List<RequestOp> branch) {
    Set<ByteString> puts = new HashSet<>();
    List<KeyRange> deletes = new ArrayList<>();
    for (RequestOp op : branch) {
      if (op.hasRequestDeleteRange()) {
        DeleteRangeRequest delete = op.getRequestDeleteRange();
        KeyRange range =
            KeyRange.of(delete.getKey().toByteArray(), delete.getRangeEnd().toByteArray());
        if (range.end() != null) {
          deletes.add(range);
        }
      }
    }
    for (RequestOp op : branch) {
      if (op.hasRequestTxn()) {
        Written then = keysOf(op.getRequestTxn().getSuccessList());
        Written otherwise = keysOf(op.getRequestTxn().getFailureList());
        refuseOverlap(then, puts, deletes);
        refuseOverlap(otherwise, puts, deletes);
        puts.addAll(then.puts());
        puts.addAll(otherwise.puts());
        deletes.addAll(then.deletes());
        deletes.addAll(otherwise.deletes());
      }
    }
    for (RequestOp op : branch) {
      if (op.hasRequestPut()) {
        ByteString key = op.getRequestPut().getKey();
        if (!puts.add(key) || isDeleted(key, deletes)) {
          throw EtcdError.DUPLICATE_KEY.exception();
        }
      }
    }
    return new Written(puts, deletes);
  }

  private static void refuseOverlap(Written nested, Set<ByteString> puts, List<KeyRange> deletes) {
    for (ByteString key : nested.puts()) {
      if (puts.contains(key) || isDeleted(key, deletes)) {
        throw EtcdError.DUPLICATE_KEY.exception();
      }
    }
  }

  private static boolean isDeleted(ByteString key, List<KeyRange> deletes) {
    if (deletes.isEmpty()) {
      return false;
    }
    byte[] bytes = key.toByteArray();
    return deletes.stream().anyMatch(range -> range.contains(bytes));
  }
}
