package io.etcdj.raft;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeSingle;
import io.etcdj.api.raftpb.ConfChangeTransition;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.api.raftpb.ConfChangeV2;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole cluster in one thread, with a network that loses, repeats, delays and reorders, members
 * that crash at the worst moments, and clocks that run as they like; one seed decides everything.
 *
 * <p>After a stormy part the weather clears, and the cluster must come to agree again.
 */
final class Simulation {
  private static final int MEMBERS = 6;
  private static final int MAX_PACKETS = 300;

  private final Random random;
  private final Oracle oracle = new Oracle();
  private final List<SimulatedMember> members = new ArrayList<>();
  private final List<Message> packets = new ArrayList<>();
  private final @Nullable Consumer<String> trace;

  // The weather of this run.
  private final boolean checkQuorum;
  private final boolean preVote;
  private final int lossPercent;
  private final int repeatPercent;
  private final boolean crashes;
  private final boolean membershipChanges;
  private final boolean lazyApply;
  private final long maxMessageBytes;
  private final int maxInflightMessages;

  /** Members with different numbers here cannot reach each other. */
  private final int[] island = new int[MEMBERS + 1];

  private boolean storm = true;
  private int counter;

  Simulation(long seed, @Nullable Consumer<String> trace) {
    this.random = new Random(seed);
    this.trace = trace;
    checkQuorum = random.nextInt(4) != 0;
    preVote = random.nextInt(4) != 0;
    lossPercent = random.nextInt(3) * 10;
    repeatPercent = random.nextInt(3) * 5;
    crashes = random.nextInt(4) != 0;
    membershipChanges = random.nextBoolean();
    lazyApply = random.nextInt(3) == 0;
    maxMessageBytes = random.nextBoolean() ? 0 : 64;
    maxInflightMessages = 1 + random.nextInt(4);

    int voters = random.nextInt(8) == 0 ? 1 + random.nextInt(2) : 3 + random.nextInt(3);
    ConfState.Builder conf = ConfState.newBuilder();
    for (long id = 1; id <= voters; id++) {
      conf.addVoters(id);
    }
    Snapshot origin =
        Snapshot.newBuilder()
            .setMetadata(SnapshotMetadata.newBuilder().setIndex(1).setTerm(1).setConfState(conf))
            .build();
    for (long id = 1; id <= MEMBERS; id++) {
      SimulatedMember member = new SimulatedMember(id);
      if (id <= voters) {
        member.log.applySnapshot(origin);
      }
      members.add(member);
      start(member);
    }
  }

