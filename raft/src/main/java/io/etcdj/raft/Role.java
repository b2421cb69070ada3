package io.etcdj.raft;

/** What a member is doing in its current term (paper §5.1, figure 4). */
public enum Role {
  /** Listens to a leader, or waits for one. */
  FOLLOWER,
  /** Asks whether an election could be won, without raising its term yet (thesis §9.6). */
  PRE_CANDIDATE,
  /** Raised its term, voted for itself and asks for votes (§5.2). */
  CANDIDATE,
  /** Won the election of its term; the only one to append new entries. */
  LEADER
}
