package io.etcdj.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.RangeStreamResponse;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.apply.Ranges;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.RangeQuery;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.state.mvcc.Snapshot;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A range as a stream of pieces, all as of the revision of the first.
 *
 * <p>A piece starts at 10 keys; the next has twice as many while pieces are small, and half as many
 * when they are large. Header, more and count come with the last one. A worker reads a piece only
 * when the client has room for it.
 */
final class RangeStreamer {
  private static final long FIRST_KEYS = 10;

  private final Call<RangeRequest, RangeStreamResponse> call;
  private final RangeQuery query;
  private final Headers headers;
  private final Executor workers;
  private final int maxRequestBytes;
  private final Snapshot snapshot;
  private final long at;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile boolean cancelled;
  private boolean released;
  private byte[] from;
  private long chunkKeys = FIRST_KEYS;
  private long left;

  RangeStreamer(
      Call<RangeRequest, RangeStreamResponse> call,
      RangeRequest request,
      MvccStore store,
      Headers headers,
      Executor workers,
      int maxRequestBytes) {
    this.call = call;
    this.query = Ranges.query(request);
    this.headers = headers;
    this.workers = workers;
    this.maxRequestBytes = maxRequestBytes;
    this.from = query.keys().from();
    this.left = query.limit() > 0 ? query.limit() : Long.MAX_VALUE;
    this.snapshot = store.snapshot();
    try {
      this.at = snapshot.resolve(query.revision());
    } catch (EtcdException refusal) {
      snapshot.close();
      throw refusal;
    }
  }

  /** Begins; on the event loop. */
  void start() {
    call.onCancel(
        () -> {
          cancelled = true;
          pull();
        });
    call.onDrain(this::pull);
    pull();
  }

  /** Has the next piece read unless one is being read or the client has no room. */
  private void pull() {
    if ((cancelled || !call.writeQueueFull()) && busy.compareAndSet(false, true)) {
      workers.execute(this::next);
    }
  }

  private void next() {
    if (released) {
      return;
    }
    if (cancelled) {
      release();
      return;
    }
    try {
      RangeResponse.Builder piece = RangeResponse.newBuilder();
      boolean last = query.countOnly() || query.keys().isEmpty() || fill(piece);
      if (last) {
        long count = snapshot.count(query.keys(), at);
        piece
            .setHeader(headers.at(snapshot.revision()))
            .setCount(count)
            .setMore(!query.countOnly() && query.limit() > 0 && count > query.limit());
        release();
      }
      RangeStreamResponse message =
          RangeStreamResponse.newBuilder().setRangeResponse(piece).build();
      resize(message.getSerializedSize());
      call.loop().execute(() -> deliver(message, last));
    } catch (RuntimeException e) {
      release();
      call.fail(ReadFailures.refusal(e));
    }
  }

  private void deliver(RangeStreamResponse message, boolean last) {
    call.send(message);
    if (last) {
      call.complete();
      return;
    }
    busy.set(false);
    pull();
  }

  private void release() {
    released = true; // busy stays true: nothing is read any more
    snapshot.close();
  }

  private void resize(int bytes) {
    if (bytes < maxRequestBytes / 2) {
      chunkKeys *= 2;
    } else if (bytes > 2 * maxRequestBytes) {
      chunkKeys = Math.max(1, chunkKeys / 2);
    }
  }

  /** Adds the next keys; returns whether they are the last. */
  private boolean fill(RangeResponse.Builder piece) {
    long wanted = Math.min(chunkKeys, left);
    byte[][] last = {from};
    boolean complete =
        snapshot.visit(
            new KeyRange(from, query.keys().end(), false),
            at,
            (key, value) -> {
              if (piece.getKvsCount() == wanted) {
                return false; // there is at least one more
              }
              piece.addKvs(parse(value));
              last[0] = key;
              return true;
            });
    left -= piece.getKvsCount();
    from = Arrays.copyOf(last[0], last[0].length + 1); // the first key behind it
    return complete || left == 0;
  }

  private KeyValue parse(byte[] value) {
    try {
      KeyValue kv = KeyValue.parseFrom(value);
      return query.keysOnly() ? kv.toBuilder().setValue(ByteString.EMPTY).build() : kv;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("stored value is no KeyValue", e);
    }
  }
}
