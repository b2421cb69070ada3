package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.server.front.http.Answers;
import io.etcdj.storage.snap.SnapFiles;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One database on its way in.
 *
 * <p>The loop of the request cuts off the Raft message and queues the rest; one worker at a time
 * writes it to a file, and the sender waits while the disk is behind. Only an end that was seen
 * makes the file a database, and only then does the member hear of the message.
 */
final class SnapshotReception {
  /** The Raft message in front holds the v2 store, nothing else of size. */
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private static final long PAUSE_BYTES = 4 << 20;
  private static final long RESUME_BYTES = 1 << 20;
  private static final long CHECK_MILLIS = 5_000;

  /** After a refusal: time for the sender to read why. */
  private static final long LINGER_MILLIS = 1_000;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final PeerEnvironment environment;
  private final SnapFiles snapshots;
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

  /** Between loop and worker. */
  private final Object lock = new Object();

  private ArrayDeque<byte[]> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean paused;
  private boolean ended;
  private boolean abandoned;
  private boolean working;

  // The worker's; the lock hands it from one to the next.
  private SnapFiles.@Nullable Incoming file;

  SnapshotReception(
      PeerEnvironment environment, SnapFiles snapshots, HttpServerRequest request, Context loop) {
    this.environment = environment;
    this.snapshots = snapshots;
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
    synchronized (lock) {
      if (paused || ended) {
        lastReadNanos = System.nanoTime();
      }
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
    synchronized (lock) {
      queue.add(piece);
      queuedBytes += piece.length;
      if (queuedBytes > PAUSE_BYTES && !paused) {
        paused = true;
        request.pause();
      }
    }
    work();
  }

  private void end() {
    if (over) {
      return;
    }
    if (message == null) {
      undecodable("unexpected EOF");
      return;
    }
    synchronized (lock) {
      ended = true;
    }
    work();
  }

  /** Sees that a worker looks at what is there. */
  private void work() {
    synchronized (lock) {
      if (working) {
        return;
      }
      working = true;
    }
    try {
      environment.workers().execute(this::write);
    } catch (RejectedExecutionException stopping) {
      synchronized (lock) {
        working = false;
      }
      failed("this member stops");
    }
  }

  private void write() {
    try {
      while (writeSome()) {
        resumeIfPaused();
      }
    } catch (IOException | RuntimeException e) {
      drop();
      loop.runOnContext(unused -> failed(PeerEnvironment.reason(e)));
    }
  }

  /** Writes what is queued; false if there is nothing left to do for now. */
  private boolean writeSome() throws IOException {
    ArrayDeque<byte[]> pieces;
    boolean last;
    boolean drop;
    synchronized (lock) {
      drop = abandoned;
      pieces = queue;
      queue = new ArrayDeque<>();
      queuedBytes = 0;
      last = ended;
      if (!drop && pieces.isEmpty() && !last) {
        working = false;
        return false;
      }
    }
    if (drop) {
      drop();
      return false; // and stay working: nothing is to begin again
    }
    SnapFiles.Incoming into = file;
    if (into == null) {
      into = snapshots.receiveDatabase();
      file = into;
    }
    for (byte[] piece : pieces) {
      into.write(ByteBuffer.wrap(piece));
    }
    if (last) {
      keep(into);
      return false;
    }
    return true;
  }

  private void resumeIfPaused() {
    synchronized (lock) {
      if (!paused || queuedBytes > RESUME_BYTES) {
        return;
      }
      paused = false;
    }
    loop.runOnContext(
        unused -> {
          if (!over) {
            lastReadNanos = System.nanoTime();
            request.resume();
          }
        });
  }

  private void keep(SnapFiles.Incoming whole) throws IOException {
    Message received = message;
    if (received == null) {
      throw new IllegalStateException("no message");
    }
    whole.keep(received.getSnapshot().getMetadata().getIndex());
    file = null;
    loop.runOnContext(unused -> kept(received, whole.bytes()));
  }

  private void drop() {
    SnapFiles.Incoming unfinished = file;
    file = null;
    if (unfinished != null) {
      try {
        unfinished.close();
      } catch (IOException e) {
        environment.log().warn("failed to drop a received database", "error", e);
      }
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
    abandon();
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
    abandon();
  }

  private void finish() {
    over = true;
    environment.vertx().cancelTimer(timer);
    if (message != null) {
      environment.metrics().snapshotReceiving.with(from).add(-1);
    }
  }

  private void abandon() {
    synchronized (lock) {
      abandoned = true;
    }
    work();
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
