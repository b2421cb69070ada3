package io.etcdj.server.front;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.SnapshotRequest;
import io.etcdj.api.etcdserverpb.SnapshotResponse;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.front.rpc.EncodedMessage;
import io.etcdj.server.front.rpc.PieceSource;
import io.etcdj.server.front.rpc.RequestObserver;
import io.etcdj.server.front.rpc.Rpc;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Services that answer by rules a test can foresee; puts are answered by a thread of their own, as
 * the apply thread will.
 *
 * <pre>
 *   range "k"       one key-value "k" = "v"
 *   range ""        key is not provided
 *   range "hang"    answers when release() says so
 *   range "meta"    the metadata value named by range_end
 *   range "huge"    a message of {@code limit} values of 32 KiB, streamed
 *   range "big"     a value of {@code limit} bytes in one message
 *   range "bug"     throws what no handler should
 *   put             revision = number of puts so far
 *   watch           created; then whatever broadcast() sends
 *   keepalive       the same ID with TTL 60; ID 13 is refused
 *   snapshot        100 blobs of 64 KiB, as fast as the client reads
 * </pre>
 */
final class FakeServices implements AutoCloseable {
  static final int SNAPSHOT_BLOBS = 100;
  static final int BLOB_BYTES = 64 * 1024;

  final AtomicInteger hanging = new AtomicInteger();
  final AtomicInteger cancelled = new AtomicInteger();
  final AtomicLong maxPendingBytes = new AtomicLong();
  final AtomicInteger sourcesClosed = new AtomicInteger();
  final AtomicInteger keepAlives = new AtomicInteger();
  final AtomicInteger halfClosed = new AtomicInteger();
  final AtomicLong blobsSent = new AtomicLong();
  final Set<Call<WatchRequest, WatchResponse>> watchers = ConcurrentHashMap.newKeySet();

  private final Set<Call<RangeRequest, RangeResponse>> hangingCalls = ConcurrentHashMap.newKeySet();

  private record Put(Call<PutRequest, PutResponse> call, PutRequest request) {}

  private final LinkedBlockingQueue<Put> puts = new LinkedBlockingQueue<>();
  private final Thread applier = new Thread(this::apply, "fake-apply");

  FakeServices() {
    applier.setDaemon(true);
    applier.start();
  }

  List<Rpc<?, ?>> rpcs() {
    return List.of(
        Rpc.<RangeRequest, RangeResponse>unary(
            "etcdserverpb.KV", "Range", RangeRequest.getDefaultInstance(), this::range),
        Rpc.<PutRequest, PutResponse>unary(
            "etcdserverpb.KV",
            "Put",
            PutRequest.getDefaultInstance(),
            (call, request) -> puts.add(new Put(call, request))),
        Rpc.<WatchRequest, WatchResponse>bidi(
            "etcdserverpb.Watch", "Watch", WatchRequest.getDefaultInstance(), this::watch),
        Rpc.<LeaseKeepAliveRequest, LeaseKeepAliveResponse>bidi(
            "etcdserverpb.Lease",
            "LeaseKeepAlive",
            LeaseKeepAliveRequest.getDefaultInstance(),
            this::keepAlive),
        Rpc.<SnapshotRequest, SnapshotResponse>serverStream(
            "etcdserverpb.Maintenance",
            "Snapshot",
            SnapshotRequest.getDefaultInstance(),
            (call, request) -> new Blobs(call).send()));
  }

  @Override
  public void close() {
    applier.interrupt();
  }

  /** Sends one event to every watcher. */
  void broadcast(String key, String value) {
    EncodedMessage<WatchResponse> message =
        EncodedMessage.of(
            WatchResponse.newBuilder()
                .addEvents(Event.newBuilder().setKv(keyValue(key, value)))
                .build());
    Completions completions = new Completions();
    watchers.forEach(call -> completions.send(call, message));
    completions.flush();
  }

  /** Answers the calls that hang, each with a hop of its own. */
  void release() {
    hangingCalls.forEach(call -> call.respond(one("hang", "released")));
  }

  static KeyValue keyValue(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(ByteString.copyFromUtf8(key))
        .setValue(ByteString.copyFromUtf8(value))
        .setModRevision(7)
        .build();
  }

