package io.etcdj.server.apply;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.Request;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.propose.Proposals;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.apply.Applier;
import io.etcdj.state.apply.Commands;
import io.etcdj.state.apply.StateMachine;
import io.etcdj.state.apply.V2Applier;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.v2.StoreJson;
import io.etcdj.state.v2.V2Store;
import io.etcdj.storage.backend.Backend;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies committed entries in order.
 *
 * <p>A plain object: {@link ApplyThread} runs it in a process, a simulation runs it in place.
 * Entries at or below what the backend holds already are passed over, so replaying the log after a
 * restart is exact.
 */
public final class ApplyLoop {

  /** Who must know what was applied. Called on the apply thread, in order. */
  public interface Observer {
    /** Keys changed, in whole revisions; the store already shows them. */
    void changed(List<Change> changes, long revision);

    /** A compaction was accepted and is to be carried out; {@code waiter} gets its end if asked. */
    void compacting(long revision, @Nullable Runnable whenDone);

    /**
     * The entry of a new leader's first term index came by: it leads with all before it applied.
     */
    void termStarted(long term);

    /** A configuration change took effect. */
    void membershipChanged(Membership.Change change);

    /** A write of this member's clients did not fit the quota. */
    void overQuota();

    /** Everything was replaced by a snapshot's content; the store already shows it. */
    void installed(Snapshot snapshot);

    /** Everything up to here is applied and visible. */
    void applied(long index, long term, Completions completions);

    /** How long one entry took. */
    void timed(InternalRaftRequest request, Applied applied, long nanos);
  }

  /** Makes a configuration change in the Raft core and returns what it is then. */
  @FunctionalInterface
  public interface Reconfigure {
    ConfState reconfigure(ConfChange change);
  }

  /** Replaces the rows of a backend by those of a snapshot. */
  @FunctionalInterface
  public interface Database {
    void loadInto(Backend backend);
  }

  private final StateMachine machine;
  private final Backend backend;
  private final MvccStore store;
  private final Membership membership;
  private final Applier applier;
  private final V2Applier v2;
  private final Proposals proposals;
  private final Reconfigure core;
  private final Observer observer;
  private final Completions completions = new Completions();
  private volatile long appliedIndex;
  private volatile long appliedTerm;
  private ConfState confState;

  /** What a batch leaves to be done once the store shows it. */
  private final List<Runnable> afterPublish = new ArrayList<>();

  private final List<Change> changes = new ArrayList<>();

  /**
   * @param appliedIndex what the backend holds already
   * @param core makes a configuration change in the Raft core; a node id of 0 only tells it that
   *     the change was refused
   */
  public ApplyLoop(
      StateMachine machine,
      Applier applier,
      Proposals proposals,
      Reconfigure core,
      Observer observer,
      long appliedIndex,
      long appliedTerm,
      ConfState confState) {
    this.machine = machine;
    this.backend = machine.backend();
    this.store = machine.store();
    this.membership = machine.membership();
    this.applier = applier;
    this.v2 = new V2Applier(machine.v2());
    this.proposals = proposals;
    this.core = core;
    this.observer = observer;
    this.appliedIndex = appliedIndex;
    this.appliedTerm = appliedTerm;
    this.confState = confState;
  }

  /** The last entry that is applied and visible. Any thread. */
  public long appliedIndex() {
    return appliedIndex;
  }

  public long appliedTerm() {
    return appliedTerm;
  }

  /** The configuration as of the applied index. */
  public ConfState confState() {
    return confState;
  }

  /** Applies a batch, which continues where the last one ended. */
  public void apply(List<Entry> entries) {
    long index = appliedIndex;
    long term = appliedTerm;
    for (Entry entry : entries) {
      boolean known = entry.getIndex() <= appliedIndex;
      if (entry.getType() == EntryType.EntryNormal) {
        if (!known) {
          applyNormal(entry);
        }
      } else {
        applyConfChange(entry, known);
      }
      if (entry.getIndex() > index) {
        index = entry.getIndex();
        term = entry.getTerm();
      }
    }
    store.publish();
    appliedIndex = index;
    appliedTerm = term;
    if (!changes.isEmpty()) {
      observer.changed(List.copyOf(changes), store.revision());
      changes.clear();
    }
    for (Runnable task : afterPublish) {
      task.run();
    }
    afterPublish.clear();
    observer.applied(index, term, completions);
    completions.flush();
  }

