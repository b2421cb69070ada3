package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.log.Level;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.MemberLoop;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Raft messages to and from the other members.
 *
 * <p>Any thread may call it. Which members there are is told, not found out: by {@link #addPeer} as
 * the configuration changes. A stranger of the same cluster that speaks to us is remembered as a
 * {@link Remote}, so that a snapshot can tell it, or us, what we missed.
 */
public final class PeerTransport implements MemberLoop.Network, AutoCloseable {
  /** Strangers that are remembered at most; a cluster does not add so many while we are away. */
  private static final int MAX_REMOTES = 64;

  private final PeerEnvironment environment;
  private final PeerRoutes routes;
  private final PeerClient client;
  private final ConcurrentMap<Long, Peer> peers = new ConcurrentHashMap<>();
  private final ConcurrentMap<Long, Remote> remotes = new ConcurrentHashMap<>();

  /** Held while the two maps change. */
  private final Object lock = new Object();

  private boolean closed;

  /**
   * Talks to nobody yet.
   *
   * @param vertx with one event loop, which the listeners share: then what other members say is
   *     answered on the thread that it comes by
   * @param tls how to dial https URLs; null if nothing is said about that
   * @param snapshots where received databases are kept
   * @param workers reads and writes databases; must have a thread to spare for each at once
   */
  public PeerTransport(
      Vertx vertx,
      PeerIdentity self,
      PeerTiming timing,
      @Nullable PeerTls tls,
      SnapshotStore snapshots,
      PeerReceiver receiver,
      Executor workers,
      MetricRegistry metrics,
      Log log) {
    client = new PeerClient(vertx, tls, timing.dialTimeoutMillis());
    environment =
        new PeerEnvironment(
            vertx,
            new PeerHeaders(self),
            timing,
            client,
            receiver,
            new PeerMetrics(metrics),
            workers,
            log);
    routes = new PeerRoutes(environment, snapshots, new Known());
    known(self.memberId(), true);
  }

  private void known(long id, boolean known) {
    environment
        .metrics()
        .knownPeers
        .with(environment.headers().localId(), PeerHeaders.hex(id))
        .set(known ? 1 : 0);
  }

  /**
   * Starts talking to a member, unless it is known.
   *
   * @throws IllegalArgumentException if a URL is none, or none is given
   */
  public void addPeer(long id, List<String> urls) {
    List<EtcdUrl> parsed = parse(urls);
    synchronized (lock) {
      if (closed || peers.containsKey(id)) {
        return;
      }
      Remote stranger = remotes.remove(id);
      if (stranger != null) {
        stranger.stop();
      }
      Peer peer = new Peer(id, parsed, environment, environment.vertx().getOrCreateContext());
      peers.put(id, peer);
      peer.start();
    }
    known(id, true);
    log("added remote peer", id, urls);
  }

  /** The member is reached elsewhere from now on. */
  public void updatePeer(long id, List<String> urls) {
    Peer peer = peers.get(id);
    if (peer != null) {
      peer.urls().update(parse(urls));
      log("updated remote peer", id, urls);
    }
  }

  /** Stops talking to a member. */
  public void removePeer(long id) {
    synchronized (lock) {
      Peer peer = peers.remove(id);
      if (peer == null) {
        return;
      }
      peer.stop();
    }
    known(id, false);
    environment
        .log()
        .info(
            "removed remote peer",
            "local-member-id",
            environment.headers().localId(),
            "removed-remote-peer-id",
            PeerHeaders.hex(id));
  }

  public void removeAllPeers() {
    for (long id : new ArrayList<>(peers.keySet())) {
      removePeer(id);
    }
  }

  private static List<EtcdUrl> parse(List<String> urls) {
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("a member without peer URLs");
    }
    return urls.stream().map(EtcdUrl::parse).toList();
  }

  private void log(String text, long id, List<String> urls) {
    environment
        .log()
        .info(
            text,
            "local-member-id",
            environment.headers().localId(),
            "remote-peer-id",
            PeerHeaders.hex(id),
            "remote-peer-urls",
            urls);
  }

  /** Sends what can be sent. Never blocks; what a queue does not take is lost, and Raft is told. */
  @Override
  public void send(List<Message> messages) {
    List<Remote> flooded = new ArrayList<>(0);
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      Remote to = target(message.getTo());
      if (to == null) {
        logUnknown(message);
      } else if (message.getType() == MessageType.MsgSnap) {
        environment.receiver().snapshotDone(to.id(), false); // it has a way of its own
      } else if (!saidBetterLater(message, messages, i) && !to.send(message)) {
        if (!flooded.contains(to)) {
          flooded.add(to);
        }
      }
    }
    for (Peer peer : peers.values()) {
      peer.flush();
    }
    for (Remote lossy : flooded) {
      environment.receiver().unreachable(lossy.id());
    }
  }

  /** Of acknowledgements in one batch, the last one says it all. */
  private static boolean saidBetterLater(Message message, List<Message> batch, int at) {
    if (message.getType() != MessageType.MsgAppResp || message.getReject()) {
      return false;
    }
    for (int i = at + 1; i < batch.size(); i++) {
      Message later = batch.get(i);
      if (later.getType() == MessageType.MsgAppResp
          && !later.getReject()
          && later.getTo() == message.getTo()
          && later.getTerm() == message.getTerm()
          && Long.compareUnsigned(later.getIndex(), message.getIndex()) >= 0) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Remote target(long id) {
    if (id == 0) {
      return null;
    }
    Remote peer = peers.get(id);
    if (peer != null) {
      return peer;
    }
    Remote stranger = remotes.get(id);
    return stranger == null || environment.receiver().isRemoved(id) ? null : stranger;
  }

  private void logUnknown(Message message) {
    if (message.getTo() != 0 && environment.log().isEnabled(Level.DEBUG)) {
      environment
          .log()
          .debug(
              "ignored message send request; unknown remote peer target",
              "type",
              message.getType(),
              "unknown-target-peer-id",
              PeerHeaders.hex(message.getTo()));
    }
  }

  /**
   * Sends a snapshot with its database. The outcome is told to the receiver, and the body is
   * closed, whatever happens.
   *
   * @param message a MsgSnap with to, from and term; its snapshot names the index
   */
  public void sendSnapshot(Message message, SnapshotBody body) {
    Remote to = target(message.getTo());
    if (to != null) {
      new SnapshotSender(to, message, body).start();
      return;
    }
    try {
      environment.workers().execute(body::close);
    } catch (RejectedExecutionException stopping) {
      body.close();
    }
    environment.receiver().snapshotDone(message.getTo(), false);
  }

  /**
   * Since when the member is reached without a failure, as {@link System#nanoTime}; -1 while it is
   * not.
   */
  public long activeSinceNanos(long id) {
    Peer peer = peers.get(id);
    return peer == null ? PeerStatus.INACTIVE : peer.status().activeSinceNanos();
  }

  /** Whether that member is known to be an etcdj. */
  public boolean isOwnKind(long id) {
    Peer peer = peers.get(id);
    return peer != null && peer.isOwnKind();
  }

  /** Serves the peers' requests; for the routes of the peer listeners. */
  public void addRoutes(Routes to) {
    routes.addTo(to);
  }

  /** Stops talking to everybody. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      peers.values().forEach(Peer::stop);
      peers.clear();
      remotes.values().forEach(Remote::stop);
      remotes.clear();
    }
    client.close();
  }

  /** What the routes see of us. */
  private final class Known implements PeerRoutes.Members {
    @Override
    public @Nullable Peer peer(long id) {
      return peers.get(id);
    }

    @Override
    public void addRemote(long id, List<String> urls) {
      if (id == 0
          || id == environment.headers().self().memberId()
          || peers.containsKey(id)
          || remotes.containsKey(id)
          || environment.receiver().isRemoved(id)) {
        return;
      }
      List<EtcdUrl> parsed;
      try {
        parsed = parse(urls);
      } catch (IllegalArgumentException e) {
        environment.log().warn("malformed URLs of a remote peer", "error", e);
        return;
      }
      synchronized (lock) {
        if (closed || peers.containsKey(id) || remotes.size() >= MAX_REMOTES) {
          return;
        }
        remotes.computeIfAbsent(
            id,
            unused ->
                new Remote(id, parsed, environment, environment.vertx().getOrCreateContext()));
      }
      log("added new remote peer", id, urls);
    }

    @Override
    public void sawOwnVersion(long id, @Nullable String header) {
      Peer peer = peers.get(id);
      if (peer != null) {
        peer.sawOwnVersion(header);
      }
    }
  }
}
