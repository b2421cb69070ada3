package io.etcdj.bench;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchRequest;
import io.etcdj.bench.h2.Call;
import io.etcdj.bench.h2.Connection;
import io.etcdj.bench.h2.Method;
import io.etcdj.bench.h2.StreamCall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Watchers of one key, and clients that put it; an operation ends when every watcher has its event.
 *
 * <p>The value carries when its put was sent and which one it is, so that each event tells its own
 * way's length. With several clients the puts may overtake each other; the events still count for
 * the right one.
 */
final class WatchLoad extends Workload {
  /** The sending time and the client's number. */
  static final int STAMP_BYTES = 2 * Long.BYTES;

  /** The series that counts as the run's operations: one per event and watcher. */
  static final String EVENTS = "put sent to event";

  private final List<Connection> connections;
  private final Series events = newSeries(EVENTS);
  private final Series complete = newSeries("put sent to last watcher");
  private final Series puts = newSeries("put");
  private final CompletableFuture<Void> prepared = new CompletableFuture<>();
  private final WatchClient[] clients;
  private final ByteBuffer request;
  private final ByteString key;
  private int created;

  WatchLoad(LoadOptions options, EventLoop loop, List<Connection> connections) {
    super(options, loop);
    this.connections = connections;
    key = ByteString.copyFromUtf8("w".repeat(options.keySizeBytes()));
    request =
        ByteBuffer.wrap(
            PutRequest.newBuilder()
                .setKey(key)
                .setValue(Template.value(options.valueSizeBytes(), options.seed()))
                .build()
                .toByteArray());
    clients = new WatchClient[options.clients()];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = new WatchClient(connections.get(i % connections.size()), i);
      pacer.add(clients[i]);
    }
  }

  @Override
  CompletableFuture<Void> prepare() {
    byte[] create =
        WatchRequest.newBuilder()
            .setCreateRequest(WatchCreateRequest.newBuilder().setKey(key))
            .build()
            .toByteArray();
    for (int i = 0; i < options.streams(); i++) {
      connections.get(i % connections.size()).start(Method.WATCH, create, false, new Watcher());
    }
    return prepared;
  }

  @Override
  Map<String, Double> notes() {
    Map<String, Double> notes = super.notes();
    notes.put("watch streams", (double) options.streams());
    return notes;
  }

  private final class Watcher extends StreamCall implements WatchAnswer.Reader {
    @Override
    protected void onMessage(ByteBuf message) {
      WatchAnswer.read(message, this);
    }

    @Override
    public void created() {
      if (++created == options.streams()) {
        prepared.complete(null);
      }
    }

    @Override
    public void canceled() {
      error("watch canceled");
    }

    @Override
    public void event(ByteBuf value) {
      long now = System.nanoTime();
      long elapsed = now - value.getLong(value.readerIndex());
      events.record(elapsed);
      clients[(int) value.getLong(value.readerIndex() + Long.BYTES)].delivered(now);
    }

    @Override
    protected void onEnd(@Nullable String error) {
      String text = "watch ended: " + (error == null ? "by the server" : error);
      error(text);
      prepared.completeExceptionally(new IllegalStateException(text));
    }
  }

  private final class WatchClient extends Call implements Pacer.Client {
    private final Connection connection;
    private final int number;
    private long startNanos;
    private int delivered;
    private boolean answered;

    WatchClient(Connection connection, int number) {
      this.connection = connection;
      this.number = number;
    }

    @Override
    public void begin(long startNanos, long index) {
      this.startNanos = startNanos;
      delivered = 0;
      answered = false;
      int stamp = request.capacity() - options.valueSizeBytes();
      request.putLong(stamp, startNanos).putLong(stamp + Long.BYTES, number);
      connection.start(Method.PUT, request.array(), true, this);
    }

    void delivered(long now) {
      if (++delivered == options.streams()) {
        complete.record(now - startNanos);
        endIfDone();
      }
    }

    @Override
    protected void onData(ByteBuf data) {}

    @Override
    protected void onEnd(@Nullable String error) {
      answered = true;
      if (error != null) {
        error(error);
        pacer.finished(this, false); // its events may still come, and would count for the next
      } else {
        puts.record(System.nanoTime() - startNanos);
        endIfDone();
      }
    }

    private void endIfDone() {
      if (answered && delivered == options.streams()) {
        pacer.finished(this, connection.isOpen());
      }
    }
  }
}