  /**
   * Puts a snapshot that the leader sent in the place of everything. What waits for entries that it
   * covers gets no answer: their results are not known here.
   *
   * @param database the snapshot's rows; they may go on beyond its index, never end before it
   */
  public void install(Snapshot snapshot, Database database) {
    SnapshotMetadata metadata = snapshot.getMetadata();
    if (metadata.getIndex() <= appliedIndex) {
      return; // overtaken by the log
    }
    store.hold();
    database.loadInto(backend);
    confState = metadata.getConfState();
    boolean withV2 = V2Store.isIn(backend);
    backend.begin();
    if (!withV2) { // databases of others do not have it
      machine.v2().fill(StoreJson.read(snapshot.getData()));
    }
    ConfStates.store(backend, confState); // etcd 3.4 does not write it
    backend.end(metadata.getIndex(), metadata.getTerm());
    backend.flush();
    machine.reload();
    appliedIndex = metadata.getIndex();
    appliedTerm = metadata.getTerm();
    observer.installed(snapshot);
    observer.applied(appliedIndex, appliedTerm, completions);
    completions.flush();
  }

  private void applyNormal(Entry entry) {
    if (entry.getData().isEmpty()) {
      backend.begin();
      backend.end(entry.getIndex(), entry.getTerm());
      afterPublish.add(() -> observer.termStarted(entry.getTerm()));
      return;
    }
    Request old = Commands.forV2Store(entry);
    if (old != null) {
      applyV2(entry, old);
      return;
    }
    InternalRaftRequest request = Commands.parse(entry);
    long startNanos = System.nanoTime();
    Applied applied;
    backend.begin();
    try {
      applied = applier.apply(request);
    } finally {
      backend.end(entry.getIndex(), entry.getTerm());
    }
    observer.timed(request, applied, System.nanoTime() - startNanos);
    changes.addAll(applied.changes());
    long id = request.getHeader().getID();
    Proposals.Waiter waiter = proposals.take(id == 0 ? request.getID() : id);
    if (applied.overQuota() && waiter != null) {
      afterPublish.add(observer::overQuota);
    }
    if (applied.compactTo() > 0) {
      boolean physical = request.getCompaction().getPhysical() && waiter != null;
      afterPublish.add(() -> compact(applied, physical ? waiter : null));
      if (physical) {
        return; // it is answered when the rows are gone
      }
    }
    if (waiter != null) {
      afterPublish.add(() -> waiter.done(applied, completions));
    }
  }

  private void applyV2(Entry entry, Request request) {
    Applied applied;
    backend.begin();
    try {
      applied = Applied.v2(v2.apply(request));
    } finally {
      backend.end(entry.getIndex(), entry.getTerm());
    }
    Proposals.Waiter waiter = proposals.take(request.getID());
    if (waiter != null) {
      afterPublish.add(() -> waiter.done(applied, completions));
    }
  }

  private void compact(Applied applied, Proposals.@Nullable Waiter waiter) {
    Runnable whenDone =
        waiter == null
            ? null
            : () -> {
              Completions own = new Completions();
              waiter.done(applied, own);
              own.flush();
            };
    observer.compacting(applied.compactTo(), whenDone);
  }

  /**
   * A change of members. The core must be told of each exactly once, also of those that the state
   * machine refuses or knows already.
   */
  private void applyConfChange(Entry entry, boolean known) {
    if (entry.getType() != EntryType.EntryConfChange) {
      throw new IllegalStateException("log entry " + entry.getIndex() + " has an unknown type");
    }
    ConfChange change = parseConfChange(entry);
    if (known) {
      // The core starts from an older configuration than the backend: it happened, so it is valid.
      confState = core.reconfigure(change);
      return;
    }
    EtcdException refusal = null;
    backend.begin();
    try {
      membership.check(change);
      Membership.Change done = membership.apply(change);
      v2.membersChanged(change.getType());
      confState = core.reconfigure(change);
      ConfStates.store(backend, confState);
      afterPublish.add(() -> observer.membershipChanged(done));
    } catch (EtcdException e) {
      refusal = e;
      confState = core.reconfigure(change.toBuilder().setNodeId(0).build());
    } finally {
      backend.end(entry.getIndex(), entry.getTerm());
    }
    Proposals.Waiter waiter = proposals.take(change.getId());
    if (waiter != null) {
      Applied applied = refusal == null ? Applied.done() : Applied.refused(refusal);
      afterPublish.add(() -> waiter.done(applied, completions));
    }
  }

  private static ConfChange parseConfChange(Entry entry) {
    try {
      return ConfChange.parseFrom(entry.getData());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "log entry " + entry.getIndex() + " is no configuration change", e);
    }
  }
}
