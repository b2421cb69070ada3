package io.etcdj.raft;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Sees everything that a simulated cluster does and objects to what Raft rules out (figure 3).
 *
 * <p>Works on what members show: their roles, what they save, send and apply. A property is checked
 * at the step that could break it, so a failure names the guilty step.
 */
final class Oracle {
  private record Place(long index, long term) {}

  private record Voter(long id, long term) {}

  /** What the log matching property fixes for one entry: its content and its predecessor. */
  private record Content(long previousTerm, int type, ByteString data) {}

  private record Promise(long floor, String who) {}

  private final Map<Long, Long> leaderOfTerm = new HashMap<>();
  private final Map<Voter, Long> votes = new HashMap<>();
  private final Map<Place, Content> entries = new HashMap<>();
  private final Map<ByteString, Promise> reads = new HashMap<>();
  private final Map<Long, Long> hashAt = new HashMap<>();

  /** By index - 1: the applied entry, and the first term in which a leader had it committed. */
  private final List<Entry> applied = new ArrayList<>();

  private final Map<Long, Long> termOfCommit = new HashMap<>();
  private long maxCommit;

  long maxCommit() {
    return maxCommit;
  }

  /** After every call into a member's core. */
  void observe(SimulatedMember member, Iterable<SimulatedMember> all) {
    RaftCore core = member.core();
    check(core.commit() >= member.seenCommit, () -> member + "'s commit went back");
    check(core.term() >= member.seenTerm, () -> member + "'s term went back");
    check(core.applied() <= core.commit(), () -> member + " applied more than is committed");
    if (core.isLeader()) {
      Long before = leaderOfTerm.putIfAbsent(core.term(), core.id());
      check(
          before == null || before == core.id(),
          () -> "election safety: " + before + " led this term before " + member);
      if (core.commit() > member.seenCommit) {
        for (long i = member.seenCommit + 1; i <= core.commit(); i++) {
          termOfCommit.merge(i, core.term(), Math::min);
        }
        checkQuorumHolds(core, all);
      }
    }
    member.seenCommit = core.commit();
    member.seenTerm = core.term();
    maxCommit = Math.max(maxCommit, core.commit());
  }

  /** What a leader commits must be on the disks of a quorum at that moment. */
  private static void checkQuorumHolds(RaftCore core, Iterable<SimulatedMember> all) {
    ConfState conf = core.confState();
    checkQuorumHolds(core, conf.getVotersList(), all);
    checkQuorumHolds(core, conf.getVotersOutgoingList(), all);
  }

  private static void checkQuorumHolds(
      RaftCore core, List<Long> voters, Iterable<SimulatedMember> all) {
    if (voters.isEmpty()) {
      return;
    }
    int compacted = 0;
    Map<Long, Integer> holdersByTerm = new HashMap<>();
    for (SimulatedMember each : all) {
      if (!voters.contains(each.id)) {
        continue;
      }
      if (core.commit() < each.log.firstIndex() - 1) {
        compacted++;
      } else if (core.commit() <= each.log.lastIndex()) {
        holdersByTerm.merge(each.log.term(core.commit()), 1, Integer::sum);
      }
    }
    int most = compacted + holdersByTerm.values().stream().mapToInt(i -> i).max().orElse(0);
    check(
        most > voters.size() / 2,
        () ->
            "durability: %s committed %s which only %s of %s hold"
                .formatted(core.id(), core.commit(), most, voters));
  }

  /** The member's first Ready as a leader is on its disk. */
  void elected(SimulatedMember member) {
    long term = member.core().term();
    for (int i = 0; i < applied.size(); i++) {
      long index = i + 1L;
      Entry entry = applied.get(i);
      if (entry.getIndex() == 0 || index < member.log.firstIndex()) {
        continue;
      }
      if (termOfCommit.getOrDefault(index, Long.MAX_VALUE) < term) {
        check(
            index <= member.log.lastIndex() && member.log.term(index) == entry.getTerm(),
            () -> "leader completeness: " + member + " leads without " + entry);
      }
    }
  }

  void saved(SimulatedMember member, List<Entry> saved) {
    for (Entry entry : saved) {
      Content content =
          new Content(
              member.log.term(entry.getIndex() - 1), entry.getType().getNumber(), entry.getData());
      Content before = entries.putIfAbsent(new Place(entry.getIndex(), entry.getTerm()), content);
      check(
          before == null || before.equals(content),
          () -> "log matching: %s saved %s, another one %s".formatted(member, content, before));
    }
  }

  void sent(Message m) {
    boolean self = m.getType() == MessageType.MsgVote;
    if (self || (m.getType() == MessageType.MsgVoteResp && !m.getReject())) {
      long candidate = self ? m.getFrom() : m.getTo();
      Long before = votes.putIfAbsent(new Voter(m.getFrom(), m.getTerm()), candidate);
      check(
          before == null || before == candidate,
          () -> m.getFrom() + " voted for " + before + " and " + m);
    }
  }

  void applied(SimulatedMember member, Entry entry) {
    check(
        entry.getIndex() == member.applied + 1,
        () -> "%s applied %s after %s".formatted(member, entry.getIndex(), member.applied));
    while (applied.size() < entry.getIndex()) {
      applied.add(Entry.getDefaultInstance()); // not seen yet: only snapshots covered it
    }
    int at = (int) entry.getIndex() - 1;
    Entry before = applied.get(at);
    if (before.getIndex() == 0) {
      applied.set(at, entry);
    } else {
      check(
          before.equals(entry),
          () ->
              "state machine safety: %s applied %s, another one %s"
                  .formatted(member, entry, before));
    }
  }

  /** Two members with the same applied index must be in the same state. */
  void state(SimulatedMember member) {
    Long before = hashAt.putIfAbsent(member.applied, member.hash);
    check(
        before == null || before == member.hash,
        () -> "state machine safety: " + member + " differs at " + member.applied);
  }

  void readAsked(SimulatedMember member, ByteString context) {
    reads.put(context, new Promise(maxCommit, member.toString()));
  }

  void readAnswered(SimulatedMember member, ReadState state) {
    Promise promise = reads.get(state.context());
    check(
        promise != null && state.index() >= promise.floor(),
        () -> "stale read: %s was told %s for %s".formatted(member, state, promise));
  }

  private static void check(boolean holds, Supplier<String> failure) {
    if (!holds) {
      throw new AssertionError(failure.get());
    }
  }
}
