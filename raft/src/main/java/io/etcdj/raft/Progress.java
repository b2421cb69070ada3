package io.etcdj.raft;

/**
 * What the leader knows of one member's log, and what it may send next.
 *
 * <pre>
 *   new leader, its log ends at 10      PROBE      match 0  next 11
 *   rejected 10, "try 6"                PROBE      match 0  next 7
 *   accepted 7                          REPLICATE  match 7  next 8
 *   sent 8..9, then 10                  REPLICATE  match 7  next 11   two in flight
 *   accepted 9                          REPLICATE  match 9  next 11   one in flight
 *   unreachable                         PROBE      match 9  next 10
 *   entry 10 is compacted, snapshot 20  SNAPSHOT   match 9  next 21
 * </pre>
 *
 * <p>Always {@code match < next}.
 */
final class Progress {
  /** For so many election timeouts a member may be silent before it counts as gone. */
  private static final int PATIENCE = 10;

  /** Appends to one member at once. */
  private static final int MAX_BURST = 8;

  final long id;
  private final Inflights inflights;

  private long match;
  private long next;
  private long pendingSnapshot;

  /** Appends answered since others were sent. */
  private int answered;

  /** The highest commit index that an append on its way carries. */
  private long sentCommit;

  private ProgressState state = ProgressState.PROBE;

  /** Nothing goes out until an answer to anything comes in. */
  private boolean flowPaused;

  /** Whether the member was heard of since the leader last asked itself whether it has a quorum. */
  private boolean recentActive;

  /** How often in a row it was not, when the leader asked. */
  private int silences = PATIENCE;

  /** The transport could not reach it, and it was not heard of since. */
  private boolean lost;

  boolean isLearner;

  /** The next flush sends what there is; see {@link RaftCore}. */
  boolean appendDue;

  /** The next flush sends an append even without entries: the answer is what counts. */
  boolean probeDue;

  Progress(long id, long next, Inflights inflights) {
    this.id = id;
    this.next = next;
    this.inflights = inflights;
  }

  long match() {
    return match;
  }

  long next() {
    return next;
  }

  long pendingSnapshot() {
    return pendingSnapshot;
  }

  ProgressState state() {
    return state;
  }

  boolean isPaused() {
    return state == ProgressState.SNAPSHOT || flowPaused;
  }

  /** In a full window only empty appends go out: if all in flight were lost, one shows it. */
  boolean windowIsFull() {
    return state == ProgressState.REPLICATE && inflights.isFull();
  }

  /** Starts over for a new term. */
  void reset(long nextIndex, long matchIndex) {
    become(ProgressState.PROBE);
    match = matchIndex;
    next = nextIndex;
    sentCommit = 0;
    recentActive = false;
    silences = PATIENCE;
    lost = false;
    appendDue = false;
    probeDue = false;
  }

  void becomeProbe() {
    // After a snapshot its index is the best guess; if it was lost, the probe will tell.
    long snapshot = state == ProgressState.SNAPSHOT ? pendingSnapshot : 0;
    become(ProgressState.PROBE);
    next = Math.max(match, snapshot) + 1;
    sentCommit = Math.min(sentCommit, next - 1);
  }

  void becomeReplicate() {
    become(ProgressState.REPLICATE);
    next = match + 1;
  }

  void becomeSnapshot(long index) {
    become(ProgressState.SNAPSHOT);
    pendingSnapshot = index;
    next = index + 1;
    sentCommit = index;
  }

  private void become(ProgressState newState) {
    state = newState;
    flowPaused = false;
    pendingSnapshot = 0;
    answered = 0;
    inflights.clear();
  }

  /** A snapshot went wrong: there is no index to resume from but the match. */
  void forgetSnapshot() {
    pendingSnapshot = 0;
  }

  void pause() {
    flowPaused = true;
  }

  void resume() {
    flowPaused = false;
  }

  /** An append has been sent. */
  void sent(int entries, long payloadBytes, long commit) {
    sentCommit = commit;
    switch (state) {
      case REPLICATE -> {
        if (entries > 0) {
          next += entries; // optimistic: the answer will come
          inflights.add(next - 1, payloadBytes);
        }
        flowPaused = inflights.isFull();
      }
      case PROBE -> {
        if (entries > 0) {
          flowPaused = true;
        }
      }
      case SNAPSHOT -> throw new IllegalStateException("sent an append during a snapshot");
    }
  }

  /** Whether an empty append could tell the follower of a commit that it has not heard of. */
  boolean couldLearnCommit(long commit) {
    return commit > sentCommit && sentCommit < next - 1;
  }

  /** The member holds everything up to {@code index}; false if that is not new. */
  boolean maybeUpdate(long index) {
    if (index <= match) {
      return false;
    }
    match = index;
    next = Math.max(next, index + 1);
    flowPaused = false;
    return true;
  }

  boolean recentActive() {
    return recentActive;
  }

  /** The member gives a sign of life. */
  void heard() {
    recentActive = true;
    lost = false;
  }

  /** The leader has asked itself whether it has a quorum, and will again. */
  void startPeriod() {
    silences = recentActive ? 0 : silences + 1;
    recentActive = false;
  }

  /** The transport could not deliver: the member may have missed appends, or be no more. */
  void lose() {
    lost = true;
    if (state == ProgressState.REPLICATE) {
      becomeProbe(); // what was sent optimistically may be lost
    }
  }

  /**
   * The first entry that the member has yet to get from the log; {@link Long#MAX_VALUE} if the
   * member seems to be gone.
   */
  long needed() {
    if (state == ProgressState.SNAPSHOT) {
      return next; // whoever sends it tells if it fails
    }
    if (lost || (!recentActive && silences >= PATIENCE)) {
      return Long.MAX_VALUE;
    }
    return state == ProgressState.PROBE ? next : match + 1;
  }

  void freeInflights() {
    answered += inflights.freeThrough(match);
  }

  /**
   * How many appends may be sent to the member now: two for each that it has answered since this
   * was asked last, but not many at once. So a window fills by doubling, and a member that needs
   * much of the log does not keep the leader from the others meanwhile.
   */
  int takeBurst() {
    int burst = Math.min(2 * Math.max(1, answered), MAX_BURST);
    answered = 0;
    return burst;
  }

  /**
   * The member rejected an append after {@code rejected}; its log may match at {@code hint}.
   *
   * @return false when the answer is out of date
   */
  boolean maybeDecreaseTo(long rejected, long hint) {
    if (state == ProgressState.REPLICATE) {
      if (rejected <= match) {
        return false; // overtaken by a later answer
      }
      next = match + 1;
      sentCommit = Math.min(sentCommit, next - 1);
      return true;
    }
    if (next - 1 != rejected) {
      return false; // not the probe that is out there
    }
    next = Math.max(Math.min(rejected, hint + 1), match + 1);
    sentCommit = Math.min(sentCommit, next - 1);
    flowPaused = false;
    return true;
  }

  FollowerStatus status() {
    return new FollowerStatus(
        id, match, next, state, pendingSnapshot, recentActive, isLearner, isPaused());
  }
}
