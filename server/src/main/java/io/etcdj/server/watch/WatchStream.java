package io.etcdj.server.watch;

import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.WatchCancelRequest;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.front.rpc.EncodedMessage;
import io.etcdj.server.front.rpc.RequestObserver;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.state.watch.Watcher;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One watch call: its watchers and their ids.
 *
 * <p>That the client will ask nothing more does not end it: it goes on until the client leaves.
 *
 * <p>Requests are handled on the call's event loop. What the hub tells it comes from the hub's live
 * thread, except for events of watchers that are behind, which come from its history thread; the
 * answers of one watcher therefore leave in order, since it is only ever in one of the two hands.
 */
final class WatchStream implements RequestObserver<WatchRequest> {
  /** Bytes under way to the client beyond which its watchers are served from history. */
  private static final long FULL_BYTES = 1 << 20;

  private static final byte[] ZERO = {0};

  private final Call<WatchRequest, WatchResponse> call;
  private final WatchHub hub;
  private final MvccStore store;
  private final Headers headers;
  private final Map<Long, Watcher> watchers = new HashMap<>();
  private long nextId;

  /** Watchers that history holds. */
  private final Set<Watcher> behind = ConcurrentHashMap.newKeySet();

  /**
   * Watchers that want to hear now and then that nothing happened, and when they heard something
   * last, as {@link System#nanoTime}.
   */
  private final Map<Watcher, Long> quietSinceNanos = new ConcurrentHashMap<>();

  /** Bytes on their way to the event loop. */
  private final AtomicLong handedOverBytes = new AtomicLong();

  private volatile boolean closed;

  WatchStream(
      Call<WatchRequest, WatchResponse> call, WatchHub hub, MvccStore store, Headers headers) {
    this.call = call;
    this.hub = hub;
    this.store = store;
    this.headers = headers;
    hub.opened(this);
  }

