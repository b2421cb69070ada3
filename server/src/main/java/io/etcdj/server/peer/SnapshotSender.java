package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.server.front.vertx.VertxInternals;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One database on its way to another member: a POST of the Raft message, framed, and then the raw
 * bytes until the end.
 *
 * <p>Confined to the peer's loop; the body is read by one worker at a time, and only as fast as the
 * network takes it.
 */
final class SnapshotSender {
  static final String PATH = "/raft/snapshot";
  private static final String CHANNEL = "sendMsgSnap";
  private static final int WRITE_QUEUE_BYTES = 1 << 20;
  private static final int MAX_ANSWER_BYTES = 64 * 1024;
  private static final long CHECK_MILLIS = 1_000;

  /** While bytes are to be sent, how long the other end may take none. */
  private static final long SEND_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** After the last byte: the other end syncs its disk. */
  private static final long ANSWER_PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final Remote remote;
  private final PeerEnvironment environment;
  private final Message message;
  private final SnapshotBody body;
  private final EtcdUrl url;
  private final String to;
  private final long beganNanos = System.nanoTime();
  private final Buffer answer = Buffer.buffer();

  private @Nullable HttpClientRequest request;
  private long sentBytes;
  private long lastProgressNanos = beganNanos;
  private boolean allSent;
  private boolean over;
  private long timer;

  SnapshotSender(Remote remote, Message message, SnapshotBody body) {
    this.remote = remote;
    this.environment = remote.environment;
    this.message = message;
    this.body = body;
    this.url = remote.urls().pick();
    this.to = remote.hex();
  }

  /** Any thread. */
  void start() {
    remote.loop.runOnContext(unused -> open());
  }

  private void open() {
    log("sending database snapshot");
    environment.metrics().snapshotSending.with(to).add(1);
    timer = environment.vertx().setPeriodic(CHECK_MILLIS, unused -> check());
    Map<String, String> headers = new HashMap<>(environment.headers().ofRequest());
    headers.put("Content-Type", "application/octet-stream");
    environment
        .client()
        .open(HttpMethod.POST, url, PATH, headers)
        .onComplete(
            opened -> {
              if (opened.failed()) {
                fail(PeerEnvironment.reason(opened.cause()));
              } else if (over) {
                opened.result().reset();
              } else {
                begin(opened.result());
              }
            });
  }

  private void check() {
    long patience = allSent ? ANSWER_PATIENCE_NANOS : SEND_PATIENCE_NANOS;
    if (System.nanoTime() - lastProgressNanos > patience) {
      fail("i/o timeout");
    }
  }

  private void begin(HttpClientRequest opened) {
    request = opened;
    opened.setChunked(true).setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
    opened.exceptionHandler(e -> fail(PeerEnvironment.reason(e)));
    opened
        .response()
        .onComplete(
            answered -> {
              if (answered.failed()) {
                fail(PeerEnvironment.reason(answered.cause()));
              } else {
                answered(answered.result());
              }
            });
    FrameBuffer head = new FrameBuffer(message.getSerializedSize() + FrameBuffer.FRAME_BYTES);
    head.putFramed(message);
    write(opened, head.toBuffer());
    pull(opened);
  }

  private Future<Void> write(HttpClientRequest to, Buffer bytes) {
    sentBytes += bytes.length();
    return to.write(bytes).onSuccess(unused -> lastProgressNanos = System.nanoTime());
  }

  private void pull(HttpClientRequest from) {
    onWorker(
        () -> {
          ByteBuffer piece = null;
          String failure = null;
          try {
            piece = body.next();
          } catch (IOException | RuntimeException e) {
            failure = "failed to read the database: " + PeerEnvironment.reason(e);
          }
          pulled(from, piece, failure);
        });
  }

  private void pulled(HttpClientRequest to, @Nullable ByteBuffer piece, @Nullable String failure) {
    remote.loop.runOnContext(
        unused -> {
          if (over) {
            return;
          }
          if (failure != null) {
            fail(failure);
          } else if (piece == null) {
            allSent = true;
            to.end();
          } else {
            write(to, VertxInternals.wrap(piece)).onSuccess(sent -> body.done(piece));
            if (to.writeQueueFull()) {
              to.drainHandler(drained -> pull(to));
            } else {
              pull(to);
            }
          }
        });
  }

  private void answered(HttpClientResponse response) {
    lastProgressNanos = System.nanoTime();
    response.exceptionHandler(e -> fail(PeerEnvironment.reason(e)));
    response.handler(
        piece -> {
          if (answer.length() + piece.length() <= MAX_ANSWER_BYTES) {
            answer.appendBuffer(piece);
          }
        });
    response.endHandler(
        unused -> {
          remote.sawOwnVersion(response.getHeader(PeerHeaders.OWN_VERSION));
          String refusal =
              remote.refusal(
                  response.statusCode(),
                  answer.toString(),
                  response.getHeader(PeerHeaders.CLUSTER_ID),
                  url + PATH);
          if (refusal != null) {
            fail(refusal);
          } else if (!allSent) {
            fail("the answer came before the end of the database");
          } else {
            succeed();
          }
        });
  }

  private void succeed() {
    if (over) {
      return;
    }
    finish();
    remote.status().succeeded();
    remote.sent(sentBytes);
    environment.metrics().snapshotSent.with(to).increment();
    environment
        .metrics()
        .snapshotSendDuration
        .with(to)
        .observeNanos(System.nanoTime() - beganNanos);
    log("sent database snapshot");
    environment.receiver().snapshotDone(remote.id(), true);
  }

  private void fail(String why) {
    if (over) {
      return;
    }
    finish();
    if (request != null) {
      request.reset();
    }
    remote.urls().unreachable(url);
    remote.status().failed("post", CHANNEL, why);
    remote.sendingFailed();
    environment.metrics().snapshotSendFailures.with(to).increment();
    environment
        .log()
        .warn(
            "failed to send database snapshot",
            "snapshot-index",
            message.getSnapshot().getMetadata().getIndex(),
            "remote-peer-id",
            to,
            "bytes",
            sentBytes,
            "error",
            why);
    environment.receiver().unreachable(remote.id());
    environment.receiver().snapshotDone(remote.id(), false);
  }

  private void finish() {
    over = true;
    environment.vertx().cancelTimer(timer);
    environment.metrics().snapshotSending.with(to).add(-1);
    close();
  }

  private void close() {
    try {
      environment.workers().execute(body::close);
    } catch (RejectedExecutionException stopping) {
      body.close();
    }
  }

  private void onWorker(Runnable task) {
    try {
      environment.workers().execute(task);
    } catch (RejectedExecutionException stopping) {
      fail("this member stops");
    }
  }

  private void log(String text) {
    environment
        .log()
        .info(
            text,
            "snapshot-index",
            message.getSnapshot().getMetadata().getIndex(),
            "remote-peer-id",
            to,
            "bytes",
            sentBytes);
  }
}
