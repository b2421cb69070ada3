package io.etcdj.state.apply;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
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
    decide(view(txn), request, path);
    check(txn, request, path.iterator());
    return execute(txn, request, path.iterator());
  }

  /** Notes which branch this transaction takes, and those nested in that branch, in order. */
  private static void decide(TxnView view, TxnRequest request, List<Boolean> path) {
    boolean succeeded = TxnPaths.succeeds(view, request);
    path.add(succeeded);
    for (RequestOp op : TxnPaths.branch(request, succeeded)) {
      if (op.hasRequestTxn()) {
        decide(view, op.getRequestTxn(), path);
      }
    }
  }

  private static TxnView view(MvccStore.WriteTxn txn) {
    return new TxnView() {
      @Override
      public RangeResult range(RangeQuery query) {
        return txn.range(query);
      }

      @Override
      public void checkRevision(long wanted) {
        txn.checkRevision(wanted);
      }
    };
  }

  private void check(MvccStore.WriteTxn txn, TxnRequest request, Iterator<Boolean> path) {
    for (RequestOp op : TxnPaths.branch(request, path.next())) {
      switch (op.getRequestCase()) {
        case REQUEST_RANGE -> txn.checkRevision(op.getRequestRange().getRevision());
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
    for (RequestOp op : TxnPaths.branch(request, succeeded)) {
      response.addResponses(execute(txn, op, path));
    }
    return response;
  }

  private ResponseOp execute(MvccStore.WriteTxn txn, RequestOp op, Iterator<Boolean> path) {
    ResponseOp.Builder response = ResponseOp.newBuilder();
    switch (op.getRequestCase()) {
      case REQUEST_RANGE -> {
        return TxnPaths.range(view(txn), op.getRequestRange());
      }
      case REQUEST_PUT -> {
        PutResponse.Builder put = executePut(txn, op.getRequestPut());
        response.setResponsePut(put.setHeader(TxnPaths.revisionOnly(txn.revision())));
      }
      case REQUEST_DELETE_RANGE -> {
        DeleteRangeResponse.Builder delete = delete(txn, op.getRequestDeleteRange());
        response.setResponseDeleteRange(delete.setHeader(TxnPaths.revisionOnly(txn.revision())));
      }
      case REQUEST_TXN ->
          response.setResponseTxn(
              execute(txn, op.getRequestTxn(), path)
                  .setHeader(ResponseHeader.getDefaultInstance()));
      case REQUEST_NOT_SET -> throw new IllegalStateException("check lets no empty operation pass");
    }
    return response.build();
  }
}
