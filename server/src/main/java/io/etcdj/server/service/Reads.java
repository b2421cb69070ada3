package io.etcdj.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.PieceSource;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.apply.Ranges;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.RangeQuery;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.state.mvcc.RangeResult;
import io.etcdj.state.mvcc.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.Executor;

/**
 * Serves ranges from the published store.
 *
 * <p>A short one is read where it is asked, on the event loop. A long one is read by a worker; and
 * one whose answer is large is never held whole: a first pass over the keys adds up its length, and
 * a second one hands it over in pieces as the client takes them, both from one snapshot.
 */
final class Reads {
  /** Keys that may be read on an event loop. */
  private static final long SHORT_KEYS = 128;

  /** Keys beyond which an answer is handed over in pieces. */
  private static final long PIECEWISE_KEYS = 4_096;

  private static final int PIECE_BYTES = 64 * 1024;

  private final MvccStore store;
  private final Headers headers;
  private final Executor workers;

  Reads(MvccStore store, Headers headers, Executor workers) {
    this.store = store;
    this.headers = headers;
    this.workers = workers;
  }

  /** Answers a call whose turn to read it is; on its event loop. */
  void serve(Call<RangeRequest, RangeResponse> call, RangeRequest request) {
    RangeQuery query = Ranges.query(request);
    Snapshot snapshot = store.snapshot();
    boolean handedOn = false;
    try {
      long at = snapshot.resolve(query.revision());
      long keys = query.keys().single() ? 1 : cost(snapshot, query, at);
      if (keys <= SHORT_KEYS) {
        call.respond(read(snapshot, query));
      } else {
        handedOn = true;
        workers.execute(() -> serveLong(call, snapshot, query, at, keys));
      }
    } finally {
      if (!handedOn) {
        snapshot.close();
      }
    }
  }

  /** How many keys would be looked at. */
  private static long cost(Snapshot snapshot, RangeQuery query, long at) {
    if (at != snapshot.revision()) {
      return Long.MAX_VALUE; // counting the past is itself a walk
    }
    if (query.countOnly()) {
      return 1; // the index knows
    }
    long count = snapshot.count(query.keys(), at);
    return query.isPlain() && query.limit() > 0 ? Math.min(count, query.limit()) : count;
  }

  private RangeResponse read(Snapshot snapshot, RangeQuery query) {
    RangeResult result = snapshot.range(query);
    return Ranges.response(result).setHeader(headers.at(result.revision())).build();
  }

  private void serveLong(
      Call<RangeRequest, RangeResponse> call,
      Snapshot snapshot,
      RangeQuery query,
      long at,
      long keys) {
    boolean handedOn = false;
    try {
      boolean piecewise = query.isPlain() && !query.countOnly() && keys > PIECEWISE_KEYS;
      if (piecewise) {
        Pieces pieces = new Pieces(snapshot, query, at);
        handedOn = true;
        call.respondStreamed(pieces.measure(), pieces);
      } else {
        call.respond(read(snapshot, query));
      }
    } catch (RuntimeException e) {
      call.fail(ReadFailures.refusal(e));
    } finally {
      if (!handedOn) {
        snapshot.close();
      }
    }
  }

  /** The encoding of a range response: header, keys, more, count. */
  private final class Pieces implements PieceSource {
    private final Snapshot snapshot;
    private final RangeQuery query;
    private final long at;
    private final byte[] head;
    private byte[] tail = {};
    private long sending;
    private boolean headSent;
    private boolean keysDone;
    private boolean reading;
    private boolean closed;
    private byte[] from;
    private long left;

    Pieces(Snapshot snapshot, RangeQuery query, long at) {
      this.snapshot = snapshot;
      this.query = query;
      this.at = at;
      this.from = query.keys().from();
      this.head =
          RangeResponse.newBuilder()
              .setHeader(headers.at(snapshot.revision()))
              .build()
              .toByteArray();
    }

    /** Walks the range once and returns the length of the whole message in bytes. */
    long measure() {
      long limit = query.limit() > 0 ? query.limit() : Long.MAX_VALUE;
      long[] sums = {0, 0, 0}; // keys, keys to send, bytes to send
      snapshot.visit(
          query.keys(),
          at,
          (key, value) -> {
            if (sums[0]++ < limit) {
              sums[1]++;
              sums[2] += CodedOutputStream.computeByteArraySize(2, shown(value));
            }
            return sums[1] < limit;
          });
      long count = snapshot.count(query.keys(), at);
      left = sums[1];
      sending = sums[2];
      tail = RangeResponse.newBuilder().setMore(left < count).setCount(count).build().toByteArray();
      return head.length + sending + tail.length;
    }

    /** A stored value as the query shows it. */
    private byte[] shown(byte[] stored) {
      if (!query.keysOnly()) {
        return stored;
      }
      try {
        return KeyValue.parseFrom(stored).toBuilder().clearValue().build().toByteArray();
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("stored value is no KeyValue", e);
      }
    }

    @Override
    public void next(Sink sink) {
      synchronized (this) {
        reading = true;
      }
      workers.execute(() -> read(sink));
    }

    private void read(Sink sink) {
      try {
        ByteString piece = piece();
        if (finishedReading()) {
          return;
        }
        sink.piece(piece);
      } catch (RuntimeException e) {
        if (!finishedReading()) {
          sink.fail(ReadFailures.refusal(e));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e); // memory does not refuse
      }
    }

    /** Ends a read; true if the call was closed meanwhile, in which case all is over. */
    private synchronized boolean finishedReading() {
      reading = false;
      if (closed) {
        snapshot.close();
      }
      return closed;
    }

    private ByteString piece() throws IOException {
      ByteString.Output out = ByteString.newOutput(PIECE_BYTES + PIECE_BYTES / 4);
      if (!headSent) {
        headSent = true;
        out.write(head);
      }
      CodedOutputStream coded = CodedOutputStream.newInstance(out);
      if (!keysDone) {
        writeKeys(coded);
      }
      coded.flush();
      if (keysDone) {
        out.write(tail);
      }
      return out.toByteString();
    }

    private void writeKeys(CodedOutputStream coded) {
      int[] bytes = {0};
      byte[][] last = {from};
      KeyRange rest = new KeyRange(from, query.keys().end(), false);
      snapshot.visit(
          rest,
          at,
          (key, stored) -> {
            byte[] value = shown(stored);
            try {
              coded.writeTag(RangeResponse.KVS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
              coded.writeUInt32NoTag(value.length);
              coded.writeRawBytes(value);
            } catch (IOException e) {
              throw new UncheckedIOException(e); // memory does not refuse
            }
            bytes[0] += value.length + 8;
            last[0] = key;
            left--;
            return left > 0 && bytes[0] < PIECE_BYTES;
          });
      from = Arrays.copyOf(last[0], last[0].length + 1); // the first key behind it
      keysDone = left == 0;
    }

    @Override
    public void close() {
      synchronized (this) {
        closed = true;
        if (reading) {
          return; // the reader closes it
        }
      }
      snapshot.close();
    }
  }
}
