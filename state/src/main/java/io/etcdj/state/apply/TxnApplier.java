package io.etcdj.state.apply;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.ResponseOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.state.lease.Leases;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.RangeQuery;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.state.mvcc.RangeResult;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Puts, deletes and transactions within one revision.
 *
 * <p>A transaction first decides every compare, nested ones too, on the state before it; then it
 * checks all operations that it will take, so that it is refused before it has changed anything;
 * then it carries them out.
 */
final class TxnApplier {
  private final Leases leases;

  TxnApplier(Leases leases) {
    this.leases = leases;
  }

  PutResponse.Builder put(MvccStore.WriteTxn txn, PutRequest request) {
    checkPut(txn, request);
    return executePut(txn, request);
  }

  private void checkPut(MvccStore.WriteTxn txn, PutRequest request) {
    if (request.getLease() != 0 && !leases.exists(request.getLease())) {
      throw EtcdError.LEASE_NOT_FOUND.because("lease " + Long.toHexString(request.getLease()));
    }
    if ((request.getIgnoreValue() || request.getIgnoreLease()) && !txn.exists(request.getKey())) {
      throw EtcdError.KEY_NOT_FOUND.exception();
    }
  }

  private PutResponse.Builder executePut(MvccStore.WriteTxn txn, PutRequest request) {
    ByteString key = request.getKey();
    ByteString value = request.getValue();
    long lease = request.getLease();
    PutResponse.Builder response = PutResponse.newBuilder();
    if (request.getIgnoreValue() || request.getIgnoreLease() || request.getPrevKv()) {
      KeyValue before = txn.get(key);
      if (before != null) {
        value = request.getIgnoreValue() ? before.getValue() : value;
        lease = request.getIgnoreLease() ? before.getLease() : lease;
        if (request.getPrevKv()) {
          response.setPrevKv(before);
        }
      }
    }
    txn.put(key, value, lease);
    if (lease == 0) {
      leases.detach(key);
    } else {
      leases.attach(lease, key);
    }
    return response;
  }

  DeleteRangeResponse.Builder delete(MvccStore.WriteTxn txn, DeleteRangeRequest request) {
    KeyRange range =
        KeyRange.of(request.getKey().toByteArray(), request.getRangeEnd().toByteArray());
    DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder();
    if (request.getPrevKv()) {
      response.addAllPrevKvs(txn.range(RangeQuery.of(range, 0)).kvs());
    }
    List<ByteString> deleted = txn.delete(range);
    deleted.forEach(leases::detach);
    return response.setDeleted(deleted.size());
  }

  /** Carries a transaction out; the response lacks its header. */
  TxnResponse.Builder txn(MvccStore.WriteTxn txn, TxnRequest request) {
    List<Boolean> path = new ArrayList<>();
    decide(txn, request, path);
    check(txn, request, path.iterator());
    return execute(txn, request, path.iterator());
  }

  /**
   * Notes for this transaction and, in order, those nested in the branch it takes, which branch.
   */
  private static void decide(MvccStore.WriteTxn txn, TxnRequest request, List<Boolean> path) {
    boolean succeeded = true;
    for (Compare compare : request.getCompareList()) {
      if (!holds(txn, compare)) {
        succeeded = false;
        break;
      }
    }
    path.add(succeeded);
    for (RequestOp op : branch(request, succeeded)) {
      if (op.hasRequestTxn()) {
        decide(txn, op.getRequestTxn(), path);
      }
    }
  }

  private static List<RequestOp> branch(TxnRequest request, boolean succeeded) {
    return succeeded ? request.getSuccessList() : request.getFailureList();
  }

  private static boolean holds(MvccStore.WriteTxn txn, Compare compare) {
    KeyRange range =
        KeyRange.of(compare.getKey().toByteArray(), compare.getRangeEnd().toByteArray());
    RangeResult found = txn.range(RangeQuery.of(range, 0));
    if (found.kvs().isEmpty()) {
      // A key that is not there has no value to compare, not even to differ from.
      return compare.getTarget() != Compare.CompareTarget.VALUE
          && holds(compare, KeyValue.getDefaultInstance());
    }
    for (KeyValue kv : found.kvs()) {
      if (!holds(compare, kv)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(Compare compare, KeyValue kv) {
    int order =
        switch (compare.getTarget()) {
          case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
          case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
          case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
          case LEASE -> Long.compare(kv.getLease(), compare.getLease());
          case VALUE ->
              ByteString.unsignedLexicographicalComparator()
                  .compare(kv.getValue(), compare.getValue());
          case UNRECOGNIZED -> 0;
        };
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case NOT_EQUAL -> order != 0;
      case UNRECOGNIZED -> true;
    };
  }

  private void check(MvccStore.WriteTxn txn, TxnRequest request, Iterator<Boolean> path) {
    for (RequestOp op : branch(request, path.next())) {
      switch (op.getRequestCase()) {
        case REQUEST_RANGE -> txn.resolve(op.getRequestRange().getRevision());
        case REQUEST_PUT -> checkPut(txn, op.getRequestPut());
        case REQUEST_DELETE_RANGE -> {}
        case REQUEST_TXN -> check(txn, op.getRequestTxn(), path);
        case REQUEST_NOT_SET -> throw EtcdError.KEY_NOT_FOUND.because("an empty operation");
      }
    }
  }

  private TxnResponse.Builder execute(
      MvccStore.WriteTxn txn, TxnRequest request, Iterator<Boolean> path) {
    boolean succeeded = path.next();
    TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(succeeded);
    for (RequestOp op : branch(request, succeeded)) {
      response.addResponses(execute(txn, op, path));
    }
    return response;
  }

  private ResponseOp execute(MvccStore.WriteTxn txn, RequestOp op, Iterator<Boolean> path) {
    ResponseOp.Builder response = ResponseOp.newBuilder();
    switch (op.getRequestCase()) {
      case REQUEST_RANGE -> {
        RangeResult result = txn.range(Ranges.query(op.getRequestRange()));
        response.setResponseRange(
            Ranges.response(result).setHeader(revisionOnly(result.revision())));
      }
      case REQUEST_PUT -> {
        PutResponse.Builder put = executePut(txn, op.getRequestPut());
        response.setResponsePut(put.setHeader(revisionOnly(txn.revision())));
      }
      case REQUEST_DELETE_RANGE -> {
        DeleteRangeResponse.Builder delete = delete(txn, op.getRequestDeleteRange());
        response.setResponseDeleteRange(delete.setHeader(revisionOnly(txn.revision())));
      }
      case REQUEST_TXN ->
          response.setResponseTxn(
              execute(txn, op.getRequestTxn(), path)
                  .setHeader(ResponseHeader.getDefaultInstance()));
      case REQUEST_NOT_SET -> throw new IllegalStateException("check lets no empty operation pass");
    }
    return response.build();
  }

  private static ResponseHeader revisionOnly(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }
}
