package io.etcdj.server.member;

import io.etcdj.raft.RaftCore;

/** What this member last saw of the agreement. Written by the member thread, read by any. */
public final class RaftView {
  private volatile long leader;
  private volatile long leaderSinceNanos = System.nanoTime();
  private volatile long leaderlessSinceNanos = System.nanoTime();
  private volatile long term;
  private volatile long committed;
  private volatile boolean leads;

  /** Takes over what the core knows now; on the member thread. */
  public void see(RaftCore core) {
    // Reads of volatiles are cheap, writes are not, and hardly anything changes.
    if (term != core.term()) {
      term = core.term();
    }
    if (leader != core.leader()) {
      if (core.leader() == 0) {
        leaderlessSinceNanos = System.nanoTime(); // before: who sees that there is none looks
      } else {
        leaderSinceNanos = System.nanoTime();
      }
      leader = core.leader();
    }
    if (leads != core.isLeader()) {
      leads = core.isLeader();
    }
  }

  /** Notes the newest entry that is committed; on the member thread. */
  public void committed(long index) {
    committed = index;
  }

  /** The leader of this term as far as known, or 0. */
  public long leader() {
    return leader;
  }

  /** When the last leader became known, as {@link System#nanoTime}. */
  public long leaderSinceNanos() {
    return leaderSinceNanos;
  }

  /** When the last leader was lost, as {@link System#nanoTime}; while there is none. */
  public long leaderlessSinceNanos() {
    return leaderlessSinceNanos;
  }

  public long term() {
    return term;
  }

  public long committed() {
    return committed;
  }

  /** Whether this member leads, as far as it knows: another one may have been elected since. */
  public boolean leads() {
    return leads;
  }
}
