package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.server.metrics.Counter;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Context;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A member that messages can be posted to. By itself it is one that has spoken to us and that our
 * configuration does not have yet, because we are behind; see {@link Peer} for the others.
 *
 * <p>Any thread.
 */
class Remote {
  private static final long DROP_LOG_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long id;
  private final String hex;
  private final UrlPicker urls;
  private final PeerStatus status;
  private final Pipeline pipeline;
  private final Counter sentBytes;
  private final AtomicLong lastDropLogNanos = new AtomicLong(System.nanoTime() - DROP_LOG_NANOS);
  private volatile boolean ownKind;

  final PeerEnvironment environment;

  /** Where all that belongs to the member alone happens. */
  final Context loop;

  Remote(long id, List<EtcdUrl> urls, PeerEnvironment environment, Context loop) {
    this.id = id;
    this.hex = PeerHeaders.hex(id);
    this.urls = new UrlPicker(urls);
    this.environment = environment;
    this.loop = loop;
    this.status =
        new PeerStatus(
            environment.headers().localId(), hex, environment.metrics(), environment.log());
    this.sentBytes = environment.metrics().sentBytes.with(hex);
    this.pipeline = new Pipeline(this, environment, loop);
  }

  final long id() {
    return id;
  }

  final String hex() {
    return hex;
  }

  final UrlPicker urls() {
    return urls;
  }

  final PeerStatus status() {
    return status;
  }

  final boolean isOwnKind() {
    return ownKind;
  }

  /** Told of each request and answer of the member: the header that only etcdj sends. */
  final void sawOwnVersion(@Nullable String header) {
    boolean own = header != null;
    if (own != ownKind) {
      ownKind = own;
    }
  }

  final void sent(long bytes) {
    sentBytes.add(bytes);
  }

  final void sendingFailed() {
    environment.metrics().sentFailures.with(hex).increment();
  }

  /** Takes a message to be sent after the next {@link #flush}; false if it was dropped. */
  boolean send(Message message) {
    return post(message);
  }

  void flush() {}

  final boolean post(Message message) {
    return pipeline.offer(message) || dropped(message, Pipeline.NAME);
  }

  /** Notes that a queue was full; always false. */
  final boolean dropped(Message message, String channel) {
    sendingFailed();
    long now = System.nanoTime();
    long last = lastDropLogNanos.get();
    if (now - last >= DROP_LOG_NANOS && lastDropLogNanos.compareAndSet(last, now)) {
      boolean active = status.isActive();
      environment
          .log()
          .warn(
              active
                  ? "dropped internal Raft message since sending buffer is full (overloaded"
                      + " network)"
                  : "dropped Raft message since sending buffer is full (overloaded network)",
              "message-type",
              message.getType(),
              "local-member-id",
              environment.headers().localId(),
              "from",
              PeerHeaders.hex(message.getFrom()),
              "remote-peer-id",
              hex,
              "remote-peer-name",
              channel,
              "remote-peer-active",
              active);
    }
    return false;
  }

  /** Why a POST did not succeed, by its answer; null if it did. */
  final @Nullable String refusal(
      int statusCode, String body, @Nullable String remoteCluster, String where) {
    switch (statusCode) {
      case 204 -> {
        return null;
      }
      case 403 -> {
        environment.removedHere();
        return "the member has been permanently removed from the cluster";
      }
      case 412 -> {
        String text = body.stripTrailing();
        logRefusal(text, remoteCluster);
        boolean known =
            text.equals(PeerHeaders.INCOMPATIBLE_VERSION)
                || text.equals(PeerHeaders.CLUSTER_ID_MISMATCH);
        return known ? text : "unhandled error \"" + body + "\" when precondition failed";
      }
      default -> {
        return "unexpected http status " + statusCode + " while posting to \"" + where + "\"";
      }
    }
  }

  final void logRefusal(String text, @Nullable String remoteCluster) {
    if (text.equals(PeerHeaders.INCOMPATIBLE_VERSION)) {
      environment
          .log()
          .warn(
              "request sent was ignored by remote peer due to server version incompatibility",
              "local-member-id",
              environment.headers().localId(),
              "remote-peer-id",
              hex,
              "error",
              text);
    } else if (text.equals(PeerHeaders.CLUSTER_ID_MISMATCH)) {
      environment
          .log()
          .warn(
              "request sent was ignored by remote peer due to cluster ID mismatch",
              "remote-peer-id",
              hex,
              "remote-peer-cluster-id",
              remoteCluster == null ? "" : remoteCluster,
              "local-member-id",
              environment.headers().localId(),
              "local-member-cluster-id",
              environment.headers().clusterId(),
              "error",
              text);
    }
  }

  void stop() {
    pipeline.stop();
    status.forget();
  }
}