  /** False when the cluster got stuck in the one way that is no fault: stranded by a crash. */
  boolean run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
    }
    calmDown();
    return settle() || strandedByACrash();
  }

  // ---------------------------------------------------------------------------------------------
  // The storm
  // ---------------------------------------------------------------------------------------------

  private void step() {
    SimulatedMember member = members.get(random.nextInt(MEMBERS));
    int dice = random.nextInt(1000);
    if (dice < 500) {
      deliverOne();
    } else if (dice < 700) {
      work(member);
    } else if (dice < 850) {
      tick(member, 1 + random.nextInt(3));
    } else if (dice < 900) {
      propose(member);
    } else if (dice < 940) {
      read(random.nextBoolean() ? member : anyLeaderOr(member));
    } else if (dice < 955) {
      compact(member);
    } else if (dice < 963) {
      changeMembers(member);
    } else if (dice < 968) {
      transfer(member);
    } else if (dice < 971) {
      act(member, "is told of an unreachable member", c -> c.reportUnreachable(anyId()));
    } else if (dice < 974) {
      act(member, "campaigns", RaftCore::campaign);
    } else if (dice < 976) {
      act(member, "forgets its leader", RaftCore::forgetLeader);
    } else if (dice < 981) {
      redrawIslands();
    } else if (dice < 984) {
      if (crashes && member.isUp()) {
        crash(member, "idle");
      }
    } else if (!member.isUp()) {
      start(member);
    }
    if (packets.size() > MAX_PACKETS) {
      lose(packets.remove(0));
    }
  }

  private void start(SimulatedMember member) {
    RaftConfig config =
        new RaftConfig(
            member.id,
            10,
            1,
            maxMessageBytes,
            random.nextBoolean() ? 0 : 100,
            0,
            maxInflightMessages,
            maxMessageBytes == 0 ? 0 : 100,
            checkQuorum,
            preVote,
            ReadOnlyOption.SAFE,
            member.log.snapshot().getMetadata().getIndex(),
            false);
    member.start(config, new Random(random.nextLong()));
    log(member, "starts");
  }

  private void crash(SimulatedMember member, String when) {
    log(member, "crashes " + when);
    member.crash();
  }

  private void tick(SimulatedMember member, int times) {
    for (int i = 0; i < times; i++) {
      act(member, "ticks", RaftCore::tick);
    }
  }

  private void propose(SimulatedMember member) {
    int burst = 1 + random.nextInt(3);
    for (int i = 0; i < burst; i++) {
      ByteString data = ByteString.copyFromUtf8("p" + ++counter);
      act(member, "proposes", c -> c.propose(data));
    }
  }

  private void read(SimulatedMember member) {
    if (member.isUp()) {
      ByteString context = ByteString.copyFromUtf8("r" + ++counter);
      oracle.readAsked(member, context);
      act(member, "reads", c -> c.readIndex(context));
    }
  }

  /** There may be several: of old terms, too. */
  private SimulatedMember anyLeaderOr(SimulatedMember fallback) {
    int from = random.nextInt(MEMBERS);
    for (int i = 0; i < MEMBERS; i++) {
      SimulatedMember member = members.get((from + i) % MEMBERS);
      if (member.isUp() && member.core().isLeader()) {
        return member;
      }
    }
    return fallback;
  }

  private void compact(SimulatedMember member) {
    if (member.isUp()) {
      member.compact(random.nextInt(5));
    }
  }

  private void transfer(SimulatedMember member) {
    act(member, "transfers", c -> c.transferLeader(anyId()));
  }

  private long anyId() {
    return 1L + random.nextInt(MEMBERS);
  }

  private void changeMembers(SimulatedMember member) {
    if (!membershipChanges) {
      return;
    }
    if (random.nextBoolean()) {
      ConfChange change = ConfChange.newBuilder().setType(anyChange()).setNodeId(anyId()).build();
      act(member, "changes one member", c -> c.proposeConfChange(change));
      return;
    }
    ConfChangeV2.Builder change = ConfChangeV2.newBuilder();
    int changes = random.nextInt(4); // none leaves a joint configuration
    for (int i = 0; i < changes; i++) {
      change.addChanges(ConfChangeSingle.newBuilder().setType(anyChange()).setNodeId(anyId()));
    }
    if (changes > 0) {
      change.setTransition(ConfChangeTransition.forNumber(random.nextInt(3)));
    }
    act(member, "changes members", c -> c.proposeConfChange(change.build()));
  }

  private ConfChangeType anyChange() {
    return switch (random.nextInt(5)) {
      case 0 -> ConfChangeType.ConfChangeRemoveNode;
      case 1 -> ConfChangeType.ConfChangeAddLearnerNode;
      case 2 -> ConfChangeType.ConfChangeUpdateNode;
      default -> ConfChangeType.ConfChangeAddNode;
    };
  }

  private void redrawIslands() {
    int islands = random.nextBoolean() ? 1 : 2 + random.nextInt(2);
    for (int i = 0; i < island.length; i++) {
      island[i] = random.nextInt(islands);
    }
  }

  // ---------------------------------------------------------------------------------------------
  // A member's loop
  // ---------------------------------------------------------------------------------------------

  private void act(SimulatedMember member, String what, Consumer<RaftCore> action) {
    if (member.isUp()) {
      log(member, what);
      action.accept(member.core());
      oracle.observe(member, members);
    }
  }

  private void work(SimulatedMember member) {
    if (!member.isUp()) {
      return;
    }
    if (lazyApply && random.nextBoolean()) {
      applySome(member);
      return;
    }
    if (!member.core().hasReady()) {
      return;
    }
    Ready ready = member.core().ready();
    log(member, "works on", ready);
    if (ready.sendBeforeSync()) {
      sendAll(member, ready);
    }
    if (storm && crashes && random.nextInt(150) == 0) {
      if (random.nextBoolean()) {
        member.saveTorn(ready, random.nextInt(ready.entries().size() + 1));
      }
      crash(member, "before its write is complete");
      return;
    }
    if (storm && random.nextInt(4) == 0) {
      deliverOne(); // the loop may step messages while the write is under way
    }
    if (!member.isUp()) {
      return;
    }
    member.save(ready, random.nextBoolean());
    oracle.saved(member, ready.entries());
    if (ready.softState() != null && ready.softState().role() == Role.LEADER) {
      oracle.elected(member);
    }
    if (storm && crashes && random.nextInt(150) == 0) {
      crash(member, "before it could answer");
      return;
    }
    if (!ready.sendBeforeSync()) {
      sendAll(member, ready);
    }
    if (ready.snapshot() != null) {
      member.applyQueue.add(ready.snapshot());
    }
    member.applyQueue.addAll(ready.committedEntries());
    for (ReadState state : ready.readStates()) {
      oracle.readAnswered(member, state);
    }
    if (!lazyApply) {
      applyAll(member);
    }
    act(member, "advances", c -> c.advance(ready));
  }

  private void applySome(SimulatedMember member) {
    int n = random.nextInt(member.applyQueue.size() + 1);
    for (int i = 0; i < n; i++) {
      applyOne(member);
    }
  }

  private void applyAll(SimulatedMember member) {
    while (!member.applyQueue.isEmpty()) {
      applyOne(member);
    }
  }

  private void applyOne(SimulatedMember member) {
    member.applyOne(oracle);
    oracle.observe(member, members);
  }

  // ---------------------------------------------------------------------------------------------
  // The network
  // ---------------------------------------------------------------------------------------------

  private void sendAll(SimulatedMember member, Ready ready) {
    for (Message m : ready.messages()) {
      oracle.sent(m);
      packets.add(m.getType() == MessageType.MsgSnap ? member.withFreshSnapshot(m) : m);
    }
  }

  private void deliverOne() {
    if (packets.isEmpty()) {
      return;
    }
    // Mostly in order, as on a stream; sometimes any.
    int at = random.nextInt(3) == 0 ? random.nextInt(packets.size()) : 0;
    Message m = storm && random.nextInt(100) < repeatPercent ? packets.get(at) : packets.remove(at);
    SimulatedMember target = members.get((int) m.getTo() - 1);
    boolean reachable = island[(int) m.getFrom()] == island[(int) m.getTo()];
    if (!target.isUp() || !reachable || (storm && random.nextInt(100) < lossPercent)) {
      lose(m);
      return;
    }
    log(target, "gets", m);
    act(target, "", c -> c.step(m));
    if (storm && random.nextInt(3) != 0) {
      work(target);
    }
    if (m.getType() == MessageType.MsgSnap) {
      report(m, true);
    }
  }

  private void lose(Message m) {
    if (m.getType() == MessageType.MsgSnap) {
      report(m, false); // the transport always tells what became of a snapshot
    }
  }

  private void report(Message m, boolean ok) {
    SimulatedMember sender = members.get((int) m.getFrom() - 1);
    act(
        sender,
        "learns that a snapshot " + (ok ? "arrived" : "failed"),
        c -> c.reportSnapshot(m.getTo(), ok));
  }

  // ---------------------------------------------------------------------------------------------
  // The calm after
  // ---------------------------------------------------------------------------------------------

  private void calmDown() {
    storm = false;
    Arrays.fill(island, 0);
    for (SimulatedMember member : members) {
      if (!member.isUp()) {
        start(member);
      }
    }
  }

  /** In good weather a new command must reach every member within a bounded time. */
  private boolean settle() {
    String marker = null;
    long markerFloor = 0;
    for (int round = 0; round < 600; round++) {
      for (SimulatedMember member : members) {
        act(member, "ticks", RaftCore::tick);
      }
      settleMessages();
      SimulatedMember leader = leader();
      if (leader == null) {
        continue;
      }
      ConfState conf = leader.core().confState();
      if (conf.getVotersOutgoingCount() > 0 && !conf.getAutoLeave()) {
        act(leader, "leaves", c -> c.proposeConfChange(ConfChangeV2.getDefaultInstance()));
        continue;
      }
      if (conf.getVotersOutgoingCount() > 0) {
        continue;
      }
      followConfiguration(conf);
      if (marker == null || !leader.toString().equals(marker)) {
        marker = leader.toString();
        act(leader, "proposes the last word", c -> c.propose(ByteString.copyFromUtf8("last")));
        markerFloor = leader.core().lastIndex();
        continue;
      }
      if (everyoneHas(conf, markerFloor)) {
        return true;
      }
    }
    return false;
  }

  /**
   * A leader that committed its own removal crashed before it could tell: the voters that are left
   * still count it in, and its log is longer than theirs. With changes that take effect when they
   * are applied nothing but an operator helps, here as in etcd.
   *
   * @return false, or else throws
   */
  private boolean strandedByACrash() {
    SimulatedMember newest = members.get(0);
    for (SimulatedMember member : members) {
      newest = member.applied > newest.applied ? member : newest;
    }
    boolean allUp = members.stream().allMatch(SimulatedMember::isUp);
    ConfState conf = allUp ? newest.core().confState() : ConfState.getDefaultInstance();
    boolean stranded = allUp && !countsIn(newest, newest.id);
    for (SimulatedMember member : members) {
      boolean shorter =
          allUp && member.log.lastIndex() < newest.log.lastIndex() && countsIn(member, newest.id);
      stranded &= shorter || !conf.getVotersList().contains(member.id);
    }
    if (stranded) {
      return false;
    }
    StringBuilder sight = new StringBuilder();
    for (SimulatedMember member : members) {
      sight.append('\n').append(member.isUp() ? member.core().status() : member);
    }
    throw new AssertionError("liveness: no agreement long after the storm" + sight);
  }

  /** Removed members are stopped, as etcd does; late additions are started. */
  private void followConfiguration(ConfState conf) {
    for (SimulatedMember member : members) {
      boolean inside =
          conf.getVotersList().contains(member.id) || conf.getLearnersList().contains(member.id);
      if (!inside && member.isUp()) {
        crash(member, "for good");
      } else if (inside && !member.isUp()) {
        start(member);
      }
    }
  }

  private boolean everyoneHas(ConfState conf, long index) {
    for (SimulatedMember member : members) {
      boolean inside =
          conf.getVotersList().contains(member.id) || conf.getLearnersList().contains(member.id);
      if (inside && member.applied < index) {
        return false;
      }
    }
    return true;
  }

  private @Nullable SimulatedMember leader() {
    SimulatedMember newest = null;
    for (SimulatedMember member : members) {
      if (member.isUp()
          && member.core().isLeader()
          && countsIn(member, member.id)
          && (newest == null || member.core().term() > newest.core().term())) {
        newest = member;
      }
    }
    return newest;
  }

  /** Whether {@code id} votes, as far as this member knows; a leader in its farewell does not. */
  private static boolean countsIn(SimulatedMember member, long id) {
    ConfState conf = member.core().confState();
    return conf.getVotersList().contains(id) || conf.getVotersOutgoingList().contains(id);
  }

  private void settleMessages() {
    for (int i = 0; i < 20_000; i++) {
      boolean busy = false;
      for (SimulatedMember member : members) {
        if (member.isUp()) {
          applyAll(member);
          if (member.core().hasReady()) {
            busy = true;
            work(member);
          }
        }
      }
      if (!packets.isEmpty()) {
        busy = true;
        deliverOne();
      }
      if (!busy) {
        return;
      }
    }
    throw new AssertionError("liveness: the members never stop talking");
  }

  private void log(SimulatedMember member, String what, Object... more) {
    if (trace != null && !what.isEmpty()) {
      StringBuilder line = new StringBuilder(member + " " + what);
      for (Object each : more) {
        line.append(' ').append(each.toString().replace('\n', ' '));
      }
      trace.accept(line.toString());
    }
  }
}
