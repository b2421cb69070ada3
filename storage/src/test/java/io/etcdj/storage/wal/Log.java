package io.etcdj.storage.wal;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.HardState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Things to put into a log. */
final class Log {
  static final ByteString METADATA = ByteString.copyFromUtf8("member 1 of cluster 2");

  private Log() {}

  static Entry entry(long term, long index, ByteString data) {
    return Entry.newBuilder()
        .setType(EntryType.EntryNormal)
        .setTerm(term)
        .setIndex(index)
        .setData(data)
        .build();
  }

  static Entry entry(long term, long index, String data) {
    return entry(term, index, ByteString.copyFromUtf8(data));
  }

  static ByteString randomBytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  /** Entries {@code from} to {@code to}, both included. */
  static List<Entry> entries(long term, long from, long to, int bytes) {
    Random random = new Random(from);
    List<Entry> entries = new ArrayList<>();
    for (long index = from; index <= to; index++) {
      entries.add(entry(term, index, randomBytes(random, bytes)));
    }
    return entries;
  }

  static HardState state(long term, long vote, long commit) {
    return HardState.newBuilder().setTerm(term).setVote(vote).setCommit(commit).build();
  }

  static WalSnapshot snapshot(long index, long term) {
    return new WalSnapshot(
        index, term, ConfState.newBuilder().addVoters(7).setAutoLeave(false).build());
  }
}
