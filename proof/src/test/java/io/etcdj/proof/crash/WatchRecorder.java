package io.etcdj.proof.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.crash.Writer.Cell;
import io.etcdj.proof.crash.Writer.Effect;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches all writers' keys from the revision after the last one it saw, over any number of
 * connections, and keeps every event; it complains about events that come twice or out of order.
 */
final class WatchRecorder {
  private final Map<Long, List<Effect>> byRevision = new TreeMap<>();
  private long next;
  private @Nullable String complaint;

  /**
   * @param from the first revision that is wanted
   */
  WatchRecorder(long from) {
    next = from;
  }

  /** Goes on watching over this connection, until that breaks. */
  synchronized void watch(GrpcClient client) {
    StreamObserver<WatchRequest> requests =
        ClientCalls.asyncBidiStreamingCall(
            client.channel().newCall(GrpcClient.WATCH, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(WatchResponse response) {
                record(response);
              }

              @Override
              public void onError(Throwable broken) {}

              @Override
              public void onCompleted() {}
            });
    requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(GrpcClient.bytes("w"))
                    .setRangeEnd(GrpcClient.bytes("x"))
                    .setStartRevision(next))
            .build());
  }

  private synchronized void record(WatchResponse response) {
    if (response.getCanceled()) {
      complaint = "canceled: " + response;
    }
    long first = next;
    for (Event event : response.getEventsList()) {
      long revision = event.getKv().getModRevision();
      if (revision < first || revision < next - 1) {
        complaint = "revision " + revision + " came after " + (next - 1);
      }
      byRevision.computeIfAbsent(revision, unused -> new ArrayList<>()).add(effect(event));
      next = Math.max(next, revision + 1);
    }
    notifyAll();
  }

  private static Effect effect(Event event) {
    String key = event.getKv().getKey().toStringUtf8();
    if (event.getType() == Event.EventType.DELETE) {
      return new Effect(key, null);
    }
    ByteString value = event.getKv().getValue();
    return new Effect(
        key,
        new Cell(
            Long.parseLong(value.substring(0, 16).toStringUtf8()),
            value.size(),
            event.getKv().getModRevision(),
            event.getKv().getLease()));
  }

  /** The newest revision it was given an event of, or the one before where it started. */
  synchronized long seen() {
    return next - 1;
  }

  /** Waits until it has seen this revision. */
  synchronized void awaitRevision(long revision) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (next <= revision && complaint == null) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      assertThat(leftMillis)
          .as("the watch saw " + (next - 1) + " and waits for " + revision)
          .isPositive();
      wait(leftMillis);
    }
    assertThat(complaint).isNull();
  }

  /** What it saw, by revision. */
  synchronized Map<Long, List<Effect>> events() {
    return new TreeMap<>(byRevision);
  }
}
