package io.etcdj.server.member;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.raft.MemoryLog;
import io.etcdj.raft.OlderEntries;
import io.etcdj.raft.RaftConfig;
import io.etcdj.raft.RaftCore;
import io.etcdj.raft.ReadOnlyOption;
import io.etcdj.raft.ReadState;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Member 1 of three in term 1, whose log is empty behind index 1, and what it does; 2 leads. Fails
 * when two threads are in it at once.
 */
final class TestFollower implements MemberLoop.Disk, MemberLoop.Network, MemberLoop.Outputs {
  static final long SELF = 1;
  static final long LEADER = 2;
  static final ConfState CONF =
      ConfState.newBuilder().addAllVoters(List.of(SELF, LEADER, 3L)).build();
  private static final long TERM = 1;

  final List<String> writes = new CopyOnWriteArrayList<>();
  final List<Message> sent = new CopyOnWriteArrayList<>();
  final List<Long> committed = new CopyOnWriteArrayList<>();

  /** The threads that wrote and that sent. */
  final List<Thread> writers = new CopyOnWriteArrayList<>();

  final List<Thread> senders = new CopyOnWriteArrayList<>();
  final Older older = new Older();
  final MemoryLog log = new MemoryLog(older);
  final MemberLoop loop;
  private final AtomicBoolean inside = new AtomicBoolean();

  TestFollower() {
    log.setHardState(HardState.newBuilder().setTerm(TERM).setCommit(1).build());
    log.applySnapshot(
        Snapshot.newBuilder()
            .setMetadata(SnapshotMetadata.newBuilder().setIndex(1).setTerm(TERM).setConfState(CONF))
            .build());
    RaftConfig config =
        new RaftConfig(
            SELF, 10, 1, 1 << 20, 1 << 20, 0, 16, 0, true, true, ReadOnlyOption.SAFE, 1, false);
    loop = new MemberLoop(new RaftCore(config, log, new Random(1)), log, this, this, this);
  }

  /** One entry at {@code index}, the one before being of the same term. */
  static Message append(long index, long commit) {
    return message(MessageType.MsgApp)
        .setIndex(index - 1)
        .setLogTerm(TERM)
        .setCommit(commit)
        .addEntries(
            Entry.newBuilder()
                .setIndex(index)
                .setTerm(TERM)
                .setData(ByteString.copyFromUtf8("entry " + index)))
        .build();
  }

  static Message heartbeat(long commit) {
    return message(MessageType.MsgHeartbeat).setCommit(commit).build();
  }

  private static Message.Builder message(MessageType type) {
    return Message.newBuilder().setType(type).setFrom(LEADER).setTo(SELF).setTerm(TERM);
  }

  @Override
  public void save(@Nullable HardState state, List<Entry> entries, boolean mustSync) {
    enter();
    writers.add(Thread.currentThread());
    writes.add(
        entries.size()
            + " entries"
            + (state == null ? "" : ", commit " + state.getCommit())
            + (mustSync ? ", synced" : ""));
    leave();
  }

  @Override
  public void saveSnapshot(Snapshot snapshot) {
    throw new AssertionError("no snapshot was sent");
  }

  @Override
  public void send(List<Message> messages) {
    enter();
    senders.add(Thread.currentThread());
    sent.addAll(messages);
    leave();
  }

  @Override
  public void install(Snapshot snapshot) {
    throw new AssertionError("no snapshot was sent");
  }

  @Override
  public void committed(List<Entry> entries) {
    enter();
    entries.forEach(entry -> committed.add(entry.getIndex()));
    leave();
  }

  @Override
  public void readable(List<ReadState> reads) {}

  @Override
  public void stateChanged(RaftCore core) {}

  /** Is said to keep what memory lets go of, once {@link #compacted} is set. */
  static final class Older implements OlderEntries {
    long compacted = Long.MAX_VALUE;

    @Override
    public long firstIndex() {
      return compacted == Long.MAX_VALUE ? compacted : compacted + 1;
    }

    @Override
    public long firstWithin(long maxBytes) {
      return maxBytes == 0 ? Long.MAX_VALUE : 0;
    }

    @Override
    public long term(long index) {
      return TERM;
    }

    @Override
    public List<Entry> entries(long lo, long hi, long maxBytes) {
      throw new AssertionError("nobody lags so far behind");
    }

    @Override
    public void compact(long index) {
      compacted = index;
    }
  }

  private void enter() {
    if (!inside.compareAndSet(false, true)) {
      throw new AssertionError("two threads in the loop at once");
    }
  }

  private void leave() {
    inside.set(false);
  }
}
