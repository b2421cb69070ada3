package io.etcdj.server.watch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.WatchCancelRequest;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchProgressRequest;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.server.front.Listeners;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.EncodedMessage;
import io.etcdj.server.front.rpc.EventLoopRef;
import io.etcdj.server.front.rpc.PieceSource;
import io.etcdj.server.front.rpc.RequestObserver;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.storage.backend.MemoryBackend;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Watchers that come and go while keys change: each sees every revision from its first, once. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchHubTest {
  private static final ByteString KEY = ByteString.copyFromUtf8("key");

  private final Vertx vertx = Listeners.vertx(1);
  private final MemoryBackend backend = new MemoryBackend();
  private final MvccStore store = new MvccStore(backend, (key, lease) -> {});
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();
  private final WatchHub hub =
      new WatchHub(
          store,
          revision -> ResponseHeader.newBuilder().setRevision(revision).build(),
          1 << 20,
          faults::add);
  private EventLoopRef loop;
  private long index;

  @BeforeEach
  void start() throws Exception {
    CompletableFuture<EventLoopRef> made = new CompletableFuture<>();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(unused -> made.complete(EventLoopRef.current(0, context)));
    loop = made.get(10, SECONDS);
    hub.start();
  }

  @AfterEach
  void stop() {
    hub.close();
    vertx.close();
    assertThat(faults).isEmpty();
  }

  @Test
  void whatHappenedWhileNobodyWatchedIsNotNews() {
    change();
    change();
    Watch watch = watch(0);
    change();
    watch.awaitRevision(4);
    assertThat(watch.revisions()).containsExactly(4L);
  }

  @Test
  void andIsReadFromHistoryByWhoAsksForIt() {
    change();
    change();
    Watch watch = watch(2);
    change();
    watch.awaitRevision(4);
    assertThat(watch.revisions()).containsExactly(2L, 3L, 4L);
  }

  @Test
  void progressCountsWhatNobodyWatched() {
    Watch watch = watch(0);
    watch.cancel();
    watch.awaitCanceled();
    change();
    change();
    watch.ask(
        WatchRequest.newBuilder().setProgressRequest(WatchProgressRequest.getDefaultInstance()));
    watch.awaitRevision(3);
  }

  @Test
  void whoseKeysDoNotChangeIsToldHowFarTheOthersAre() {
    Watch watch = new Watch(0);
    watch.ask(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("quiet"))
                    .setProgressNotify(true)));
    watch.ask(
        WatchRequest.newBuilder().setProgressRequest(WatchProgressRequest.getDefaultInstance()));
    watch.await(answer -> answer.getWatchId() == -1); // it is there
    for (long revision = 2; revision < 5; revision++) {
      long expected = revision;
      change();
      hub.tellQuiet(0);
      watch.await(
          answer ->
              answer.getWatchId() == 0
                  && !answer.getCreated()
                  && answer.getHeader().getRevision() == expected);
    }
  }

  @Test
  void whoHasAllItsHistoryIsUpToDate() {
    change();
    long revision = store.revision();
    for (int i = 0; i < 2_000; i++) {
      Watch watch = watch(revision);
      watch.await(answer -> answer.getEventsCount() > 0);
      watch.ask(
          WatchRequest.newBuilder().setProgressRequest(WatchProgressRequest.getDefaultInstance()));
      watch.await(answer -> answer.getWatchId() == -1);
      watch.cancel();
    }
  }

  @Test
  void watchersThatComeAndGoMissNothingAndGetNothingTwice() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Watch> watches = new ArrayList<>();
    List<Watch> open = new ArrayList<>();
    for (int step = 0; step < 3_000; step++) {
      int dice = random.nextInt(10);
      if (dice < 7) {
        change();
      } else if (dice == 7 && open.size() < 3) {
        long revision = store.revision();
        Watch watch = watch(random.nextBoolean() ? 0 : 1 + random.nextLong(revision + 3));
        watches.add(watch);
        open.add(watch);
      } else if (!open.isEmpty()) {
        open.remove(random.nextInt(open.size())).cancel();
      }
    }
    for (int more = 0; more < 5; more++) {
      change(); // so that those which wait for a later revision see it
    }
    for (Watch watch : watches) {
      if (open.contains(watch)) {
        watch.awaitRevision(store.revision());
      } else {
        watch.awaitCanceled();
      }
      List<Long> seen = watch.revisions();
      if (!seen.isEmpty()) {
        long last = seen.get(seen.size() - 1);
        assertThat(seen)
            .as("seed " + seed)
            .containsExactlyElementsOf(
                LongStream.rangeClosed(watch.first(), last).boxed().toList());
      }
    }
  }

  /** One revision, as the apply thread makes it. */
  private void change() {
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    txn.put(KEY, ByteString.EMPTY, 0);
    List<Change> changes = txn.end();
    backend.end(++index, 1);
    store.publish();
    hub.changed(changes, store.revision());
  }

  private Watch watch(long startRevision) {
    Watch watch = new Watch(startRevision);
    watch.ask(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder().setKey(KEY).setStartRevision(startRevision)));
    watch.await(WatchResponse::getCreated);
    return watch;
  }

  /** A stream with one watcher, and what came on it. */
  private final class Watch implements Call<WatchRequest, WatchResponse> {
    private final long startRevision;
    private final List<WatchResponse> answers = new CopyOnWriteArrayList<>();
    private final RequestObserver<WatchRequest> requests = hub.open(this);

    Watch(long startRevision) {
      this.startRevision = startRevision;
    }

    void ask(WatchRequest.Builder request) {
      loop.execute(() -> requests.onMessage(request.build()));
    }

    void cancel() {
      ask(WatchRequest.newBuilder().setCancelRequest(WatchCancelRequest.getDefaultInstance()));
    }

    void awaitCanceled() {
      await(WatchResponse::getCanceled);
    }

    void awaitRevision(long revision) {
      await(answer -> answer.getHeader().getRevision() >= revision);
    }

    void await(java.util.function.Predicate<WatchResponse> wanted) {
      while (answers.stream().noneMatch(wanted)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new IllegalStateException("it takes too long");
        }
        Thread.onSpinWait();
      }
    }

    /** The first revision that it is to see. */
    long first() {
      return startRevision > 1
          ? startRevision
          : startRevision == 0 ? answers.get(0).getHeader().getRevision() + 1 : 2;
    }

    /** Of its events, in the order in which they came. */
    List<Long> revisions() {
      return answers.stream()
          .flatMap(answer -> answer.getEventsList().stream())
          .map(Event::getKv)
          .map(io.etcdj.api.mvccpb.KeyValue::getModRevision)
          .toList();
    }

    @Override
    public EventLoopRef loop() {
      return loop;
    }

    @Override
    public void send(WatchResponse response) {
      answers.add(response);
    }

    @Override
    public void send(EncodedMessage<WatchResponse> message) {
      answers.add(message.message());
    }

    @Override
    public long pendingBytes() {
      return 0;
    }

    @Override
    public boolean isClosed() {
      return false;
    }

    @Override
    public Rpc<WatchRequest, WatchResponse> rpc() {
      throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable String metadata(String name) {
      return null;
    }

    @Override
    public byte @Nullable [] binaryMetadata(String name) {
      return null;
    }

    @Override
    public long deadlineNanos() {
      return Long.MAX_VALUE;
    }

    @Override
    public String peer() {
      return "test";
    }

    @Override
    public @Nullable String clientCommonName() {
      return null;
    }

    @Override
    public boolean fromGateway() {
      return false;
    }

    @Override
    public void respond(WatchResponse response) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void respondStreamed(long totalLength, PieceSource source) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean writeQueueFull() {
      return false;
    }

    @Override
    public void onDrain(Runnable action) {}

    @Override
    public void complete() {}

    @Override
    public void fail(EtcdException refusal) {
      faults.add(refusal);
    }

    @Override
    public void abort(EtcdException reason) {
      faults.add(reason);
    }

    @Override
    public void onCancel(Runnable action) {}
  }
}
