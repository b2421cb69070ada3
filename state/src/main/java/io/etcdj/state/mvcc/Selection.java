package io.etcdj.state.mvcc;

import io.etcdj.api.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What a query keeps of the keys it is offered: those within its revision bounds, sorted, up to its
 * limit.
 *
 * <p>With a limit it never holds more than that and one, so that the first few of a million keys
 * cost no memory for the rest.
 */
final class Selection {
  private final RangeQuery query;

  /** Null for the order in which keys come. */
  private final @Nullable Comparator<KeyValue> order;

  private final long limit;
  private final List<KeyValue> inOrder = new ArrayList<>();

  /** With an order and a limit: the best so far, the worst of them on top. */
  private final @Nullable PriorityQueue<KeyValue> best;

  private long offered;
  private boolean cut;

  Selection(RangeQuery query, @Nullable Comparator<KeyValue> order) {
    this.query = query;
    this.order = order;
    this.limit = query.limit() > 0 ? query.limit() : Long.MAX_VALUE;
    this.best = order != null && query.limit() > 0 ? new PriorityQueue<>(order.reversed()) : null;
  }

  /** Takes or leaves a key; returns whether more are wanted. */
  boolean offer(KeyValue kv) {
    offered++;
    if (!inBounds(kv)) {
      return true;
    }
    if (best != null) {
      best.add(kv);
      if (best.size() > limit) {
        best.poll();
        cut = true;
      }
      return !(cut && query.limitsBeforeSorting());
    }
    if (inOrder.size() == limit) {
      cut = true;
      return !query.isPlain(); // filters leave the count to be walked
    }
    inOrder.add(kv);
    return true;
  }

  private boolean inBounds(KeyValue kv) {
    long mod = kv.getModRevision();
    long create = kv.getCreateRevision();
    return (query.maxMod() == 0 || mod <= query.maxMod())
        && (query.minMod() == 0 || mod >= query.minMod())
        && (query.maxCreate() == 0 || create <= query.maxCreate())
        && (query.minCreate() == 0 || create >= query.minCreate());
  }

  long offered() {
    return offered;
  }

  RangeResult result(long count, long revision) {
    List<KeyValue> kvs = best == null ? inOrder : new ArrayList<>(best);
    if (order != null) {
      kvs.sort(order);
    }
    if (query.keysOnly()) {
      kvs.replaceAll(kv -> kv.toBuilder().clearValue().build());
    }
    return new RangeResult(List.copyOf(kvs), count, cut, revision);
  }
}
