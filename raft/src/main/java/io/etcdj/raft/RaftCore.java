package io.etcdj.raft;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeV2;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One member's part in the agreement: inputs go in by methods, what is to be done comes out as a
 * {@link Ready}.
 *
 * <p>Confined to one thread, which owns it. The same inputs, in the same order and with the same
 * random source, give the same outputs: there is no clock (time is the number of {@link #tick}s),
 * no disk ({@link LogStorage} is only read) and no network.
 *
 * <pre>
 *   campaign()                    a cluster of one: LEADER of term 1
 *   ready()                       save term 1, vote 1, the empty entry 1
 *   advance(…)                    entry 1 is on disk, so it is committed
 *   propose("x")                  true
 *   ready()                       save entry 2; apply entry 1
 *   advance(…)
 *   ready()                       apply entry 2
 * </pre>
 *
 * <p>Appends and heartbeats are not sent where the reason for them arises but once per {@code
 * Ready} ({@link #flush}): a thousand proposals make one append per follower, a thousand reads one
 * heartbeat.
 *
 * <p>"§" with no further word is the extended Raft paper (Ongaro, Ousterhout, 2014); "thesis" is
 * Ongaro's dissertation. Messages are etcd's, field by field.
 */
public final class RaftCore {
  /** No member: no leader, no vote. */
  private static final long NONE = 0;

  /** What a vote request carries when the leader itself asked for the election. */
  private static final ByteString TRANSFER_CONTEXT = ByteString.copyFromUtf8("CampaignTransfer");

  /** What the heartbeats of a removed leader carry; see {@link #startFarewell}. */
  private static final ByteString FAREWELL_CONTEXT = ByteString.copyFromUtf8("Farewell");

  /** Why a member campaigns. */
  private enum Campaign {
    /** To learn whether an election could be won (thesis §9.6). */
    PRE_ELECTION,
    /** The election timeout has passed (§5.2). */
    ELECTION,
    /** The leader hands over: members vote although they hear a leader (thesis §3.10). */
    TRANSFER
  }

  /** A read that came before this leader could know the commit index (thesis §6.4). */
  private record PostponedRead(long from, ByteString context) {}

  private final RaftConfig config;
  private final long id;
  private final RaftLog log;
  private final Tracker tracker;
  private final RandomGenerator random;

  // Saved before anything depends on it, together with the commit index (figure 2).
  private long term;
  private long vote;

  private Role role = Role.FOLLOWER;
  private long leader = NONE;

  /** Ticks since the last sign of a leader, or, on a leader, since the last quorum check. */
  private int electionElapsed;

  private int heartbeatElapsed;

  /** This term's timeout, drawn anew on each change of term or role (§5.2). */
  private int electionTimeout;

  // Only on a leader.
  private long leadTransferee = NONE;
  private long uncommittedBytes;
  private final ReadOnly readOnly = new ReadOnly();
  private final List<PostponedRead> postponedReads = new ArrayList<>();

  /** No configuration change is appended before the entry at this index is applied. */
  private long pendingConfIndex;

  /** Not 0 on a leader that has applied its own removal: what the others must know committed. */
  private long farewellIndex;

  private final Set<Long> farewellHeardBy = new HashSet<>();

  private boolean appendsDue;
  private boolean heartbeatDue;

  /** Configuration changes that were handed out and for which no applyConfChange came yet. */
  private int unappliedConfChanges;

  // What the next Ready takes along, and what the last one told.
  private List<Message> messages = new ArrayList<>();
  private List<ReadState> readStates = new ArrayList<>();
  private SoftState toldSoftState;
  private HardState toldHardState;
  private @Nullable Ready outstanding;

  /**
   * A follower that takes up where {@code storage} ends.
   *
   * @param random draws the election timeouts; the seed decides
   */
  public RaftCore(RaftConfig config, LogStorage storage, RandomGenerator random) {
    this.config = config;
    this.id = config.id();
    this.random = random;
    this.log = new RaftLog(storage);
    this.tracker = new Tracker(config.maxInflightMessages(), config.maxInflightBytes());

    InitialState initial = storage.initialState();
    term = initial.hardState().getTerm();
    vote = initial.hardState().getVote();
    log.commitTo(initial.hardState().getCommit());
    if (config.applied() > log.applied()) {
      log.appliedTo(config.applied());
    }
    tracker.install(Configuration.of(initial.confState()), log.lastIndex());
    becomeFollower(term, NONE);
    toldSoftState = softState();
    toldHardState = hardState();
  }

  // ---------------------------------------------------------------------------------------------
  // What the owner may ask
  // ---------------------------------------------------------------------------------------------

  /** One unit of time has passed. */
  public void tick() {
    if (role == Role.LEADER) {
      tickLeader();
    } else {
      tickElection();
    }
  }

  /** Starts an election now, if this member may win one. */
  public void campaign() {
    campaignIfPromotable(config.preVote() ? Campaign.PRE_ELECTION : Campaign.ELECTION);
  }

  /** Appends a command, or sends it to the leader. As {@link #propose(List)}. */
  public boolean propose(ByteString data) {
    if (role != Role.LEADER) {
      return propose(List.of(proposal(EntryType.EntryNormal, data)));
    }
    if (!admits(data.size())) {
      return false;
    }
    append(EntryType.EntryNormal, data);
    broadcastAppends();
    return true;
  }

  /**
   * Appends commands, or sends them to the leader; type and data of the entries count.
   *
   * @return false when they were dropped: no leader is known, leadership is being handed over, too
   *     much waits for its commit, this leader is no member, or forwarding is off. True promises
   *     nothing: only the committed entry tells.
   */
  public boolean propose(List<Entry> entries) {
    return switch (role) {
      case LEADER -> appendProposals(entries);
      case FOLLOWER -> forwardProposals(id, entries);
      case PRE_CANDIDATE, CANDIDATE -> false; // no leader to ask
    };
  }

  /** Proposes a change of one member. A second one while one is pending becomes an empty entry. */
  public boolean proposeConfChange(ConfChange change) {
    return propose(List.of(proposal(EntryType.EntryConfChange, change.toByteString())));
  }

  /** Proposes any change; one without changes leaves a joint configuration. */
  public boolean proposeConfChange(ConfChangeV2 change) {
    return propose(List.of(proposal(EntryType.EntryConfChangeV2, change.toByteString())));
  }

  /**
   * Asks for an index that a linearizable read must wait for; the answer is a {@link ReadState}
   * with the same context. May be lost, as a message may be: ask again with a new context.
   */
  public void readIndex(ByteString context) {
    switch (role) {
      case LEADER -> onReadIndex(id, context);
      case FOLLOWER -> {
        if (leader != NONE) {
          send(readIndexMessage(MessageType.MsgReadIndex, leader, id, context));
        }
      }
      case PRE_CANDIDATE, CANDIDATE -> {} // nobody to ask
    }
  }

  /** Hands leadership over to {@code to}; a follower passes the wish on to the leader. */
  public void transferLeader(long to) {
    switch (role) {
      case LEADER -> onTransferLeader(to);
      case FOLLOWER -> {
        if (leader != NONE) {
          send(message(MessageType.MsgTransferLeader, leader).setFrom(to).build());
        }
      }
      case PRE_CANDIDATE, CANDIDATE -> {}
    }
  }

  /**
   * Forgets the leader without waiting for its lease to end, so that this follower grants votes at
   * once. Not with lease-based reads: the lease is what they rely on.
   */
  public void forgetLeader() {
    if (role == Role.FOLLOWER && config.readOnly() != ReadOnlyOption.LEASE_BASED) {
      leader = NONE;
    }
  }

  /** The transport could not deliver: the member may have missed appends. */
  public void reportUnreachable(long member) {
    Progress progress = leaderProgress(member);
    if (progress != null) {
      progress.lose();
    }
  }

  /**
   * The first entry that a member has yet to get from this leader's log: if it were cut, that
   * member would need a snapshot. Members do not count that were not heard of for ten election
   * timeouts (with check-quorum), that the transport could not reach, or for which the log is too
   * short already; one that gets a snapshot does. {@link Long#MAX_VALUE} when this is no leader.
   */
  public long neededIndex() {
    long needed = Long.MAX_VALUE;
    if (role == Role.LEADER) {
      for (Progress member : tracker.members()) {
        long index = member.needed();
        if (index >= log.firstIndex()) {
          needed = Math.min(needed, index);
        }
      }
    }
    return needed;
  }

  /** A snapshot was delivered or failed; every one that was sent must be reported. */
  public void reportSnapshot(long member, boolean ok) {
    Progress progress = leaderProgress(member);
    if (progress == null || progress.state() != ProgressState.SNAPSHOT) {
      return;
    }
    if (!ok) {
      progress.forgetSnapshot();
    }
    progress.becomeProbe();
    // Installed: its answer is on the way. Failed: no second one before a heartbeat is answered.
    progress.pause();
  }

  /** A committed change of one member is applied; see {@link #applyConfChange(ConfChangeV2)}. */
  public ConfState applyConfChange(ConfChange change) {
    return applyConfChange(ConfChanger.widen(change));
  }

  /**
   * A committed change takes effect (etcd switches at apply, not at append as §6 does; one pending
   * change at a time keeps that safe). To be called exactly once for each configuration change of
   * {@link Ready#committedEntries}; with all ids 0 when the state machine refused it.
   *
   * @return the configuration now
   * @throws ConfChangeException when the change does not fit the configuration
   */
  public ConfState applyConfChange(ConfChangeV2 change) {
    Configuration next =
        isBlank(change)
            ? tracker.configuration()
            : ConfChanger.apply(tracker.configuration(), change);
    unappliedConfChanges = Math.max(0, unappliedConfChanges - 1);
    switchTo(next);
    leaveJointIfDue();
    return next.toConfState();
  }

  /** A message from another member. */
  public void step(Message m) {
    switch (m.getType()) {
      case MsgHup,
          MsgBeat,
          MsgUnreachable,
          MsgSnapStatus,
          MsgCheckQuorum,
          MsgStorageAppend,
          MsgStorageAppendResp,
          MsgStorageApply,
          MsgStorageApplyResp,
          MsgForgetLeader -> {} // never between members
      case MsgProp, MsgReadIndex -> stepInRole(m); // forwarded requests belong to no term
      default -> {
        if (settleTerm(m)) {
          stepInTerm(m);
        }
      }
    }
  }

  /** Whether {@link #ready} has something to do; false while one is not advanced. */
  public boolean hasReady() {
    if (outstanding != null) {
      return false;
    }
    flush();
    return !messages.isEmpty()
        || !readStates.isEmpty()
        || log.hasUnstableEntries()
        || log.hasNextCommitted()
        || log.pendingSnapshot() != null
        || softStateChanged()
        || hardStateChanged();
  }

  /** Whether the next {@link #ready} will have something that must be on disk before the rest. */
  public boolean mustSync() {
    return hasPromises() || log.hasUnstableEntries() || log.pendingSnapshot() != null;
  }

  /** Whether term or vote have changed since they were last handed out to be saved. */
  private boolean hasPromises() {
    return term != toldHardState.getTerm() || vote != toldHardState.getVote();
  }

  /**
   * Takes out what is to be done; see {@link Ready} for the order.
   *
   * @throws IllegalStateException when the last one is not advanced
   */
  public Ready ready() {
    if (outstanding != null) {
      throw new IllegalStateException("the last Ready is not advanced");
    }
    flush();
    SoftState soft = softStateChanged() ? softState() : null;
    HardState hard = hardStateChanged() ? hardState() : null;
    boolean promises = hasPromises();
    boolean mustSync = mustSync();
    List<Entry> entries = log.hasUnstableEntries() ? log.unstableEntries() : List.of();
    Snapshot snapshot = log.pendingSnapshot();
    Ready ready =
        new Ready(
            soft,
            hard,
            readStates,
            entries,
            snapshot,
            log.nextCommitted(config.maxCommittedBytesPerReady()),
            messages,
            mustSync,
            role == Role.LEADER && !promises);
    for (Entry entry : ready.committedEntries()) {
      if (entry.getType() != EntryType.EntryNormal) {
        unappliedConfChanges++;
      }
    }
    messages = new ArrayList<>();
    readStates = new ArrayList<>();
    toldSoftState = soft == null ? toldSoftState : soft;
    toldHardState = hard == null ? toldHardState : hard;
    outstanding = ready;
    return ready;
  }

  /** What {@code done} asked to save is on disk, and its committed entries are taken over. */
  @SuppressWarnings("ReferenceEquality") // this very Ready, not one like it
  public void advance(Ready done) {
    if (outstanding != done) {
      throw new IllegalStateException("advanced past a Ready that is not the last one");
    }
    outstanding = null;
    if (done.snapshot() != null) {
      long index = done.snapshot().getMetadata().getIndex();
      log.stableSnapshotTo(index);
      log.appliedTo(index);
    }
    if (!done.entries().isEmpty()) {
      Entry last = done.entries().get(done.entries().size() - 1);
      log.stableTo(last.getIndex(), last.getTerm());
    }
    if (!done.committedEntries().isEmpty()) {
      log.appliedTo(done.committedEntries().get(done.committedEntries().size() - 1).getIndex());
      uncommittedBytes = Math.max(0, uncommittedBytes - payloadBytes(done.committedEntries()));
    }
    if (role == Role.LEADER) {
      Progress self = tracker.get(id);
      // Thesis §10.2.1: the leader is one of the quorum only once its own write is durable.
      if (self != null && self.maybeUpdate(log.lastStableIndex())) {
        commitByQuorum();
      }
      leaveJointIfDue();
    }
  }

  public long id() {
    return id;
  }

  public long term() {
    return term;
  }

  /** The leader of this term, 0 when unknown. */
  public long leader() {
    return leader;
  }

  public Role role() {
    return role;
  }

  public boolean isLeader() {
    return role == Role.LEADER;
  }

  public long commit() {
    return log.committed();
  }

  /** The last entry that was handed out and advanced past. */
  public long applied() {
    return log.applied();
  }

  public long lastIndex() {
    return log.lastIndex();
  }

  /** The member that this leader is handing over to, 0 for none. */
  public long leadTransferee() {
    return leadTransferee;
  }

  /** Whether an entry of the current term is committed: from then on a leader knows its commits. */
  public boolean hasCommittedInTerm() {
    return log.term(log.committed()) == term;
  }

  public ConfState confState() {
    return tracker.configuration().toConfState();
  }

  /** Everything at once; not for hot paths. */
  public Status status() {
    List<FollowerStatus> followers = new ArrayList<>();
    if (role == Role.LEADER) {
      for (Progress member : tracker.members()) {
        followers.add(member.status());
      }
    }
    return new Status(
        id,
        term,
        vote,
        log.committed(),
        log.applied(),
        leader,
        role,
        leadTransferee,
        followers,
        confState());
  }

  // ---------------------------------------------------------------------------------------------
  // Time
  // ---------------------------------------------------------------------------------------------

  private void tickElection() {
    electionElapsed++;
    if (electionElapsed >= electionTimeout && isPromotable()) {
      electionElapsed = 0;
      campaign(); // §5.2: no sign of a leader for a whole timeout
    }
  }

  private void tickLeader() {
    heartbeatElapsed++;
    electionElapsed++;
    if (electionElapsed >= config.electionTicks()) {
      electionElapsed = 0;
      // In farewell it serves nobody: no harm in going on until the others can be told.
      if (config.checkQuorum() && !keepsQuorum() && farewellIndex == 0) {
        becomeFollower(term, NONE); // thesis §6.2: clients should look for another leader
        return;
      }
      leadTransferee = NONE; // thesis §3.10: not done within a timeout, so serve again
    }
    if (heartbeatElapsed >= config.heartbeatTicks()) {
      heartbeatElapsed = 0;
      heartbeatDue = true; // §5.2
    }
    leaveJointIfDue(); // an earlier try may have been dropped
  }

  /** Whether a quorum was heard since the last time; starts the next period. */
  private boolean keepsQuorum() {
    for (Progress member : tracker.members()) {
      if (member.id == id) {
        member.heard();
      }
    }
    boolean active = tracker.quorumIsActive();
    for (Progress member : tracker.members()) {
      member.startPeriod();
    }
    return active;
  }

  // ---------------------------------------------------------------------------------------------
  // Messages: first the term, then what is the same in every role, then the role
  // ---------------------------------------------------------------------------------------------

  /** Brings the terms together (§5.1); false when the message must go no further. */
  private boolean settleTerm(Message m) {
    if (m.getTerm() > term) {
      return onHigherTerm(m);
    }
    if (m.getTerm() < term) {
      onLowerTerm(m);
      return false;
    }
    return true;
  }

  private boolean onHigherTerm(Message m) {
    switch (m.getType()) {
      case MsgVote, MsgPreVote -> {
        boolean byTransfer = m.getContext().equals(TRANSFER_CONTEXT);
        boolean inLease =
            config.checkQuorum() && leader != NONE && electionElapsed < config.electionTicks();
        if (inLease && !byTransfer) {
          return false; // §6, thesis §4.2.3: who hears a leader does not help to depose it
        }
        if (m.getType() == MessageType.MsgPreVote) {
          return true; // thesis §9.6: asking for a pre-vote changes nobody's term
        }
        becomeFollower(m.getTerm(), NONE);
      }
      case MsgPreVoteResp -> {
        if (!m.getReject()) {
          return true; // granted for the term that we asked about, which we are not in yet
        }
        becomeFollower(m.getTerm(), NONE);
      }
      case MsgApp, MsgHeartbeat, MsgSnap -> becomeFollower(m.getTerm(), m.getFrom());
      default -> becomeFollower(m.getTerm(), NONE);
    }
    return true;
  }

  private void onLowerTerm(Message m) {
    switch (m.getType()) {
      case MsgApp, MsgHeartbeat -> {
        // A leader that this member outran (after a partition, or by removal) would be ignored
        // for ever, since nobody votes in its lease. Our term in an answer makes it step down
        // without a disruptive election (thesis §4.2.3, §9.6).
        if (config.checkQuorum() || config.preVote()) {
          send(message(MessageType.MsgAppResp, m.getFrom()).build());
        }
      }
      case MsgPreVote ->
          // Tell the term, or members with pre-vote and others without could wait for each other.
          send(message(MessageType.MsgPreVoteResp, m.getFrom()).setReject(true).build());
      default -> {} // §5.1: out of date
    }
  }

  private void stepInTerm(Message m) {
    switch (m.getType()) {
      case MsgVote, MsgPreVote -> onVoteRequest(m);
      default -> stepInRole(m);
    }
  }

  private void stepInRole(Message m) {
    switch (role) {
      case FOLLOWER -> stepFollower(m);
      case PRE_CANDIDATE, CANDIDATE -> stepCandidate(m);
      case LEADER -> stepLeader(m);
    }
  }

  private void stepFollower(Message m) {
    switch (m.getType()) {
      case MsgApp -> {
        hear(m.getFrom());
        onAppend(m);
      }
      case MsgHeartbeat -> {
        hear(m.getFrom());
        onHeartbeat(m);
      }
      case MsgSnap -> {
        hear(m.getFrom());
        onSnapshot(m);
      }
      case MsgTimeoutNow -> campaignIfPromotable(Campaign.TRANSFER); // no pre-vote: all is agreed
      case MsgReadIndexResp -> {
        if (m.getEntriesCount() == 1) {
          readStates.add(new ReadState(m.getIndex(), m.getEntries(0).getData()));
        }
      }
      case MsgProp -> forwardProposals(m.getFrom(), m.getEntriesList());
      case MsgReadIndex -> {
        if (leader != NONE) {
          send(m.toBuilder().setTo(leader).build());
        }
      }
      case MsgTransferLeader -> {
        if (leader != NONE) {
          send(m.toBuilder().setTo(leader).setTerm(term).build());
        }
      }
      default -> {} // answers to a leader or candidate that this member no longer is
    }
  }

  private void stepCandidate(Message m) {
    switch (m.getType()) {
      case MsgApp -> {
        becomeFollower(term, m.getFrom()); // §5.2: another one has won this term
        onAppend(m);
      }
      case MsgHeartbeat -> {
        becomeFollower(term, m.getFrom());
        onHeartbeat(m);
      }
      case MsgSnap -> {
        becomeFollower(term, m.getFrom());
        onSnapshot(m);
      }
      case MsgPreVoteResp -> {
        if (role == Role.PRE_CANDIDATE && (m.getReject() || m.getTerm() == term + 1)) {
          onVote(m.getFrom(), !m.getReject());
        }
      }
      case MsgVoteResp -> {
        if (role == Role.CANDIDATE) {
          onVote(m.getFrom(), !m.getReject());
        }
      }
      default -> {}
    }
  }

  private void stepLeader(Message m) {
    switch (m.getType()) {
      case MsgProp -> appendProposals(m.getEntriesList());
      case MsgReadIndex -> {
        if (m.getEntriesCount() == 1) {
          onReadIndex(m.getFrom(), m.getEntries(0).getData());
        }
      }
      case MsgTransferLeader -> onTransferLeader(m.getFrom());
      case MsgAppResp -> {
        Progress progress = tracker.get(m.getFrom());
        if (progress != null) {
          onAppendResponse(progress, m);
        }
      }
      case MsgHeartbeatResp -> {
        Progress progress = tracker.get(m.getFrom());
        if (progress != null) {
          onHeartbeatResponse(progress, m.getContext());
        }
      }
      default -> {} // late votes
    }
  }

  // ---------------------------------------------------------------------------------------------
  // Roles
  // ---------------------------------------------------------------------------------------------

  private void becomeFollower(long newTerm, long newLeader) {
    reset(newTerm);
    role = Role.FOLLOWER;
    leader = newLeader;
  }

  private void becomePreCandidate() {
    // Thesis §9.6: neither term nor vote change, so nothing needs to be saved.
    tracker.clearVotes();
    role = Role.PRE_CANDIDATE;
    leader = NONE;
  }

  private void becomeCandidate() {
    reset(term + 1); // §5.2
    role = Role.CANDIDATE;
    vote = id;
  }

  private void becomeLeader() {
    reset(term);
    role = Role.LEADER;
    leader = id;
    Progress self = tracker.get(id);
    if (self == null) {
      throw new IllegalStateException("elected without being a member");
    }
    self.becomeReplicate();
    self.heard();
    // Entries of earlier terms may hold a configuration change that is not applied here yet.
    pendingConfIndex = log.lastIndex();
    append(EntryType.EntryNormal, ByteString.EMPTY); // thesis §6.4: to learn what is committed
    broadcastAppends();
  }

  private void reset(long newTerm) {
    if (newTerm != term) {
      term = newTerm;
      vote = NONE;
    }
    leader = NONE;
    electionElapsed = 0;
    heartbeatElapsed = 0;
    // §5.2: spread out, so that most elections have one candidate.
    electionTimeout = config.electionTicks() + random.nextInt(config.electionTicks());
    leadTransferee = NONE;
    tracker.clearVotes();
    for (Progress member : tracker.members()) {
      // Of its own log a member knows what is on disk; of the others' nothing.
      member.reset(log.lastIndex() + 1, member.id == id ? log.lastStableIndex() : 0);
    }
    pendingConfIndex = 0;
    uncommittedBytes = 0;
    readOnly.clear();
    postponedReads.clear();
    farewellIndex = 0;
    farewellHeardBy.clear();
    appendsDue = false;
    heartbeatDue = false;
  }

  /** A leader of this term has spoken. */
  private void hear(long from) {
    electionElapsed = 0;
    leader = from;
  }

  // ---------------------------------------------------------------------------------------------
  // Elections (§5.2, §5.4.1)
  // ---------------------------------------------------------------------------------------------

  private boolean isPromotable() {
    Progress self = tracker.get(id);
    // A pending snapshot is not installed yet: the log is not there to lead with.
    return self != null && !self.isLearner && log.pendingSnapshot() == null;
  }

  private void campaignIfPromotable(Campaign campaign) {
    if (role == Role.LEADER || !isPromotable()) {
      return;
    }
    // Committed changes decide who votes (thesis §4.1): with one outstanding we might count the
    // wrong majority.
    if (unappliedConfChanges > 0 || log.hasUnappliedConfChange()) {
      return;
    }
    campaign(campaign);
  }

  private void campaign(Campaign campaign) {
    MessageType type;
    long asked;
    if (campaign == Campaign.PRE_ELECTION) {
      becomePreCandidate();
      type = MessageType.MsgPreVote;
      asked = term + 1; // the term that the election would be for
    } else {
      becomeCandidate();
      type = MessageType.MsgVote;
      asked = term;
    }
    Configuration now = tracker.configuration();
    IdSet voters = now.incoming().union(now.outgoing());
    for (int i = 0; i < voters.size(); i++) {
      if (voters.get(i) != id) {
        Message.Builder request =
            message(type, voters.get(i))
                .setTerm(asked)
                .setIndex(log.lastIndex())
                .setLogTerm(log.lastTerm());
        if (campaign == Campaign.TRANSFER) {
          request.setContext(TRANSFER_CONTEXT);
        }
        send(request.build());
      }
    }
    onVote(id, true); // last: a single voter wins here
  }

  /** Somebody answered our request, or we our own. */
  private void onVote(long from, boolean granted) {
    tracker.recordVote(from, granted);
    switch (tracker.election()) {
      case WON -> {
        if (role == Role.PRE_CANDIDATE) {
          campaign(Campaign.ELECTION);
        } else {
          becomeLeader();
        }
      }
      case LOST -> becomeFollower(term, NONE);
      case PENDING -> {}
    }
  }

  private void onVoteRequest(Message m) {
    boolean pre = m.getType() == MessageType.MsgPreVote;
    MessageType answer = pre ? MessageType.MsgPreVoteResp : MessageType.MsgVoteResp;
    boolean free =
        vote == m.getFrom() // a repeated request
            || (vote == NONE && leader == NONE)
            || (pre && m.getTerm() > term); // about a term in which nobody has voted
    // §5.4.1: only a candidate with everything that may be committed. A learner answers too: its
    // own promotion may have reached the candidate before it.
    if (free && log.isUpToDate(m.getIndex(), m.getLogTerm())) {
      // In the request's term: for a pre-vote that is not ours yet.
      send(message(answer, m.getFrom()).setTerm(m.getTerm()).build());
      if (!pre) {
        electionElapsed = 0;
        vote = m.getFrom();
      }
    } else {
      send(message(answer, m.getFrom()).setReject(true).build());
    }
  }

  // ---------------------------------------------------------------------------------------------
  // A follower's log (§5.3, §7)
  // ---------------------------------------------------------------------------------------------

  private void onAppend(Message m) {
    if (m.getIndex() < log.committed()) {
      // Late: what is committed matches for sure (§5.4.3).
      send(appendResponse(m.getFrom(), log.committed()).build());
      return;
    }
    long last = log.maybeAppend(m.getIndex(), m.getLogTerm(), m.getCommit(), m.getEntriesList());
    if (last >= 0) {
      send(appendResponse(m.getFrom(), last).build());
      return;
    }
    // End of §5.3: tell the leader the last place where the logs could still match, so that it
    // skips a whole term per round trip.
    long hint = log.findConflictByTerm(Math.min(m.getIndex(), log.lastIndex()), m.getLogTerm());
    send(
        appendResponse(m.getFrom(), m.getIndex())
            .setReject(true)
            .setRejectHint(hint)
            .setLogTerm(Math.max(0, log.term(hint)))
            .build());
  }

  private void onHeartbeat(Message m) {
    log.commitTo(m.getCommit()); // never beyond our match, the leader sees to that
    send(message(MessageType.MsgHeartbeatResp, m.getFrom()).setContext(m.getContext()).build());
  }

  private void onSnapshot(Message m) {
    boolean restored = restore(m.getSnapshot());
    long last = restored ? log.lastIndex() : log.committed();
    send(appendResponse(m.getFrom(), last).build());
  }

  /** Takes a snapshot over as the whole log (§7); false if that is not needed or not possible. */
  private boolean restore(Snapshot snapshot) {
    SnapshotMetadata metadata = snapshot.getMetadata();
    if (metadata.getIndex() <= log.committed()) {
      return false;
    }
    Configuration next = Configuration.of(metadata.getConfState());
    if (!next.members().contains(id)) {
      return false; // not for us
    }
    if (log.matches(metadata.getIndex(), metadata.getTerm())) {
      log.commitTo(metadata.getIndex()); // §7: the log covers it already, keep it
      return false;
    }
    if (unappliedConfChanges > 0) {
      return false; // they would be applied on top of the newer configuration; the leader retries
    }
    log.restore(snapshot);
    tracker.install(Configuration.EMPTY, 0); // forget all progress
    tracker.install(next, log.lastIndex());
    return true;
  }

  // ---------------------------------------------------------------------------------------------
  // Proposals
  // ---------------------------------------------------------------------------------------------

  private boolean forwardProposals(long from, List<Entry> entries) {
    if (leader == NONE || config.disableProposalForwarding()) {
      return false;
    }
    send(
        message(MessageType.MsgProp, leader)
            .setFrom(from)
            .setTerm(0)
            .addAllEntries(entries)
            .build());
    return true;
  }

  private boolean appendProposals(List<Entry> entries) {
    if (!admits(payloadBytes(entries))) {
      return false;
    }
    for (Entry entry : entries) {
      if (entry.getType() == EntryType.EntryNormal) {
        append(EntryType.EntryNormal, entry.getData());
      } else if (mayChangeConfiguration(entry)) {
        append(entry.getType(), entry.getData());
        pendingConfIndex = log.lastIndex();
      } else {
        append(EntryType.EntryNormal, ByteString.EMPTY); // keeps the indexes of its neighbours
      }
    }
    broadcastAppends();
    return true;
  }

  private boolean admits(long payload) {
    if (farewellIndex != 0 || leadTransferee != NONE) {
      return false; // thesis §3.10: no new entries while handing over
    }
    // One proposal always fits; an empty one (leaving a joint configuration) even when full.
    long limit = config.maxUncommittedBytes();
    return limit == 0
        || payload == 0
        || uncommittedBytes == 0
        || uncommittedBytes + payload <= limit;
  }

  private void append(EntryType type, ByteString data) {
    Entry.Builder entry =
        Entry.newBuilder().setType(type).setTerm(term).setIndex(log.lastIndex() + 1);
    if (!data.isEmpty()) {
      entry.setData(data);
    }
    uncommittedBytes += data.size();
    log.append(entry.build());
  }

  // ---------------------------------------------------------------------------------------------
  // Configuration changes (§6, thesis chapter 4)
  // ---------------------------------------------------------------------------------------------

  private boolean mayChangeConfiguration(Entry entry) {
    // Thesis §4.1: the next change only when the last one is in force.
    if (confChangeIsPending()) {
      return false;
    }
    try {
      boolean leaves = false;
      if (entry.getType() == EntryType.EntryConfChangeV2) {
        leaves = ConfChanger.leavesJoint(ConfChangeV2.parseFrom(entry.getData()));
      } else {
        var unused = ConfChange.parseFrom(entry.getData());
      }
      return leaves == tracker.configuration().isJoint(); // the only way out of a joint one
    } catch (InvalidProtocolBufferException notAChange) {
      return false; // committed, it would stop every member
    }
  }

  private boolean confChangeIsPending() {
    return pendingConfIndex > log.applied() || unappliedConfChanges > 0;
  }

  private void leaveJointIfDue() {
    if (role == Role.LEADER && tracker.configuration().autoLeave() && !confChangeIsPending()) {
      // §6: once the joint configuration is in force, the new one follows.
      appendProposals(List.of(proposal(EntryType.EntryConfChangeV2, ByteString.EMPTY)));
    }
  }

  private static boolean isBlank(ConfChangeV2 change) {
    for (int i = 0; i < change.getChangesCount(); i++) {
      if (change.getChanges(i).getNodeId() != 0) {
        return false;
      }
    }
    return change.getChangesCount() > 0;
  }

  private void switchTo(Configuration next) {
    tracker.install(next, log.lastIndex());
    if (role != Role.LEADER) {
      return;
    }
    if (!tracker.isVoter(id)) {
      startFarewell();
    }
    commitByQuorum(); // a smaller quorum may have been reached already
    broadcastAppends(); // a new member need not wait for a heartbeat
    if (leadTransferee != NONE && !tracker.isVoter(leadTransferee)) {
      leadTransferee = NONE;
    }
  }

  /**
   * This leader is no voter any more. It leads, without counting itself, until the others know of
   * its removal (thesis §4.2.2), and answers nobody meanwhile: they could elect another leader
   * without it.
   *
   * <p>Why not step down at once: the removal was committed by the old configuration, and a
   * follower that holds it without knowing that it is committed still needs old votes. Were this
   * member's log longer, that follower could never win them.
   */
  private void startFarewell() {
    if (farewellIndex != 0) {
      return;
    }
    farewellIndex = log.committed();
    leadTransferee = NONE;
    readOnly.clear();
    postponedReads.clear();
    heartbeatDue = true;
  }

  private void onFarewellHeard(long by) {
    farewellHeardBy.add(by);
    if (!tracker.configuration().voters().hasQuorum(farewellHeardBy::contains)) {
      return;
    }
    Progress successor = null;
    for (Progress member : tracker.members()) {
      boolean knows = tracker.isVoter(member.id) && farewellHeardBy.contains(member.id);
      if (knows && (successor == null || member.match() > successor.match())) {
        successor = member;
      }
    }
    if (successor != null) {
      sendTimeoutNow(successor.id); // thesis §3.10: no need to wait for an election timeout
    }
    becomeFollower(term, NONE);
  }

  // ---------------------------------------------------------------------------------------------
  // Replication (§5.3)
  // ---------------------------------------------------------------------------------------------

  private @Nullable Progress leaderProgress(long member) {
    return role == Role.LEADER && member != id ? tracker.get(member) : null;
  }

  private void onAppendResponse(Progress progress, Message m) {
    progress.heard();
    if (m.getReject()) {
      long hint = m.getRejectHint();
      if (m.getLogTerm() > 0) {
        // Our entries behind the hint that are newer than its term cannot match either.
        hint = log.findConflictByTerm(hint, m.getLogTerm());
      }
      if (progress.maybeDecreaseTo(m.getIndex(), hint)) {
        if (progress.state() == ProgressState.REPLICATE) {
          progress.becomeProbe();
        }
        appendEvenEmpty(progress);
      }
      return;
    }
    boolean found = progress.state() == ProgressState.PROBE && progress.match() == m.getIndex();
    if (!progress.maybeUpdate(m.getIndex()) && !found) {
      return; // late
    }
    switch (progress.state()) {
      case PROBE -> progress.becomeReplicate();
      case SNAPSHOT -> {
        // Whether it installed ours or another one: our log reaches it again.
        if (progress.match() + 1 >= log.firstIndex()) {
          progress.becomeReplicate();
        }
      }
      case REPLICATE -> progress.freeInflights();
    }
    commitByQuorum();
    append(progress);
    if (progress.id == leadTransferee && progress.match() == log.lastIndex()) {
      sendTimeoutNow(progress.id); // thesis §3.10: it has caught up
    }
  }

  private void onHeartbeatResponse(Progress progress, ByteString context) {
    progress.heard();
    progress.resume();
    // Something is missing, or an append was lost: an answer will tell.
    if (progress.match() < log.lastIndex() || progress.state() == ProgressState.PROBE) {
      appendEvenEmpty(progress);
    }
    if (farewellIndex != 0 && context.equals(FAREWELL_CONTEXT)) {
      onFarewellHeard(progress.id);
    } else if (!context.isEmpty()) {
      onReadAcknowledged(progress.id, context);
    }
  }

  /** Commits what a quorum holds, provided that it is of this term (§5.4.2). */
  private void commitByQuorum() {
    if (!log.maybeCommit(tracker.committed(), term)) {
      return;
    }
    if (!postponedReads.isEmpty()) {
      List<PostponedRead> reads = List.copyOf(postponedReads);
      postponedReads.clear();
      for (PostponedRead read : reads) {
        serveRead(read.from(), read.context());
      }
    }
    broadcastAppends(); // the followers learn of the commit
  }

  private void broadcastAppends() {
    for (Progress member : tracker.members()) {
      member.appendDue = true;
    }
    appendsDue = true;
  }

  private void append(Progress progress) {
    progress.appendDue = true;
    appendsDue = true;
  }

  private void appendEvenEmpty(Progress progress) {
    progress.probeDue = true;
    append(progress);
  }

  /** Turns what has become due since the last Ready into messages. */
  private void flush() {
    if (heartbeatDue) {
      heartbeatDue = false;
      for (Progress member : tracker.members()) {
        if (member.id != id) {
          sendHeartbeat(member);
        }
      }
    }
    if (appendsDue) {
      appendsDue = false;
      for (Progress member : tracker.members()) {
        if (member.id != id && member.appendDue) {
          sendAppends(member);
        }
      }
    }
  }

  private void sendHeartbeat(Progress member) {
    // Not more than it is known to hold: a heartbeat has no entry to check the log against.
    Message.Builder heartbeat =
        message(MessageType.MsgHeartbeat, member.id)
            .setCommit(Math.min(member.match(), log.committed()));
    // A farewell only to those whom this heartbeat's commit index tells of the removal.
    boolean farewell = farewellIndex != 0 && member.match() >= farewellIndex;
    ByteString context = farewell ? FAREWELL_CONTEXT : readOnly.newestContext();
    if (!context.isEmpty()) {
      heartbeat.setContext(context);
    }
    send(heartbeat.build());
  }

  private void sendAppends(Progress member) {
    boolean evenEmpty = member.probeDue;
    member.appendDue = false;
    member.probeDue = false;
    boolean sent = sendAppend(member, evenEmpty);
    int burst = member.takeBurst();
    for (int count = 1; sent && count < burst && sendAppend(member, false); count++) {
      // until the window is full, the log ends, or the answers to these let us go on
    }
    if (!sent && member.couldLearnCommit(log.committed())) {
      sendAppend(member, true);
    }
  }

  /** Sends one append or a snapshot; false when there is nothing to send or nothing may be. */
  private boolean sendAppend(Progress member, boolean evenEmpty) {
    if (member.isPaused()) {
      return false;
    }
    long previous = member.next() - 1;
    long previousTerm = log.term(previous);
    if (previousTerm == RaftLog.UNKNOWN_TERM) {
      return sendSnapshot(member); // §7: compacted
    }
    List<Entry> entries = List.of();
    if (!member.windowIsFull()) {
      try {
        entries = log.entriesFrom(member.next(), config.maxMessageBytes());
      } catch (LogCompactedException unreadable) {
        return sendSnapshot(member);
      }
    }
    if (entries.isEmpty() && !evenEmpty) {
      return false;
    }
    send(
        message(MessageType.MsgApp, member.id)
            .setIndex(previous)
            .setLogTerm(previousTerm)
            .addAllEntries(entries)
            .setCommit(log.committed())
            .build());
    member.sent(entries.size(), payloadBytes(entries), log.committed());
    return true;
  }

  private boolean sendSnapshot(Progress member) {
    if (!member.recentActive()) {
      return false; // too dear for one that may be down
    }
    Snapshot snapshot = log.snapshot();
    if (snapshot.getMetadata().getIndex() == 0) {
      return false; // not available now; the next heartbeat's answer asks again
    }
    member.becomeSnapshot(snapshot.getMetadata().getIndex());
    send(message(MessageType.MsgSnap, member.id).setSnapshot(snapshot).build());
    return true;
  }

  // ---------------------------------------------------------------------------------------------
  // Leadership transfer (thesis §3.10)
  // ---------------------------------------------------------------------------------------------

  private void onTransferLeader(long to) {
    Progress target = tracker.get(to);
    if (target == null || target.isLearner || to == leadTransferee) {
      return;
    }
    leadTransferee = NONE; // a new wish replaces the old one
    if (to == id) {
      return;
    }
    leadTransferee = to;
    electionElapsed = 0; // it has one election timeout
    if (target.match() == log.lastIndex()) {
      sendTimeoutNow(to);
    } else {
      appendEvenEmpty(target);
    }
  }

  private void sendTimeoutNow(long to) {
    send(message(MessageType.MsgTimeoutNow, to).build());
  }

  // ---------------------------------------------------------------------------------------------
  // Linearizable reads (§8, thesis §6.4)
  // ---------------------------------------------------------------------------------------------

  private void onReadIndex(long from, ByteString context) {
    if (farewellIndex != 0) {
      return; // the new members may have another leader; the asker tries again
    }
    if (hasCommittedInTerm()) {
      serveRead(from, context);
    } else {
      // Step 1: only an entry of its own term tells a leader what is committed. That holds for a
      // single voter too: its commit index may have been lost with the process.
      postponedReads.add(new PostponedRead(from, context));
    }
  }

  private void serveRead(long from, ByteString context) {
    if (tracker.isSingleVoter() || config.readOnly() == ReadOnlyOption.LEASE_BASED) {
      answerRead(from, context, log.committed()); // nobody else, or nobody yet, can have committed
      return;
    }
    readOnly.add(new ReadOnly.Request(from, context, log.committed())); // step 2
    heartbeatDue = true; // step 3
    onReadAcknowledged(id, context);
  }

  private void onReadAcknowledged(long by, ByteString context) {
    ReadOnly.Request request = readOnly.acknowledge(by, context);
    if (request == null || !tracker.configuration().voters().hasQuorum(request::isAcknowledgedBy)) {
      return;
    }
    for (ReadOnly.Request proven : readOnly.release(context)) {
      answerRead(proven.from, proven.context, proven.index);
    }
  }

  private void answerRead(long from, ByteString context, long index) {
    if (from == id || from == NONE) {
      readStates.add(new ReadState(index, context));
    } else {
      send(
          readIndexMessage(MessageType.MsgReadIndexResp, from, id, context).toBuilder()
              .setTerm(term)
              .setIndex(index)
              .build());
    }
  }

  // ---------------------------------------------------------------------------------------------
  // Building and queueing messages
  // ---------------------------------------------------------------------------------------------

  /** From this member in this term, with every scalar set. */
  private Message.Builder message(MessageType type, long to) {
    return Message.newBuilder()
        .setType(type)
        .setTo(to)
        .setFrom(id)
        .setTerm(term)
        .setLogTerm(0)
        .setIndex(0)
        .setCommit(0)
        .setReject(false)
        .setRejectHint(0);
  }

  /** An entry that has no place in the log yet; the leader gives it one. */
  private static Entry proposal(EntryType type, ByteString data) {
    return Entry.newBuilder().setType(type).setTerm(0).setIndex(0).setData(data).build();
  }

  private Message.Builder appendResponse(long to, long index) {
    return message(MessageType.MsgAppResp, to).setIndex(index);
  }

  private Message readIndexMessage(MessageType type, long to, long from, ByteString context) {
    return message(type, to)
        .setFrom(from)
        .setTerm(0)
        .addEntries(proposal(EntryType.EntryNormal, context))
        .build();
  }

  private void send(Message m) {
    int last = messages.size() - 1;
    if (last >= 0 && supersedes(m, messages.get(last))) {
      messages.set(last, m);
    } else {
      messages.add(m);
    }
  }

  /** Of several acknowledgements in a row the last says it all. */
  private static boolean supersedes(Message m, Message earlier) {
    return m.getType() == MessageType.MsgAppResp
        && earlier.getType() == MessageType.MsgAppResp
        && !m.getReject()
        && !earlier.getReject()
        && m.getTo() == earlier.getTo()
        && m.getTerm() == earlier.getTerm()
        && m.getIndex() >= earlier.getIndex();
  }

  private static long payloadBytes(List<Entry> entries) {
    long bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      bytes += entries.get(i).getData().size();
    }
    return bytes;
  }

  private SoftState softState() {
    return new SoftState(leader, role);
  }

  private boolean softStateChanged() {
    return toldSoftState.leader() != leader || toldSoftState.role() != role;
  }

  private HardState hardState() {
    return HardState.newBuilder().setTerm(term).setVote(vote).setCommit(log.committed()).build();
  }

  private boolean hardStateChanged() {
    return toldHardState.getTerm() != term
        || toldHardState.getVote() != vote
        || toldHardState.getCommit() != log.committed();
  }
}
