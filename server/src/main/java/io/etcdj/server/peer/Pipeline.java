package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Messages to a member that has no stream open to us: one POST each, a few at a time.
 *
 * <p>Any thread may {@link #offer}; all else belongs to the peer's loop.
 */
final class Pipeline {
  static final String NAME = "pipelineMsg";
  static final String PATH = "/raft";
  private static final int MAX_AT_ONCE = 4;
  private static final int MAX_QUEUED = 64;
  private static final int MAX_ANSWER_BYTES = 64 * 1024;

  /** etcd waits for ever; four calls to a member that sleeps would then hold up all others. */
  private static final long TIMEOUT_MILLIS = 10_000;

  private final Remote remote;
  private final PeerEnvironment environment;
  private final Context loop;
  private final Map<String, String> headers;

  private final ArrayDeque<Message> queue = new ArrayDeque<>();
  private boolean stopped;
  private boolean scheduled;

  private int running;

  Pipeline(Remote remote, PeerEnvironment environment, Context loop) {
    this.remote = remote;
    this.environment = environment;
    this.loop = loop;
    headers = new HashMap<>(environment.headers().ofRequest());
    headers.put("Content-Type", "application/protobuf");
  }

  /** Takes a message and sees that it is sent; false if there is no room. */
  boolean offer(Message message) {
    synchronized (queue) {
      if (stopped || queue.size() >= MAX_QUEUED) {
        return false;
      }
      queue.add(message);
      if (scheduled) {
        return true;
      }
      scheduled = true;
    }
    loop.runOnContext(unused -> pump());
    return true;
  }

  void stop() {
    synchronized (queue) {
      stopped = true;
      queue.clear();
    }
  }

  private void pump() {
    while (running < MAX_AT_ONCE) {
      Message next = next();
      if (next == null) {
        return;
      }
      running++;
      post(next);
    }
  }

  private @Nullable Message next() {
    synchronized (queue) {
      scheduled = false;
      return queue.poll();
    }
  }

  private void post(Message message) {
    EtcdUrl url = remote.urls().pick();
    Buffer body = Buffer.buffer(message.toByteArray());
    environment
        .client()
        .call(HttpMethod.POST, url, PATH, headers, body, TIMEOUT_MILLIS, MAX_ANSWER_BYTES)
        .onComplete(
            answered -> {
              running--;
              String failure =
                  answered.failed()
                      ? PeerEnvironment.reason(answered.cause())
                      : refusal(answered.result(), url, PATH);
              if (failure == null) {
                remote.status().succeeded();
                remote.sent(body.length());
              } else {
                remote.urls().unreachable(url);
                remote.status().failed("write", NAME, failure);
                remote.sendingFailed();
                environment.receiver().unreachable(remote.id());
              }
              pump();
            });
  }

  /** Why a POST did not succeed, or null if it did. */
  private @Nullable String refusal(PeerClient.Answer answer, EtcdUrl url, String path) {
    remote.sawOwnVersion(answer.headers().get(PeerHeaders.OWN_VERSION));
    return remote.refusal(
        answer.status(),
        new String(answer.body(), StandardCharsets.UTF_8),
        answer.headers().get(PeerHeaders.CLUSTER_ID),
        url + path);
  }
}
