package io.etcdj.state.apply;

import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.RangeQuery;
import io.etcdj.state.mvcc.RangeResult;
import io.etcdj.state.mvcc.Snapshot;

/** Transactions that only read: served from one snapshot, without the log. Any thread. */
public final class TxnReader {
  private TxnReader() {}

  public static TxnResponse read(MvccStore store, TxnRequest request, Headers headers) {
    try (Snapshot snapshot = store.snapshot()) {
      TxnView view =
          new TxnView() {
            @Override
            public RangeResult range(RangeQuery query) {
              return snapshot.range(query);
            }

            @Override
            public void checkRevision(long wanted) {
              snapshot.checkInTxn(wanted);
            }
          };
      boolean succeeded = TxnPaths.succeeds(view, request);
      for (var op : TxnPaths.branch(request, succeeded)) {
        view.checkRevision(op.getRequestRange().getRevision());
      }
      TxnResponse.Builder response =
          TxnResponse.newBuilder()
              .setHeader(headers.at(snapshot.revision()))
              .setSucceeded(succeeded);
      for (var op : TxnPaths.branch(request, succeeded)) {
        response.addResponses(TxnPaths.range(view, op.getRequestRange()));
      }
      return response.build();
    }
  }
}
