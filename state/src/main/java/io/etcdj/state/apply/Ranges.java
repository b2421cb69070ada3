package io.etcdj.state.apply;

import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.state.mvcc.RangeQuery;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.state.mvcc.RangeResult;

/** Range requests as queries, and results as responses. */
public final class Ranges {
  private Ranges() {}

  public static RangeQuery query(RangeRequest request) {
    return new RangeQuery(
        KeyRange.of(request.getKey().toByteArray(), request.getRangeEnd().toByteArray()),
        request.getRevision(),
        request.getLimit(),
        switch (request.getSortOrder()) {
          case NONE -> RangeQuery.Order.NONE;
          case ASCEND -> RangeQuery.Order.ASCEND;
          case DESCEND -> RangeQuery.Order.DESCEND;
          case UNRECOGNIZED -> throw EtcdError.INVALID_SORT_OPTION.exception();
        },
        switch (request.getSortTarget()) {
          case KEY -> RangeQuery.Target.KEY;
          case VERSION -> RangeQuery.Target.VERSION;
          case CREATE -> RangeQuery.Target.CREATE;
          case MOD -> RangeQuery.Target.MOD;
          case VALUE -> RangeQuery.Target.VALUE;
          case UNRECOGNIZED -> throw EtcdError.INVALID_SORT_OPTION.exception();
        },
        request.getKeysOnly(),
        request.getCountOnly(),
        request.getMinModRevision(),
        request.getMaxModRevision(),
        request.getMinCreateRevision(),
        request.getMaxCreateRevision());
  }

  /** The response without its header, which differs between a request and a part of one. */
  public static RangeResponse.Builder response(RangeResult result) {
    return RangeResponse.newBuilder()
        .addAllKvs(result.kvs())
        .setCount(result.count())
        .setMore(result.more());
  }
}
