package io.etcdj.server.boot;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.raft.RaftCore;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.KvHash;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one history that all members and clients must agree on, kept by an observer that sees
 * everything as it happens, and fails at the first thing that does not fit.
 *
 * <p>Every operation that ends well stands at a revision. Revisions are the order of the history,
 * so it is linearizable if an operation stands at no lower revision than any that ended before it
 * began, a write at a higher one, and a read saw just what the writes up to its revision left.
 *
 * <pre>
 *   put a=1 begins            floor 5
 *   get a ends at 6           saw nothing: the state at 6 has no a
 *   put a=1 ends at 7         7 is above its floor
 *   get a begins              floor 7: it must not stand at 6
 * </pre>
 */
final class ClusterHistory {
  /** What one revision did to one key. */
  record Effect(String key, @Nullable String value) {}

  /** What members that applied the same entries must agree on. */
  record Digest(long revision, long compactRevision, int hash, ConfState confState) {}

  /** An operation of a client. */
  static final class Operation {
    /** The value that it writes, seen nowhere else; null if it writes none. */
    private final @Nullable String value;

    /** The newest revision at which an operation stood that had ended before this began. */
    private final long floor;

    private boolean ended;

    private Operation(@Nullable String value, long floor) {
      this.value = value;
      this.floor = floor;
    }

    @Nullable String value() {
      return value;
    }

    boolean ended() {
      return ended;
    }
  }

  private final Map<Long, Long> leaders = new HashMap<>();
  private final Map<Long, Entry> committed = new HashMap<>();
  private final Map<Long, Digest> digests = new HashMap<>();

  /** From revision 2 on. */
  private final List<List<Effect>> revisions = new ArrayList<>();

  private final Map<String, TreeMap<Long, Effect>> keys = new HashMap<>();
  private final Map<String, Operation> writers = new HashMap<>();
  private final Map<Long, List<Effect>> acknowledged = new TreeMap<>();
  private long newestEnd = 1;
  private long comparedDigests;
  private long endedOperations;

  // ---- Raft ------------------------------------------------------------------------------------

  /** Election safety: at most one leader in each term. */
  void saw(RaftCore core) {
    if (core.isLeader()) {
      Long known = leaders.putIfAbsent(core.term(), core.id());
      check(
          known == null || known == core.id(),
          "two leaders in term %s: %s and %s",
          core.term(),
          known,
          core.id());
    }
  }

  /** State machine safety: no two members ever commit different entries at an index. */
  void committed(String member, List<Entry> entries) {
    for (Entry entry : entries) {
      Entry known = committed.putIfAbsent(entry.getIndex(), entry);
      check(
          known == null
              || (known.getTerm() == entry.getTerm()
                  && known.getType() == entry.getType()
                  && known.getData().equals(entry.getData())),
          "%s commits another entry at index %s: term %s, others had term %s",
          member,
          entry.getIndex(),
          entry.getTerm(),
          known == null ? 0 : known.getTerm());
    }
  }

  /** A snapshot must end with an entry that is committed. */
  void snapshot(String member, long index, long term) {
    Entry known = committed.get(index);
    check(
        known != null && known.getTerm() == term,
        "%s is sent a snapshot at index %s and term %s, which nobody committed",
        member,
        index,
        term);
  }

  // ---- The store -------------------------------------------------------------------------------

  /** What a member holds with everything up to an index applied. */
  void applied(String member, long index, MvccStore store, ConfState confState) {
    Digest digest = digest(store, confState);
    Digest known = digests.putIfAbsent(index, digest);
    if (known != null) {
      comparedDigests++;
      check(
          known.equals(digest),
          "%s has at index %s %s, others had %s",
          member,
          index,
          digest,
          known);
    }
  }

  private static Digest digest(MvccStore store, ConfState confState) {
    try (Snapshot now = store.snapshot()) {
      KvHash hash = now.hash(0);
      return new Digest(now.revision(), now.compactRevision(), hash.hash(), confState);
    }
  }

  /** What a member tells its watchers of. */
  void changed(String member, List<Change> changes) {
    Map<Long, List<Effect>> byRevision = new TreeMap<>();
    for (Change change : changes) {
      byRevision
          .computeIfAbsent(change.main(), main -> new ArrayList<>())
          .add(effect(change.deleted(), parse(change.keyValue())));
    }
    byRevision.forEach((revision, effects) -> happened(member, revision, effects));
  }

  private void happened(String member, long revision, List<Effect> effects) {
    if (revision < nextRevision()) {
      check(
          at(revision).equals(effects),
          "%s has at revision %s %s, others had %s",
          member,
          revision,
          effects,
          at(revision));
      return;
    }
    check(revision == nextRevision(), "%s goes on with revision %s", member, revision);
    revisions.add(effects);
    for (Effect effect : effects) {
      keys.computeIfAbsent(effect.key(), key -> new TreeMap<>()).put(revision, effect);
    }
    String value = effects.get(0).value();
    Operation writer = value == null ? null : writers.remove(value);
    check(value == null || writer != null, "%s is written again at %s", value, revision);
    check(
        writer == null || revision > writer.floor,
        "%s is written at %s, but an operation that had ended before it began stood at %s",
        value,
        revision,
        writer == null ? 0 : writer.floor);
  }

  private static KeyValue parse(byte[] keyValue) {
    try {
      return KeyValue.parseFrom(keyValue);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("a change that is no KeyValue", e);
    }
  }

