package io.etcdj.server.peer;

/**
 * The clock of the cluster, from which the patience with peers is derived.
 *
 * @param tickMillis length of a tick, {@code --heartbeat-interval}
 * @param electionTicks how many of them make an election timeout
 */
public record PeerTiming(long tickMillis, int electionTicks) {

  /** How long a dial may take: a second more than a follower waits for its leader. */
  long dialTimeoutMillis() {
    return 1_000 + tickMillis * electionTicks;
  }
}
