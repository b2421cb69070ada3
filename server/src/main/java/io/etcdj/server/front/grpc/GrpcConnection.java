package io.etcdj.server.front.grpc;

import io.etcdj.server.front.vertx.Peer;
import io.etcdj.server.front.vertx.VertxInternals;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One HTTP/2 connection: its pings in both directions, the number of its open calls, and how much
 * of their answers waits for the client to read it. Confined to its event loop.
 */
final class GrpcConnection {
  private static final long ENHANCE_YOUR_CALM = 0xb; // RFC 9113, section 7
  private static final long NONE = -1;

  /** Bytes of answers to unary calls that may wait before further such calls do. */
  private static final long MOST_UNREAD_BYTES = 4 << 20;

  /** What an answer in pieces counts as: it holds a view of the database until it is read. */
  private static final int STREAMED_BYTES = 512 << 10;

  /** Answers below this are not worth counting. */
  private static final int COUNTED_BYTES = 1024;

  private final Vertx vertx;
  private final HttpConnection connection;
  private final GrpcOptions options;
  private final PingStrikes strikes;
  private final Peer peer;
  private final Handler<AsyncResult<Void>> writeDone;
  private int openCalls;
  private int unfinishedWrites;
  private long unreadBytes;
  private final Deque<Runnable> held = new ArrayDeque<>();
  private long lastReadNanos = System.nanoTime();
  private long timer = NONE;
  private boolean closed;

  GrpcConnection(Vertx vertx, HttpConnection connection, GrpcOptions options) {
    this.vertx = vertx;
    this.connection = connection;
    this.options = options;
    this.strikes = new PingStrikes(options.keepaliveMinTimeMillis() * 1_000_000);
    this.peer = Peer.of(connection);
    this.writeDone =
        unused -> {
          unfinishedWrites--;
          strikes.sent();
        };
    connection.pingHandler(unused -> pinged());
    awaitSilence(options.keepaliveIntervalMillis());
  }

  Peer peer() {
    return peer;
  }

  void callOpened() {
    openCalls++;
    read();
  }

  void callEnded() {
    openCalls--;
  }

  /** Something came from the client. */
  void read() {
    lastReadNanos = System.nanoTime();
  }

  /**
   * Notes that headers or data are on their way to the client, until {@code done}.
   *
   * <p>Clients ping while data comes in, to find out how large a window they need, and one write of
   * ours can be data for many round trips. So what counts is not only that something was sent, but
   * also that something still is.
   */
  void sending(Future<Void> done) {
    strikes.sent();
    unfinishedWrites++;
    done.onComplete(writeDone);
  }

  /** Notes that the whole answer to a unary call waits for the client to read it. */
  void answering(Future<Void> done, int bytes) {
    if (bytes >= COUNTED_BYTES) {
      unreadBytes += bytes;
      done.onComplete(unused -> answered(bytes));
    }
  }

  /** Notes that an answer begins to leave piece by piece; what it holds counts as so much. */
  int streaming() {
    unreadBytes += STREAMED_BYTES;
    return STREAMED_BYTES;
  }

  /** The client has read, or will never read, what was counted before. */
  void answered(int bytes) {
    unreadBytes -= bytes;
    releaseHeld();
  }

  /**
   * Runs this once the client has read enough of what it asked for before; at once, as a rule. Who
   * asks for much and reads nothing would otherwise fill the memory with answers.
   */
  void whenRead(Runnable open) {
    if (unreadBytes <= MOST_UNREAD_BYTES && held.isEmpty()) {
      open.run();
    } else {
      held.add(open);
    }
  }

  private void releaseHeld() {
    while (unreadBytes <= MOST_UNREAD_BYTES / 2 && !held.isEmpty()) {
      held.remove().run();
    }
  }

  void closed() {
    held.clear();
    closed = true;
    vertx.cancelTimer(timer);
  }

  private void pinged() {
    read();
    if (unfinishedWrites > 0) {
      strikes.sent();
    }
    if (!closed && strikes.tooMany(lastReadNanos, openCalls)) {
      closed = true;
      VertxInternals.goAway(connection, ENHANCE_YOUR_CALM, "too_many_pings");
      connection.close();
    }
  }

  private void awaitSilence(long delayMillis) {
    if (options.keepaliveIntervalMillis() > 0 && !closed) {
      timer = vertx.setTimer(Math.max(1, delayMillis), unused -> pingIfSilent());
    }
  }

  private void pingIfSilent() {
    long silentMillis = (System.nanoTime() - lastReadNanos) / 1_000_000;
    if (silentMillis < options.keepaliveIntervalMillis()) {
      awaitSilence(options.keepaliveIntervalMillis() - silentMillis);
      return;
    }
    long giveUp =
        vertx.setTimer(Math.max(1, options.keepaliveTimeoutMillis()), unused -> connection.close());
    timer = giveUp;
    connection
        .ping(Buffer.buffer(new byte[8]))
        .onSuccess(
            unused -> {
              vertx.cancelTimer(giveUp);
              read();
              awaitSilence(options.keepaliveIntervalMillis());
            });
  }
}
