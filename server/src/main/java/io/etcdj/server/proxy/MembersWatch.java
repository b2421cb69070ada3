package io.etcdj.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.server.log.Log;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.text.EtcdUrl;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.MemberJson;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the members who they are, again and again: the peer URLs one after the other, until one
 * answers. If none does, what was known stays.
 */
final class MembersWatch implements AutoCloseable {
  /** While no endpoint is known. */
  private static final long HASTY_MILLIS = 1_000;

  private static final long ANSWER_MILLIS = 5_000;
  private static final int MAX_BYTES = 1 << 20;

  private final Vertx vertx;
  private final PeerClient client;
  private final Endpoints endpoints;
  private final ProxyFile file;
  private final long intervalMillis;
  private final Log log;
  private volatile List<String> peerUrls;
  private volatile boolean closed;

  MembersWatch(
      Vertx vertx,
      PeerClient client,
      Endpoints endpoints,
      ProxyFile file,
      long intervalMillis,
      Log log) {
    this.vertx = vertx;
    this.client = client;
    this.endpoints = endpoints;
    this.file = file;
    this.intervalMillis = intervalMillis;
    this.log = log;
    this.peerUrls = file.peerUrls();
  }

  /** Begins; the future ends when the members were asked once. */
  CompletableFuture<Void> start() {
    log.info("proxy using peer URLS", "peer-urls", peerUrls);
    return look();
  }

  private CompletableFuture<Void> look() {
    return ask(peerUrls, 0)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                log.warn("failed to learn the members", "peer-urls", peerUrls, "error", failure);
              }
              if (!closed) {
                long millis =
                    endpoints.usable().isEmpty()
                        ? Math.min(HASTY_MILLIS, intervalMillis)
                        : intervalMillis;
                vertx.setTimer(
                    Math.max(1, millis),
                    unused -> {
                      var unusedLook = look();
                    });
              }
            })
        .exceptionally(told -> null);
  }

  private CompletableFuture<Void> ask(List<String> urls, int at) {
    if (at == urls.size()) {
      return CompletableFuture.failedFuture(new IllegalStateException("no member answers"));
    }
    return client
        .call(
            HttpMethod.GET,
            urls.get(at),
            "/members",
            Map.of(),
            new byte[0],
            ANSWER_MILLIS,
            MAX_BYTES)
        .handle((answer, failure) -> failure == null && take(answer))
        .thenCompose(
            taken -> taken ? CompletableFuture.<Void>completedFuture(null) : ask(urls, at + 1));
  }

  private boolean take(PeerClient.Answer answer) {
    if (answer.status() != 200) {
      return false;
    }
    try {
      List<Member> members = MemberJson.readAll(new String(answer.body(), UTF_8));
      TreeSet<EtcdUrl> urls = new TreeSet<>();
      TreeSet<String> peers = new TreeSet<>();
      for (Member member : members) {
        peers.addAll(member.peerUrls());
        member.clientUrls().forEach(url -> urls.add(EtcdUrl.parse(url)));
      }
      if (peers.isEmpty()) {
        return false;
      }
      if (endpoints.replace(urls)) {
        log.info("endpoints found", "endpoints", urls);
      }
      remember(List.copyOf(peers));
      return true;
    } catch (IllegalArgumentException e) {
      log.warn("a member tells no members", "error", e);
      return false;
    }
  }

  private void remember(List<String> peers) {
    if (!peers.equals(peerUrls) || !file.isThere()) {
      peerUrls = peers;
      var unused =
          vertx.executeBlocking(
              () -> {
                file.write(peers);
                return null;
              });
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
