package io.etcdj.server.boot;

import io.etcdj.api.raftpb.ConfState;
import io.etcdj.raft.RaftCore;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.read.ReadGate;

/**
 * What a member may do while it is the only voter: stand for leader without waiting, and let reads
 * pass without a round; see {@link ReadGate}. All on the member thread, but for what is said
 * otherwise.
 */
final class LoneVoter {
  private final long self;
  private final RaftView view;
  private final ReadGate gate;

  /** The newest term whose first entry is applied. */
  private volatile long startedTerm;

  private volatile boolean alone;
  private volatile boolean stopped;

  LoneVoter(long self, RaftView view, ReadGate gate) {
    this.self = self;
    this.view = view;
    this.gate = gate;
  }

  /** Whether this member is the only voter, as far as it is known. Any thread. */
  boolean isAlone() {
    return alone;
  }

  /** The configuration is another; before anything happens under it. */
  void configured(ConfState state) {
    alone =
        state.getVotersCount() == 1
            && state.getVoters(0) == self
            && state.getVotersOutgoingCount() == 0;
    look();
  }

  /** A member without others need not wait for an election timeout. */
  void stand(RaftCore core) {
    configured(core.confState());
    if (alone && core.leader() == 0) {
      core.campaign();
    }
  }

  /** The first entry of a term is applied; {@link #look} comes behind. The apply thread. */
  void started(long term) {
    startedTerm = term;
  }

  /** Opens the gate or closes it, as things are now. */
  void look() {
    gate.setOpen(alone && view.leads() && startedTerm == view.term() && !stopped);
  }

  /** No read may pass any more. Any thread. */
  void stop() {
    stopped = true;
  }
}