  @Override
  public void onMessage(WatchRequest request) {
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> create(request.getCreateRequest());
      case CANCEL_REQUEST -> cancel(request.getCancelRequest());
      case PROGRESS_REQUEST -> hub.execute(this::progress);
      case REQUESTUNION_NOT_SET -> {} // a request of a newer release: etcd passes over it too
    }
  }

  @Override
  public void onCancel() {
    end();
  }

  /** Frees all watchers; on the event loop. */
  void end() {
    if (!closed) {
      closed = true;
      hub.closed(this);
      watchers.values().forEach(hub::cancel);
      watchers.clear();
    }
  }

  private void create(WatchCreateRequest request) {
    KeyRange range = range(request);
    if (range.isEmpty()) {
      refuse("mvcc: watcher range is empty");
      return;
    }
    if (request.getStartRevision() < 0) {
      refuse(EtcdError.COMPACTED.message());
      return;
    }
    long id = request.getWatchId();
    if (id == 0) {
      while (watchers.containsKey(nextId)) {
        nextId++;
      }
      id = nextId++;
    } else if (watchers.containsKey(id)) {
      refuse("mvcc: duplicate watch ID provided on the WatchStream");
      return;
    }
    long revision = store.revision();
    long next = request.getStartRevision() == 0 ? revision + 1 : request.getStartRevision();
    Watcher watcher = new Watcher(id, range, options(request), this, next);
    watchers.put(id, watcher);
    if (request.getProgressNotify()) {
      quietSinceNanos.put(watcher, System.nanoTime());
    }
    call.send(
        WatchResponse.newBuilder()
            .setHeader(headers.at(revision))
            .setWatchId(id)
            .setCreated(true)
            .build());
    hub.create(watcher);
  }

  private static KeyRange range(WatchCreateRequest request) {
    byte[] key = request.getKey().isEmpty() ? ZERO : request.getKey().toByteArray();
    return KeyRange.of(key, request.getRangeEnd().toByteArray());
  }

  private static Watcher.Options options(WatchCreateRequest request) {
    List<WatchCreateRequest.FilterType> filters = request.getFiltersList();
    return new Watcher.Options(
        request.getPrevKv(),
        filters.contains(WatchCreateRequest.FilterType.NOPUT),
        filters.contains(WatchCreateRequest.FilterType.NODELETE),
        request.getFragment());
  }

  private void refuse(String reason) {
    call.send(
        WatchResponse.newBuilder()
            .setHeader(headers.at(store.revision()))
            .setWatchId(-1)
            .setCreated(true)
            .setCanceled(true)
            .setCancelReason(reason)
            .build());
  }

  private void cancel(WatchCancelRequest request) {
    Watcher watcher = watchers.remove(request.getWatchId());
    if (watcher != null) {
      hub.cancel(watcher);
    }
  }

  /** Answers a progress request if all watchers are up to date; live thread. */
  private void progress() {
    if (!closed && behind.isEmpty()) {
      call.send(hub.progress(-1));
    }
  }

  /** Tells watchers that have been quiet for so long how far they are; live thread. */
  void tellQuiet(long nanos) {
    long now = System.nanoTime();
    quietSinceNanos.replaceAll(
        (watcher, since) -> {
          if (now - since < nanos) {
            return since;
          }
          if (hub.isLive(watcher)) {
            sendProgress(watcher, hub.progress(watcher.id()));
          }
          return now;
        });
  }

  /** Behind its events, and not to a later watcher of the same id. */
  private void sendProgress(Watcher watcher, WatchResponse progress) {
    call.loop()
        .execute(
            () -> {
              if (watchers.get(watcher.id()) == watcher) {
                call.send(progress);
              }
            });
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether events should wait. Any thread. */
  boolean isFull() {
    return handedOverBytes.get() + call.pendingBytes() > FULL_BYTES && !closed;
  }

  boolean isBehind(Watcher watcher) {
    return behind.contains(watcher);
  }

  void setBehind(Watcher watcher, boolean isBehind) {
    if (isBehind) {
      behind.add(watcher);
    } else {
      behind.remove(watcher);
    }
  }

  /** Events for a watcher, from whichever thread holds it. */
  void deliver(
      Watcher watcher, List<EncodedMessage<WatchResponse>> messages, Completions completions) {
    quietSinceNanos.computeIfPresent(watcher, (same, since) -> System.nanoTime());
    for (EncodedMessage<WatchResponse> message : messages) {
      int bytes = message.messageBytes();
      handedOverBytes.addAndGet(bytes);
      completions.add(
          call.loop(),
          () -> {
            call.send(message);
            handedOverBytes.addAndGet(-bytes);
          });
    }
  }

  /** Nothing more will come for a watcher that was to be cancelled; live thread. */
  void canceled(Watcher watcher) {
    quietSinceNanos.remove(watcher);
    if (!closed) {
      finish(
          watcher,
          WatchResponse.newBuilder()
              .setHeader(headers.at(store.revision()))
              .setWatchId(watcher.id())
              .setCanceled(true)
              .build());
    }
  }

  /** A watcher asks for revisions that are gone; live thread. */
  void compacted(Watcher watcher, long compactRevision) {
    quietSinceNanos.remove(watcher);
    finish(
        watcher,
        WatchResponse.newBuilder()
            .setHeader(headers.at(0))
            .setWatchId(watcher.id())
            .setCanceled(true)
            .setCompactRevision(compactRevision)
            .build());
  }

  /** What a watcher is to be told cannot be read; live thread. */
  void damaged(Watcher watcher) {
    quietSinceNanos.remove(watcher);
    finish(
        watcher,
        WatchResponse.newBuilder()
            .setHeader(headers.at(store.revision()))
            .setWatchId(watcher.id())
            .setCanceled(true)
            .setCancelReason(EtcdError.CORRUPT.message())
            .build());
  }

  private void finish(Watcher watcher, WatchResponse last) {
    call.loop()
        .execute(
            () -> {
              watchers.remove(watcher.id(), watcher);
              call.send(last);
            });
  }
}
