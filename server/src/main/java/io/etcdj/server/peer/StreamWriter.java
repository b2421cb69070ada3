package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of a stream that another member opened: the answer to its GET, which never ends.
 *
 * <p>Any thread may {@link #offer}, {@link #flush} and {@link #close}; all else belongs to the loop
 * that the request came by. What was offered between two rounds of that loop goes out as one write.
 */
final class StreamWriter {
  private static final int MAX_QUEUED = 4_096;
  private static final long MAX_QUEUED_BYTES = 64 << 20;

  /** How much is encoded at a time. */
  private static final int BATCH_BYTES = 256 * 1024;

  /** How much lies in the socket's own queue before we keep the rest in ours. */
  private static final int WRITE_QUEUE_BYTES = 1 << 20;

  /** A write that has not moved for so long never will: the other end sleeps, or is gone. */
  private static final long WRITE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** A third of how long the other end bears silence. */
  static final long HEARTBEAT_MILLIS = 5_000 / 3;

  private final StreamKind kind;
  private final PeerEnvironment environment;
  private final Context loop;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final StreamEncoder encoder;
  private final Listener listener;

  private final Object lock = new Object();
  private ArrayDeque<Message> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean closed;

  /** Whether something in the queue should go soon. */
  private volatile boolean urgent;

  /** Whether the loop will look at the queue by itself. */
  private final AtomicBoolean scheduled = new AtomicBoolean();

  private int unconfirmedWrites;
  private long lastProgressNanos;
  private long timer;
  private boolean over;

  /** Who wants to know what becomes of the stream. */
  interface Listener {
    /** Bytes have left. */
    void sent(int bytes);

    /**
     * The stream has broken by itself. Told once, on the loop.
     *
     * @param action what failed
     */
    void broken(StreamWriter writer, String action, String why);

    /** The stream is no more, and messages that were offered are lost. */
    void lost(StreamWriter writer);
  }

  /** On the loop of the request, whose head is still to be written. */
  StreamWriter(
      StreamKind kind,
      PeerEnvironment environment,
      Context loop,
      HttpServerRequest request,
      Listener listener) {
    this.kind = kind;
    this.environment = environment;
    this.loop = loop;
    this.request = request;
    this.response = request.response();
    this.encoder = kind.encoder();
    this.listener = listener;
  }

  StreamKind kind() {
    return kind;
  }

  /** Answers the request. On its loop. */
  void open() {
    response.setChunked(true).setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
    response.exceptionHandler(e -> broken("write", PeerEnvironment.reason(e)));
    response.closeHandler(unused -> broken("write", "the connection was closed"));
    lastProgressNanos = System.nanoTime();
    timer = environment.vertx().setPeriodic(HEARTBEAT_MILLIS, unused -> heartbeat());
    response.writeHead();
  }

  /**
   * Takes a message to be sent after the next {@link #flush}; false if there is no room.
   *
   * @param soon false for what may wait until something else is sent
   */
  boolean offer(Message message, boolean soon) {
    int size = message.getSerializedSize();
    synchronized (lock) {
      boolean full =
          queue.size() >= MAX_QUEUED || (queuedBytes + size > MAX_QUEUED_BYTES && !queue.isEmpty());
      if (closed || full) {
        return false;
      }
      queue.add(message);
      queuedBytes += size;
    }
    if (soon) {
      urgent = true;
    }
    return true;
  }

  void flush() {
    if (urgent && scheduled.compareAndSet(false, true)) {
      loop.runOnContext(unused -> drain());
    }
  }

  private void drain() {
    scheduled.set(false);
    urgent = false;
    while (!over) {
      if (response.writeQueueFull()) {
        scheduled.set(true); // by the handler, so that nobody else needs to wake us for nothing
        response.drainHandler(unused -> drain());
        return;
      }
      List<Message> batch = nextBatch();
      if (batch.isEmpty()) {
        return;
      }
      write(batch);
    }
  }

  private List<Message> nextBatch() {
    List<Message> batch = new ArrayList<>();
    synchronized (lock) {
      long bytes = 0;
      while (bytes < BATCH_BYTES) {
        @Nullable Message next = queue.poll();
        if (next == null) {
          break;
        }
        bytes += next.getSerializedSize();
        batch.add(next);
      }
      queuedBytes -= bytes;
    }
    return batch;
  }

  private void write(List<Message> batch) {
    int room = 0;
    for (Message message : batch) {
      room +=
          message.getSerializedSize()
              + FrameBuffer.FRAME_BYTES
              + Long.BYTES * message.getEntriesCount();
    }
    FrameBuffer frames = new FrameBuffer(room);
    for (Message message : batch) {
      encoder.encode(message, frames);
    }
    write(frames.toBuffer(), "write");
  }

  /** A long write is cut, so that it can be seen to move. */
  private void write(Buffer bytes, String action) {
    for (int at = 0; at < bytes.length() && !over; at += BATCH_BYTES) {
      Buffer piece =
          bytes.length() <= BATCH_BYTES
              ? bytes
              : bytes.slice(at, Math.min(bytes.length(), at + BATCH_BYTES));
      if (unconfirmedWrites == 0) {
        lastProgressNanos = System.nanoTime();
      }
      unconfirmedWrites++;
      response.write(piece).onComplete(written -> written(piece.length(), action, written));
    }
  }

  private void written(int bytes, String action, AsyncResult<Void> result) {
    if (over) {
      return;
    }
    if (result.failed()) {
      broken(action, PeerEnvironment.reason(result.cause()));
      return;
    }
    unconfirmedWrites--;
    lastProgressNanos = System.nanoTime();
    listener.sent(bytes);
  }

  private void heartbeat() {
    if (over) {
      return;
    }
    if (unconfirmedWrites > 0) { // something is on its way, which serves as well
      if (System.nanoTime() - lastProgressNanos > WRITE_TIMEOUT_NANOS) {
        broken("heartbeat", "i/o timeout");
      }
      return;
    }
    FrameBuffer frame = new FrameBuffer(FrameBuffer.FRAME_BYTES);
    encoder.heartbeat(frame);
    write(frame.toBuffer(), "heartbeat");
  }

  private void broken(String action, String why) {
    if (!over) {
      end(false);
      listener.broken(this, action, why);
    }
  }

  /** Ends the stream. The other end sees an end, not a failure, if the connection still moves. */
  void close() {
    synchronized (lock) {
      closed = true;
    }
    loop.runOnContext(
        unused -> {
          if (!over) {
            end(unconfirmedWrites == 0);
          }
        });
  }

  private void end(boolean gracefully) {
    over = true;
    environment.vertx().cancelTimer(timer);
    boolean lost;
    synchronized (lock) {
      closed = true;
      lost = !queue.isEmpty() || unconfirmedWrites > 0;
      queue = new ArrayDeque<>();
      queuedBytes = 0;
    }
    Consumer<Object> disconnect =
        unused -> {
          if (request.version() == HttpVersion.HTTP_2) {
            response.reset();
          } else {
            request.connection().close();
          }
        };
    if (gracefully) {
      response.end().onComplete(disconnect::accept);
    } else {
      disconnect.accept(this);
    }
    if (lost) {
      listener.lost(this);
    }
  }
}