  private void range(Call<RangeRequest, RangeResponse> call, RangeRequest request) {
    String key = request.getKey().toStringUtf8();
    switch (key) {
      case "" -> throw EtcdError.EMPTY_KEY.exception();
      case "hang" -> {
        hangingCalls.add(call);
        hanging.incrementAndGet();
        call.onCancel(cancelled::incrementAndGet);
      }
      case "meta" -> {
        String name = request.getRangeEnd().toStringUtf8();
        byte[] binary = name.endsWith("-bin") ? call.binaryMetadata(name) : null;
        String text =
            binary == null ? call.metadata(name) : new String(binary, StandardCharsets.US_ASCII);
        call.respond(one(key, String.valueOf(text)));
      }
      case "peer" -> call.respond(one(call.peer(), String.valueOf(call.clientCommonName())));
      case "huge" -> respondHuge(call, request.getLimit());
      case "big" -> call.respond(one("big", "v".repeat((int) request.getLimit())));
      case "bug" -> throw new IllegalStateException("a bug");
      case "words" ->
          throw EtcdException.of(GrpcCode.UNKNOWN, request.getRangeEnd().toStringUtf8());
      default -> call.respond(one(key, "v"));
    }
  }

  private static RangeResponse one(String key, String value) {
    return RangeResponse.newBuilder().addKvs(keyValue(key, value)).setCount(1).build();
  }

  /** Pieces that are made one at a time: the message itself is never in memory. */
  private void respondHuge(Call<RangeRequest, RangeResponse> call, long values) {
    RangeResponse piece =
        RangeResponse.newBuilder()
            .addKvs(
                KeyValue.newBuilder()
                    .setKey(ByteString.copyFromUtf8("k"))
                    .setValue(UnsafeByteOperations.unsafeWrap(new byte[32 * 1024])))
            .build();
    ByteString bytes = piece.toByteString(); // repeated fields concatenate (protobuf encoding)
    call.respondStreamed(
        values * bytes.size(),
        new PieceSource() {
          @Override
          public void next(Sink sink) {
            maxPendingBytes.accumulateAndGet(call.pendingBytes(), Math::max);
            sink.piece(bytes);
          }

          @Override
          public void close() {
            sourcesClosed.incrementAndGet();
          }
        });
  }

  private RequestObserver<WatchRequest> watch(Call<WatchRequest, WatchResponse> call) {
    return new RequestObserver<>() {
      @Override
      public void onMessage(WatchRequest message) {
        call.send(WatchResponse.newBuilder().setCreated(true).build());
        watchers.add(call);
      }

      @Override
      public void onHalfClose() {
        halfClosed.incrementAndGet(); // a watch goes on until its client goes
      }

      @Override
      public void onCancel() {
        watchers.remove(call);
        cancelled.incrementAndGet();
      }
    };
  }

  private RequestObserver<LeaseKeepAliveRequest> keepAlive(
      Call<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call) {
    return new RequestObserver<>() {
      @Override
      public void onMessage(LeaseKeepAliveRequest message) {
        keepAlives.incrementAndGet();
        if (message.getID() == 13) {
          throw EtcdError.LEASE_NOT_FOUND.exception();
        }
        maxPendingBytes.accumulateAndGet(call.pendingBytes(), Math::max);
        call.send(LeaseKeepAliveResponse.newBuilder().setID(message.getID()).setTTL(60).build());
      }

      @Override
      public void onHalfClose() {
        call.complete();
      }
    };
  }

  /** A server stream that stops at a full queue. */
  private final class Blobs {
    private final Call<?, SnapshotResponse> call;
    private int sent;

    Blobs(Call<?, SnapshotResponse> call) {
      this.call = call;
      call.onDrain(this::send);
      call.onCancel(cancelled::incrementAndGet);
    }

    void send() {
      while (sent < SNAPSHOT_BLOBS && !call.writeQueueFull()) {
        sent++;
        blobsSent.incrementAndGet();
        call.send(
            SnapshotResponse.newBuilder()
                .setRemainingBytes((long) (SNAPSHOT_BLOBS - sent) * BLOB_BYTES)
                .setBlob(UnsafeByteOperations.unsafeWrap(new byte[BLOB_BYTES]))
                .build());
        maxPendingBytes.accumulateAndGet(call.pendingBytes(), Math::max);
      }
      if (sent == SNAPSHOT_BLOBS && !call.isClosed()) {
        call.complete();
      }
    }
  }

  private void apply() {
    Completions completions = new Completions();
    List<Put> batch = new ArrayList<>();
    long revision = 0;
    try {
      while (true) {
        batch.add(puts.take());
        puts.drainTo(batch);
        for (Put put : batch) {
          revision++;
          completions.respond(
              put.call(),
              PutResponse.newBuilder()
                  .setHeader(ResponseHeader.newBuilder().setRevision(revision))
                  .build());
        }
        batch.clear();
        completions.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() ends the thread
    }
  }
}
