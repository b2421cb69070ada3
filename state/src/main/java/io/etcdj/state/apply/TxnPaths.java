package io.etcdj.state.apply;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.ResponseOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.state.mvcc.RangeQuery;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.state.mvcc.RangeResult;
import java.util.List;

/** Which branch a transaction takes, and its reads. */
final class TxnPaths {
  private TxnPaths() {}

  static List<RequestOp> branch(TxnRequest request, boolean succeeded) {
    return succeeded ? request.getSuccessList() : request.getFailureList();
  }

  /** Whether every compare holds; none is true. */
  static boolean succeeds(TxnView view, TxnRequest request) {
    for (Compare compare : request.getCompareList()) {
      if (!holds(view, compare)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(TxnView view, Compare compare) {
    KeyRange range =
        KeyRange.of(compare.getKey().toByteArray(), compare.getRangeEnd().toByteArray());
    RangeResult found = view.range(RangeQuery.of(range, 0));
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

  static ResponseOp range(TxnView view, RangeRequest request) {
    RangeResult result = view.range(Ranges.query(request));
    return ResponseOp.newBuilder()
        .setResponseRange(Ranges.response(result).setHeader(revisionOnly(result.revision())))
        .build();
  }

  /** The header of a part of a transaction. */
  static ResponseHeader revisionOnly(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }
}
