package io.etcdj.proof.hard;

import static io.etcdj.proof.GrpcClient.bytes;

import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One watch stream on a connection of its own, which reads when it is told to, counts events per
 * watcher and complains about gaps, repetitions and disorder.
 */
final class WatchProbe implements AutoCloseable {
  /** What one watcher got. */
  private static final class Watched {
    private int events;
    private long newestRevision;
    private boolean canceled;
    private long compactRevision;
    private String cancelReason = "";
  }

  private final GrpcClient client;
  private final ClientCall<WatchRequest, WatchResponse> call;
  private final Map<Long, Watched> watched = new HashMap<>();
  private int created;
  private boolean reading = true;
  private @Nullable String complaint;
  private @Nullable Status ended;

  WatchProbe(ServerProcess server) {
    this(new GrpcClient(server.clientPort()));
  }

  /** Owns the client. */
  WatchProbe(GrpcClient client) {
    this.client = client;
    this.call = client.channel().newCall(GrpcClient.WATCH, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(WatchResponse response) {
            took(response);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            synchronized (WatchProbe.this) {
              ended = status;
              WatchProbe.this.notifyAll();
            }
          }
        },
        new Metadata());
    call.request(1);
  }

  private synchronized void took(WatchResponse response) {
    Watched of = watched.computeIfAbsent(response.getWatchId(), unused -> new Watched());
    if (response.getCreated()) {
      created++;
    }
    if (response.getCanceled()) {
      of.canceled = true;
      of.compactRevision = response.getCompactRevision();
      of.cancelReason = response.getCancelReason();
    }
    long before = of.newestRevision;
    for (Event event : response.getEventsList()) {
      long revision = event.getKv().getModRevision();
      if (revision <= before || revision < of.newestRevision) {
        complaint = "revision " + revision + " after " + of.newestRevision;
      }
      of.newestRevision = revision;
      of.events++;
    }
    if (reading) {
      call.request(1);
    }
    notifyAll();
  }

  /** Asks for events of keys from {@code key} to {@code end} (empty: one key). */
  void create(long id, String key, String end, long fromRevision) {
    create(
        WatchCreateRequest.newBuilder()
            .setWatchId(id)
            .setKey(bytes(key))
            .setRangeEnd(bytes(end))
            .setStartRevision(fromRevision)
            .build());
  }

  void createWithPrevious(long id, String key) {
    create(
        WatchCreateRequest.newBuilder().setWatchId(id).setKey(bytes(key)).setPrevKv(true).build());
  }

  private void create(WatchCreateRequest request) {
    call.sendMessage(WatchRequest.newBuilder().setCreateRequest(request).build());
  }

  /** Reads no more, so that what the server sends piles up. */
  synchronized void stopReading() {
    reading = false;
  }

  synchronized void readOn() {
    reading = true;
    call.request(1);
  }

  synchronized int created() {
    return created;
  }

  synchronized int events(long id) {
    Watched of = watched.get(id);
    return of == null ? 0 : of.events;
  }

  synchronized long allEvents() {
    return watched.values().stream().mapToLong(of -> of.events).sum();
  }

  /** The newest revision of which a watcher got an event. */
  synchronized long newestRevision(long id) {
    Watched of = watched.get(id);
    return of == null ? 0 : of.newestRevision;
  }

  synchronized boolean canceled(long id) {
    Watched of = watched.get(id);
    return of != null && of.canceled;
  }

  synchronized String cancelReason(long id) {
    Watched of = watched.get(id);
    return of == null ? "" : of.cancelReason;
  }

  synchronized long compactRevision(long id) {
    Watched of = watched.get(id);
    return of == null ? 0 : of.compactRevision;
  }

  /** How the stream ended, or null while it is open. */
  synchronized @Nullable Status ended() {
    return ended;
  }

  /** Waits until it is so; fails when the stream ends or events came twice or out of order. */
  synchronized void await(long seconds, BooleanSupplier holds, String what)
      throws InterruptedException {
    long deadline = System.nanoTime() + seconds * 1_000_000_000L;
    while (!holds.getAsBoolean()) {
      long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0 || ended != null || complaint != null) {
        throw new AssertionError(
            "no "
                + what
                + "; ended: "
                + ended
                + ", complaint: "
                + complaint
                + ", created "
                + created
                + ", events "
                + allEvents());
      }
      wait(leftMillis);
    }
    if (complaint != null) {
      throw new AssertionError(complaint);
    }
  }

  @Override
  public void close() {
    call.cancel("done", null);
    client.close();
  }
}
