package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.server.front.http.Answers;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One database on its way in.
 *
 * <p>The loop of the request cuts off the Raft message and queues the rest for a worker, on which
 * the store takes it; the sender waits while that is behind. Only what the store has kept is a
 * database, and only then does the member hear of the message.
 */
final class SnapshotReception {
  /** The Raft message in front holds the v2 store, nothing else of size. */
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private static final long CHECK_MILLIS = 5_000;

  /** After a refusal: time for the sender to read why. */
  private static final long LINGER_MILLIS = 1_000;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final PeerEnvironment environment;
  private final SnapshotStore store;
  private final HttpServerRequest request;
  private final Context loop;
  private final MessageDecoder head = new MessageDecoder(MAX_MESSAGE_BYTES);
  private final long beganNanos = System.nanoTime();

  // The loop's.
  private @Nullable Message message;
  private String from = PeerHeaders.hex(0);
  private boolean over;
  private long timer;
  private long lastReadNanos = beganNanos;

  private boolean ended;
  private final ReceivedBytes bytes = new ReceivedBytes(this::resume);

  SnapshotReception(
      PeerEnvironment environment, SnapshotStore store, HttpServerRequest request, Context loop) {
    this.environment = environment;
    this.store = store;
    this.request = request;
    this.loop = loop;
  }

  void start() {
    timer = environment.vertx().setPeriodic(CHECK_MILLIS, unused -> check());
    request.exceptionHandler(e -> lost(PeerEnvironment.reason(e)));
    request.response().exceptionHandler(e -> lost(PeerEnvironment.reason(e)));
    request.response().closeHandler(unused -> lost("the connection was closed"));
    request.handler(this::read);
    request.endHandler(unused -> end());
  }

  private void check() {
    if (ended || bytes.isFull()) {
      lastReadNanos = System.nanoTime();
    }
    if (!over && System.nanoTime() - lastReadNanos > PATIENCE_NANOS) {
      lost("i/o timeout");
      request.connection().close();
    }
  }

  private void read(Buffer chunk) {
    if (over) {
      return;
    }
    lastReadNanos = System.nanoTime();
    if (message != null) {
      enqueue(chunk.getBytes());
      return;
    }
    try {
      head.add(chunk.getBytes());
      Message first = head.next();
      if (first != null) {
        begin(first);
      }
    } catch (BadStreamException e) {
      undecodable(PeerEnvironment.reason(e));
    }
  }

  private void begin(Message first) {
    from = PeerHeaders.hex(first.getFrom());
    environment.metrics().receivedBytes.with(from).add(first.getSerializedSize());
    if (first.getType() != MessageType.MsgSnap) {
      environment
          .log()
          .warn(
              "unexpected Raft message type",
              "local-member-id",
              environment.headers().localId(),
              "remote-snapshot-sender-id",
              from,
              "message-type",
              first.getType());
      refuse(400, "wrong raft message type");
      return;
    }
    message = first;
    environment.metrics().snapshotReceiving.with(from).add(1);
    log("receiving database snapshot", 0);
    byte[] rest = head.rest();
    if (rest.length > 0) {
      enqueue(rest);
    }
    receive(first);
  }

  private void undecodable(String why) {
    environment
        .log()
        .warn(
            "failed to decode Raft message",
            "local-member-id",
            environment.headers().localId(),
            "remote-snapshot-sender-id",
            from,
            "error",
            why);
    environment
        .metrics()
        .receivedFailures
        .with(String.valueOf(request.remoteAddress()))
        .increment();
    refuse(400, "failed to decode raft message (" + why + ")");
  }

  private void enqueue(byte[] piece) {
    if (bytes.add(piece)) {
      request.pause();
    }
  }

  /** On a worker. */
  private void resume() {
    loop.runOnContext(
        unused -> {
          if (!over) {
            lastReadNanos = System.nanoTime();
            request.resume();
          }
        });
  }

  private void end() {
    if (over) {
      return;
    }
    if (message == null) {
      undecodable("unexpected EOF");
      return;
    }
    ended = true;
    bytes.end();
  }

  private void receive(Message first) {
    try {
      environment.workers().execute(() -> keep(first));
    } catch (RejectedExecutionException stopping) {
      failed("this member stops");
    }
  }

  /** On a worker, until the end of the database. */
  private void keep(Message first) {
    try {
      store.receive(bytes, first.getSnapshot().getMetadata().getIndex());
      loop.runOnContext(unused -> kept(first, bytes.count()));
    } catch (IOException | RuntimeException e) {
      loop.runOnContext(unused -> failed(PeerEnvironment.reason(e)));
    }
  }

  private void kept(Message received, long bytes) {
    environment.metrics().receivedBytes.with(from).add(bytes);
    log("received and saved database snapshot", bytes);
    if (over) {
      return; // the sender is gone, and will send it again
    }
    finish();
    PeerEnvironment.Refusal refusal = environment.receive(received);
    if (refusal != null) {
      PeerRoutes.forbid(request.response(), refusal);
      return;
    }
    environment.metrics().snapshotReceived.with(from).increment();
    environment
        .metrics()
        .snapshotReceiveDuration
        .with(from)
        .observeNanos(System.nanoTime() - beganNanos);
    request.response().setStatusCode(204).end();
  }

  private void failed(String why) {
    if (!over) {
      environment
          .log()
          .warn(
              "failed to save incoming database snapshot",
              "local-member-id",
              environment.headers().localId(),
              "remote-snapshot-sender-id",
              from,
              "error",
              why);
      refuse(500, "failed to save KV snapshot (" + why + ")");
    }
  }

  private void refuse(int status, String text) {
    if (over) {
      return;
    }
    environment.metrics().snapshotReceiveFailures.with(from).increment();
    finish();
    bytes.abandon(text);
    Answers.error(request.response(), status, text);
    // The rest of the body would be read and thrown away otherwise, however long it is.
    environment.vertx().setTimer(LINGER_MILLIS, unused -> request.connection().close());
  }

  /** The connection broke before the end. */
  private void lost(String why) {
    if (over) {
      return;
    }
    environment.metrics().snapshotReceiveFailures.with(from).increment();
    environment
        .log()
        .warn(
            "failed to receive database snapshot",
            "local-member-id",
            environment.headers().localId(),
            "remote-snapshot-sender-id",
            from,
            "error",
            why);
    finish();
    bytes.abandon(why);
  }

  private void finish() {
    over = true;
    environment.vertx().cancelTimer(timer);
    if (message != null) {
      environment.metrics().snapshotReceiving.with(from).add(-1);
    }
  }

  private void log(String text, long bytes) {
    Message received = message;
    environment
        .log()
        .info(
            text,
            "local-member-id",
            environment.headers().localId(),
            "remote-snapshot-sender-id",
            from,
            "incoming-snapshot-index",
            received == null ? 0 : received.getSnapshot().getMetadata().getIndex(),
            "incoming-snapshot-size-bytes",
            bytes);
  }
}
