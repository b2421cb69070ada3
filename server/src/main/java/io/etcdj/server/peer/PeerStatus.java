package io.etcdj.server.peer;

import io.etcdj.server.log.Log;
import io.etcdj.server.metrics.Gauge;

/**
 * Whether a member is reached, by whatever channel. Any thread.
 *
 * <p>The first success makes it active, any failure inactive: a member whose streams break again
 * and again is not there long enough for a change of the membership to count on it.
 */
final class PeerStatus {
  static final long INACTIVE = -1;

  private final String local;
  private final String remote;
  private final PeerMetrics metrics;
  private final Gauge active;
  private final Log log;
  private volatile long sinceNanos = INACTIVE;
  private boolean forgotten;

  PeerStatus(String local, String remote, PeerMetrics metrics, Log log) {
    this.local = local;
    this.remote = remote;
    this.metrics = metrics;
    this.active = metrics.activePeers.with(local, remote);
    this.log = log;
  }

  /** Since when, as {@link System#nanoTime}; -1 while inactive. */
  long activeSinceNanos() {
    return sinceNanos;
  }

  boolean isActive() {
    return sinceNanos != INACTIVE;
  }

  void succeeded() {
    if (isActive()) {
      return; // asked for on each message
    }
    synchronized (this) {
      if (isActive() || forgotten) {
        return;
      }
      long now = System.nanoTime();
      sinceNanos = now == INACTIVE ? now - 1 : now;
      active.add(1);
    }
    log.info("peer became active", "peer-id", remote);
  }

  /**
   * Notes a failure.
   *
   * @param action what was tried: dial, read, write, heartbeat, post
   * @param channel on what
   */
  void failed(String action, String channel, String why) {
    synchronized (this) {
      if (!isActive()) {
        return;
      }
      sinceNanos = INACTIVE;
      active.add(-1);
    }
    metrics.disconnectedPeers.with(local, remote).increment();
    log.warn(
        "peer became inactive (message send to peer failed)",
        "peer-id",
        remote,
        "error",
        "failed to " + action + " " + remote + " on " + channel + " (" + why + ")");
  }

  /** The member is none of ours any more. */
  void forget() {
    synchronized (this) {
      forgotten = true; // what is still on its way may succeed later
      if (isActive()) {
        sinceNanos = INACTIVE;
        active.add(-1);
      }
    }
  }
}
