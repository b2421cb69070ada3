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
import java.util.List;
import java.util.Random;

/** A core with a perfect disk, and the settings that the tests share. */
final class TestMember {
  static final int ELECTION_TICKS = 10;

  final long id;
  final MemoryLog log;
  final RaftCore core;
  final List<Entry> applied = new ArrayList<>();
  final List<ReadState> reads = new ArrayList<>();

  TestMember(long id, MemoryLog log, RaftConfig config) {
    this.id = id;
    this.log = log;
    this.core = new RaftCore(config, log, new Random(id));
  }

  /** A voter of a fresh cluster, at index 1. */
  static TestMember of(long id, long... voters) {
    return new TestMember(id, freshLog(voters(voters)), config(id));
  }

  static ConfState voters(long... voters) {
    ConfState.Builder conf = ConfState.newBuilder();
    for (long voter : voters) {
      conf.addVoters(voter);
    }
    return conf.build();
  }

  /** Starts behind entry 1 of term 1, which every member has. */
  static MemoryLog freshLog(ConfState conf) {
    MemoryLog log = new MemoryLog();
    log.applySnapshot(snapshot(1, 1, conf));
    log.setHardState(HardState.newBuilder().setTerm(1).setCommit(1).build());
    return log;
  }

  static Snapshot snapshot(long index, long term, ConfState conf) {
    return Snapshot.newBuilder()
        .setMetadata(SnapshotMetadata.newBuilder().setIndex(index).setTerm(term).setConfState(conf))
        .build();
  }

  static RaftConfig config(long id) {
    return config(id, 1 << 20, 0, 512, true, true);
  }

  static RaftConfig config(long id, long maxMessageBytes, long maxInflightBytes) {
    return config(id, maxMessageBytes, 0, 512, maxInflightBytes, true, true);
  }

  static RaftConfig config(
      long id,
      long maxMessageBytes,
      long maxUncommittedBytes,
      int maxInflightMessages,
      boolean checkQuorum,
      boolean preVote) {
    return config(
        id, maxMessageBytes, maxUncommittedBytes, maxInflightMessages, 0, checkQuorum, preVote);
  }

  private static RaftConfig config(
      long id,
      long maxMessageBytes,
      long maxUncommittedBytes,
      int maxInflightMessages,
      long maxInflightBytes,
      boolean checkQuorum,
      boolean preVote) {
    return new RaftConfig(
        id,
        ELECTION_TICKS,
        1,
        maxMessageBytes,
        1 << 20,
        maxUncommittedBytes,
        maxInflightMessages,
        maxInflightBytes,
        checkQuorum,
        preVote,
        ReadOnlyOption.SAFE,
        0,
        false);
  }

  static Entry entry(long index, long term) {
    return Entry.newBuilder()
        .setType(EntryType.EntryNormal)
        .setTerm(term)
        .setIndex(index)
        .setData(data("e" + index + "." + term))
        .build();
  }

  static ByteString data(String text) {
    return ByteString.copyFromUtf8(text);
  }

  static Message.Builder message(MessageType type, long from, long to, long term) {
    return Message.newBuilder().setType(type).setFrom(from).setTo(to).setTerm(term);
  }

  /** Does all that is to be done; returns what was sent. */
  List<Message> drain() {
    List<Message> sent = new ArrayList<>();
    while (core.hasReady()) {
      Ready ready = core.ready();
      if (ready.snapshot() != null) {
        log.applySnapshot(ready.snapshot());
      }
      log.append(ready.entries());
      if (ready.hardState() != null) {
        log.setHardState(ready.hardState());
      }
      sent.addAll(ready.messages());
      reads.addAll(ready.readStates());
      for (Entry entry : ready.committedEntries()) {
        apply(entry);
      }
      core.advance(ready);
    }
    return sent;
  }

  /** Steps a message and does all that follows. */
  List<Message> receive(Message.Builder message) {
    core.step(message.build());
    return drain();
  }

  /** What was sent, of one type only. */
  static List<Message> only(MessageType type, List<Message> messages) {
    return messages.stream().filter(m -> m.getType() == type).toList();
  }

  /** Leads term 2 with its first entry, 2, committed; the others acknowledged it. */
  TestMember lead() {
    core.campaign();
    drain();
    ConfState conf = core.confState();
    for (long other : conf.getVotersList()) {
      if (other != id) {
        receive(message(MessageType.MsgPreVoteResp, other, id, core.term() + 1));
      }
    }
    for (long other : conf.getVotersList()) {
      if (other != id) {
        receive(message(MessageType.MsgVoteResp, other, id, core.term()));
      }
    }
    for (long other : conf.getVotersList()) {
      if (other != id) {
        acknowledge(other, core.lastIndex());
      }
    }
    return this;
  }

  List<Message> acknowledge(long from, long index) {
    return receive(message(MessageType.MsgAppResp, from, id, core.term()).setIndex(index));
  }

  List<String> appliedTexts() {
    return applied.stream()
        .filter(e -> e.getType() == EntryType.EntryNormal && !e.getData().isEmpty())
        .map(e -> e.getData().toStringUtf8())
        .toList();
  }

  private void apply(Entry entry) {
    applied.add(entry);
    try {
      switch (entry.getType()) {
        case EntryNormal -> {}
        case EntryConfChange -> core.applyConfChange(ConfChange.parseFrom(entry.getData()));
        case EntryConfChangeV2 -> core.applyConfChange(ConfChangeV2.parseFrom(entry.getData()));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
