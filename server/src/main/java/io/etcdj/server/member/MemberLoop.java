package io.etcdj.server.member;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.raft.MemoryLog;
import io.etcdj.raft.RaftCore;
import io.etcdj.raft.ReadState;
import io.etcdj.raft.Ready;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Steps the Raft core and carries out what it asks for, in the order that makes it safe.
 *
 * <p>For one thread at a time. Nothing here waits for applying: committed entries are queued.
 *
 * <pre>
 *   leader     send, append and fsync, advance, queue what is committed
 *   follower   append and fsync, send, advance, queue what is committed
 * </pre>
 */
public final class MemberLoop {

  /** Where the member remembers; every call has reached the disk when it returns. */
  public interface Disk {
    void save(@Nullable HardState state, List<Entry> entries, boolean mustSync) throws IOException;

    /** Keeps a snapshot that the leader sent, before the log that follows it. */
    void saveSnapshot(Snapshot snapshot) throws IOException;
  }

  /** Takes messages to other members; drops rather than blocks. */
  @FunctionalInterface
  public interface Network {
    void send(List<Message> messages);
  }

  /** What is applied behind the loop. */
  public interface Outputs {
    void install(Snapshot snapshot);

    void committed(List<Entry> entries);

    void readable(List<ReadState> reads);

    /** Leader, term or role may have changed. Called after each batch; must be cheap. */
    void stateChanged(RaftCore core);
  }

  private final RaftCore core;
  private final MemoryLog log;
  private final Disk disk;
  private final Network network;
  private final Outputs outputs;

  /** Says no more than the disk does but for a higher commit index; null when it says as much. */
  private @Nullable HardState unsaved;

  public MemberLoop(RaftCore core, MemoryLog log, Disk disk, Network network, Outputs outputs) {
    this.core = core;
    this.log = log;
    this.disk = disk;
    this.network = network;
    this.outputs = outputs;
  }

  public RaftCore core() {
    return core;
  }

  public void tick() throws IOException {
    saveCommit();
    core.tick();
  }

  /**
   * Saves how far the log is committed, which by itself is not worth a write: a member that starts
   * learns it from the leader. It goes along with entries, or with a tick.
   */
  public void saveCommit() throws IOException {
    if (unsaved != null) {
      disk.save(unsaved, List.of(), false);
      unsaved = null;
    }
  }

  public void step(Message message) {
    core.step(message);
  }

  /** Proposes entries as one batch; false if the core takes none now. */
  public boolean propose(List<Entry> entries) {
    if (entries.size() == 1 && entries.get(0).getType() == EntryType.EntryNormal) {
      return core.propose(entries.get(0).getData());
    }
    return core.propose(entries);
  }

  public ConfState applyConfChange(ConfChange change) {
    return core.applyConfChange(change);
  }

  public void readIndex(ByteString context) {
    core.readIndex(context);
  }

  /**
   * Lets go of log entries that are applied: in memory but for what followers may soon need, on the
   * disk but for what they do need.
   *
   * @param confState the configuration as of {@code applied}
   */
  public void compactLog(long applied, ConfState confState, KeptLog kept) {
    if (applied <= log.snapshot().getMetadata().getIndex()) {
      return;
    }
    log.createSnapshot(applied, confState, ByteString.EMPTY);
    long first = Math.max(applied - kept.entries() + 1, log.firstWithin(kept.bytes()));
    first = Math.min(first, applied + 1);
    if (first > log.firstInMemory()) {
      log.compact(first - 1);
    }
    compactOlder(kept.neededBytes());
  }

  /** Lets go of what is on the disk only and not needed any more, also when nothing is applied. */
  public void compactOlder(long neededBytes) {
    log.compactOlder(core.neededIndex(), neededBytes);
  }

  /** Carries out everything that the core asks for now. */
  public void process() throws IOException {
    while (core.hasReady()) {
      processOne();
    }
  }

  /** The same up to where the disk is needed; returns whether that leaves nothing to be done. */
  public boolean processWithoutDisk() throws IOException {
    while (core.hasReady()) {
      if (core.mustSync()) {
        return false;
      }
      processOne();
    }
    return true;
  }

  private void processOne() throws IOException {
    Ready ready = core.ready();
    if (ready.sendBeforeSync() && !ready.messages().isEmpty()) {
      network.send(ready.messages());
    }
    Snapshot snapshot = ready.snapshot();
    if (snapshot != null) {
      disk.saveSnapshot(snapshot);
    }
    HardState hardState = ready.hardState();
    if (hardState != null) {
      log.setHardState(hardState);
      unsaved = hardState;
    }
    if (ready.mustSync()) {
      disk.save(unsaved, ready.entries(), true);
      unsaved = null;
    }
    if (snapshot != null) {
      log.applySnapshot(snapshot);
      outputs.install(snapshot);
    }
    log.append(ready.entries());
    if (!ready.sendBeforeSync() && !ready.messages().isEmpty()) {
      network.send(ready.messages());
    }
    if (!ready.committedEntries().isEmpty()) {
      outputs.committed(ready.committedEntries());
    }
    if (!ready.readStates().isEmpty()) {
      outputs.readable(ready.readStates());
    }
    core.advance(ready);
    outputs.stateChanged(core);
  }
}
