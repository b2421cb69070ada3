package io.etcdj.server.cluster;

import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.peer.PeerIdentity;
import io.etcdj.server.peer.PeerTransport;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.Membership;
import io.vertx.core.http.HttpMethod;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The other members: the transport is connected to those whom the membership names, and each can be
 * asked by plain HTTP.
 *
 * <p>Changed by the apply thread; asked by any.
 */
public final class Peers {
  /** An answer of a peer to one of our questions is never longer. */
  private static final int MAX_ANSWER_BYTES = 100 << 20;

  private final long self;
  private final Map<String, String> headers;
  private final Membership membership;
  private final PeerTransport transport;
  private final PeerClient client;
  private final Set<Long> connected = new HashSet<>();

  public Peers(
      PeerIdentity self, Membership membership, PeerTransport transport, PeerClient client) {
    this.self = self.memberId();
    this.headers = Map.of("X-Etcd-Cluster-ID", Long.toHexString(self.clusterId()));
    this.membership = membership;
    this.transport = transport;
    this.client = client;
  }

  /** Connects to members; before the first entry is applied they are those of the flags. */
  public synchronized void connect(List<Member> members) {
    for (Member member : members) {
      if (member.id() != self && connected.add(member.id())) {
        transport.addPeer(member.id(), member.peerUrls());
      }
    }
  }

  /** Follows a change of members. */
  public synchronized void follow(Membership.Change change) {
    long id = change.memberId();
    if (id == self) {
      return;
    }
    Member member = membership.member(id);
    switch (change.kind()) {
      case ADDED, UPDATED -> {
        if (member == null) {
          return; // removed by a later entry, whose change follows
        }
        if (connected.add(id)) {
          transport.addPeer(id, member.peerUrls());
        } else {
          transport.updatePeer(id, member.peerUrls());
        }
      }
      case PROMOTED -> {} // reached as before
      case REMOVED -> {
        if (connected.remove(id)) {
          transport.removePeer(id);
        }
      }
    }
  }

  /** Starts over from the membership, as after an installed snapshot. */
  public synchronized void rebuild() {
    for (long id : Set.copyOf(connected)) {
      if (membership.member(id) == null) {
        connected.remove(id);
        transport.removePeer(id);
      }
    }
    for (Member member : membership.members()) {
      if (connected.contains(member.id())) {
        transport.updatePeer(member.id(), member.peerUrls());
      }
    }
    connect(membership.members());
  }

  /** The members but this one. */
  public List<Member> others() {
    return membership.members().stream().filter(member -> member.id() != self).toList();
  }

  /** Whether a member has been reached without a break for so long; this one always is. */
  public boolean activeFor(long id, long millis) {
    return id == self || activeNanos(id) >= TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** For how long another member has been reached without a break; -1 if it is not. */
  public long activeNanos(long id) {
    long since = transport.activeSinceNanos(id);
    return since < 0 ? -1 : System.nanoTime() - since;
  }

  /** Of these members, how many are reached now, this one included. */
  public int active(List<Member> members) {
    return (int) members.stream().filter(member -> activeFor(member.id(), 0)).count();
  }

  /** Asks a member, at one of its URLs after the other until one answers. */
  public CompletableFuture<PeerClient.Answer> ask(
      Member member, HttpMethod method, String path, byte[] body, long timeoutMillis) {
    return ask(member.peerUrls(), 0, method, path, body, timeoutMillis);
  }

  private CompletableFuture<PeerClient.Answer> ask(
      List<String> urls, int at, HttpMethod method, String path, byte[] body, long timeoutMillis) {
    if (at >= urls.size()) {
      return CompletableFuture.failedFuture(new IllegalStateException("no peer URL answers"));
    }
    CompletableFuture<PeerClient.Answer> answer =
        client.call(method, urls.get(at), path, headers, body, timeoutMillis, MAX_ANSWER_BYTES);
    if (at + 1 == urls.size()) {
      return answer;
    }
    return answer.exceptionallyCompose(
        failure -> ask(urls, at + 1, method, path, body, timeoutMillis));
  }

  /** The member of this id, or null if there is none or it is this one. */
  public @Nullable Member other(long id) {
    return id == self ? null : membership.member(id);
  }
}
