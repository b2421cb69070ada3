package io.etcdj.raft;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeSingle;
import io.etcdj.api.raftpb.ConfChangeV2;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One member of a simulated cluster: a disk that survives crashes, and a core and a state machine
 * that do not.
 */
final class SimulatedMember {
  final long id;

  /** The disk. The commit index in the hard state may be older in {@link #durable}. */
  final MemoryLog log = new MemoryLog();

  private HardState durable = HardState.getDefaultInstance();

  private @Nullable RaftCore core;

  /** Handed out and not applied yet: entries and snapshots, in order. */
  final Deque<Object> applyQueue = new ArrayDeque<>();

  long applied;
  long hash;
  private ConfState conf = ConfState.getDefaultInstance();

  // The oracle's notes about this life of the member; the term outlives it.
  long seenCommit;
  long seenTerm;

  SimulatedMember(long id) {
    this.id = id;
  }

  boolean isUp() {
    return core != null;
  }

  RaftCore core() {
    return requireNonNull(core);
  }

  void start(RaftConfig config, java.util.Random random) {
    log.setHardState(durable);
    applyQueue.clear();
    restore(log.snapshot());
    core = new RaftCore(config, log, random);
    seenCommit = 0;
    seenTerm = durable.getTerm();
  }

  void crash() {
    core = null;
  }

  /** Saves a whole Ready. A commit index alone needs no fsync, so it may not survive. */
  void save(Ready ready, boolean flushed) {
    if (ready.snapshot() != null) {
      log.applySnapshot(ready.snapshot());
    }
    log.append(ready.entries());
    if (ready.hardState() != null) {
      log.setHardState(ready.hardState());
      if (ready.mustSync() || flushed) {
        durable = ready.hardState();
      }
    }
  }

  /** A crash in the middle of a write: some entries are there, the hard state is not. */
  void saveTorn(Ready ready, int entries) {
    if (ready.snapshot() == null) {
      log.append(ready.entries().subList(0, entries));
    }
  }

  void applyOne(Oracle oracle) {
    Object next = applyQueue.remove();
    if (next instanceof Snapshot snapshot) {
      restore(snapshot);
    } else {
      Entry entry = (Entry) next;
      oracle.applied(this, entry);
      applied = entry.getIndex();
      hash = 31 * hash + entry.getData().hashCode();
      if (entry.getType() != EntryType.EntryNormal) {
        changeConfiguration(entry);
      }
    }
    oracle.state(this);
  }

  private void restore(Snapshot snapshot) {
    applied = snapshot.getMetadata().getIndex();
    conf = snapshot.getMetadata().getConfState();
    hash = snapshot.getData().isEmpty() ? 0 : snapshot.getData().asReadOnlyByteBuffer().getLong();
  }

  private void changeConfiguration(Entry entry) {
    try {
      ConfChangeV2 change =
          entry.getType() == EntryType.EntryConfChange
              ? ConfChanger.widen(ConfChange.parseFrom(entry.getData()))
              : ConfChangeV2.parseFrom(entry.getData());
      try {
        ConfChanger.apply(Configuration.of(conf), change);
      } catch (ConfChangeException refused) { // as the real state machine does: blank the ids
        ConfChangeV2.Builder blank = change.toBuilder().clearChanges();
        for (ConfChangeSingle single : change.getChangesList()) {
          blank.addChanges(single.toBuilder().setNodeId(0));
        }
        change = blank.build();
      }
      conf = core().applyConfChange(change);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** A snapshot of the state machine, and a shorter log. */
  void compact(long keep) {
    if (applied <= log.snapshot().getMetadata().getIndex() || applied > log.lastIndex()) {
      return;
    }
    durable = log.initialState().hardState(); // recording a snapshot flushes what came before it
    log.createSnapshot(applied, conf, state());
    long through = applied - keep;
    if (through >= log.firstIndex()) {
      log.compact(through);
    }
  }

  /**
   * The snapshot that really travels is made of what is applied now, as etcd's members do: the one
   * in the log may be too old to know of a new member.
   */
  Message withFreshSnapshot(Message m) {
    if (applied <= m.getSnapshot().getMetadata().getIndex()) {
      return m;
    }
    SnapshotMetadata metadata =
        SnapshotMetadata.newBuilder()
            .setConfState(conf)
            .setIndex(applied)
            .setTerm(log.term(applied))
            .build();
    return m.toBuilder()
        .setSnapshot(Snapshot.newBuilder().setMetadata(metadata).setData(state()))
        .build();
  }

  private ByteString state() {
    return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(0, hash));
  }

  @Override
  public String toString() {
    return core == null
        ? "member " + id
        : "member " + id + " (" + core.role() + " in term " + core.term() + ")";
  }
}