  private static Effect effect(boolean deleted, KeyValue kv) {
    return new Effect(kv.getKey().toStringUtf8(), deleted ? null : kv.getValue().toStringUtf8());
  }

  /** The revision that the next write makes. */
  long nextRevision() {
    return revisions.size() + 2L;
  }

  private List<Effect> at(long revision) {
    return revisions.get(Math.toIntExact(revision - 2));
  }

  /** What a key was at a revision, null if it was not there. */
  @Nullable String valueAt(String key, long revision) {
    TreeMap<Long, Effect> effects = keys.get(key);
    Map.Entry<Long, Effect> found = effects == null ? null : effects.floorEntry(revision);
    return found == null ? null : found.getValue().value();
  }

  // ---- Clients ---------------------------------------------------------------------------------

  Operation begin(@Nullable String value) {
    Operation operation = new Operation(value, newestEnd);
    if (value != null) {
      writers.put(value, operation);
    }
    return operation;
  }

  /** A client gave up; what it wrote may still happen. */
  void gaveUp(Operation operation) {
    operation.ended = true;
  }

  /** A write was acknowledged. */
  void wrote(Operation operation, long revision, List<Effect> effects) {
    check(
        revision < nextRevision() && at(revision).equals(effects),
        "%s is acknowledged at %s, which has %s",
        effects,
        revision,
        revision < nextRevision() ? at(revision) : "nothing");
    check(
        revision > operation.floor,
        "%s is acknowledged at %s, although %s was seen before it began",
        effects,
        revision,
        operation.floor);
    List<Effect> other = acknowledged.put(revision, effects);
    check(other == null, "revision %s is given to two clients", revision);
    end(operation, revision);
  }

  /** A read, or a write that changed nothing, saw these values at a revision. */
  void read(Operation operation, long revision, List<Effect> seen) {
    check(
        revision >= operation.floor,
        "a read stands at %s, although %s was seen before it began",
        revision,
        operation.floor);
    check(revision < nextRevision(), "a read stands at %s, which is yet to come", revision);
    for (Effect effect : seen) {
      check(
          Objects.equals(effect.value(), valueAt(effect.key(), revision)),
          "a read at %s finds %s, not %s",
          revision,
          effect,
          valueAt(effect.key(), revision));
    }
    end(operation, revision);
  }

  private void end(Operation operation, long revision) {
    operation.ended = true;
    endedOperations++;
    newestEnd = Math.max(newestEnd, revision);
  }

  // ---- Watchers --------------------------------------------------------------------------------

  /**
   * A watcher of all keys that waits for revision {@code next} is given these events.
   *
   * @return what it waits for now
   */
  long watched(String watcher, long next, List<Event> events) {
    long waitsFor = next;
    int at = 0;
    while (at < events.size()) {
      long revision = events.get(at).getKv().getModRevision();
      List<Effect> effects = new ArrayList<>();
      for (; at < events.size() && events.get(at).getKv().getModRevision() == revision; at++) {
        effects.add(
            effect(events.get(at).getType() == Event.EventType.DELETE, events.get(at).getKv()));
      }
      check(
          revision == waitsFor,
          "%s is given revision %s and waits for %s",
          watcher,
          revision,
          waitsFor);
      check(
          revision < nextRevision() && at(revision).equals(effects),
          "%s is given %s for revision %s",
          watcher,
          effects,
          revision);
      waitsFor++;
    }
    return waitsFor;
  }

  // ---- The end ---------------------------------------------------------------------------------

  /** Every revision that a member still has must be as it happened, to the newest. */
  void compareWhole(String member, MvccStore store) {
    try (Snapshot snapshot = store.snapshot()) {
      check(
          snapshot.revision() == nextRevision() - 1,
          "%s ends at revision %s, not %s",
          member,
          snapshot.revision(),
          nextRevision() - 1);
      Map<Long, List<Effect>> stored = new TreeMap<>();
      snapshot.changes(
          snapshot.compactRevision() + 1,
          (main, sub, deleted, value) ->
              stored
                  .computeIfAbsent(main, revision -> new ArrayList<>())
                  .add(effect(deleted, parse(value))));
      for (long at = Math.max(2, snapshot.compactRevision() + 1); at < nextRevision(); at++) {
        check(
            at(at).equals(stored.get(at)),
            "%s has at revision %s %s, not %s",
            member,
            at,
            stored.get(at),
            at(at));
      }
      for (String key : keys.keySet()) {
        KeyValue now =
            snapshot.asOf(ByteString.copyFromUtf8(key).toByteArray(), nextRevision() - 1);
        String value = now == null ? null : now.getValue().toStringUtf8();
        check(
            Objects.equals(value, valueAt(key, nextRevision() - 1)),
            "%s has %s=%s at the end, not %s",
            member,
            key,
            value,
            valueAt(key, nextRevision() - 1));
      }
    }
    acknowledged.forEach(
        (revision, effects) ->
            check(at(revision).equals(effects), "the write at %s is lost", revision));
  }

  long comparedDigests() {
    return comparedDigests;
  }

  long endedOperations() {
    return endedOperations;
  }

  @SuppressWarnings("AnnotateFormatMethod") // all its formats are in this file
  private static void check(boolean holds, String what, @Nullable Object... about) {
    if (!holds) {
      throw new AssertionError(String.format(what, about));
    }
  }
}
