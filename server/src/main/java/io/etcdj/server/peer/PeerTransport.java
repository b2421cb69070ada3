package io.etcdj.server.peer;

import io.etcdj.api.raftpb.Message;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.MemberLoop;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.storage.snap.SnapFiles;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Raft messages to and from the other members. */
public final class PeerTransport implements MemberLoop.Network, AutoCloseable {
  @SuppressWarnings({"unused", "InconsistentOverloads"})
  public PeerTransport(
      Vertx vertx,
      PeerIdentity self,
      PeerTiming timing,
      @Nullable PeerTls tls,
      SnapFiles snapshots,
      PeerReceiver receiver,
      Executor workers,
      MetricRegistry metrics,
      Log log) {}

  /** Starts talking to a member. Any thread; without effect if it is known. */
  public void addPeer(long id, List<String> urls) {}

  /** The member is reached elsewhere from now on. Any thread. */
  public void updatePeer(long id, List<String> urls) {}

  /** Stops talking to a member. Any thread. */
  public void removePeer(long id) {}

  public void removeAllPeers() {}

  @Override
  public void send(List<Message> messages) {}

  /**
   * Sends a snapshot with its database. Any thread; the outcome is told to the receiver.
   *
   * @param message a MsgSnap with to, from and term
   */
  public void sendSnapshot(Message message, SnapshotBody body) {}

  /**
   * Since when the member is reached without interruption, as {@link System#nanoTime}; -1 while it
   * is not.
   */
  public long activeSinceNanos(long id) {
    return -1;
  }

  /** Whether that member is known to be an etcdj. */
  public boolean isOwnKind(long id) {
    return false;
  }

  /** Serves the peers' requests; for the routes of the peer listeners. */
  public void addRoutes(Routes routes) {}

  @Override
  public void close() {}
}
