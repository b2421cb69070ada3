package io.etcdj.storage.wal;

import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.walpb.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * The log's note that a snapshot file exists: everything up to {@code index} is in it.
 *
 * @param confState the configuration as of {@code index}; null where etcd 3.4 wrote the record
 */
public record WalSnapshot(long index, long term, @Nullable ConfState confState) {
  /** The beginning of every log. */
  public static final WalSnapshot EMPTY = new WalSnapshot(0, 0, null);

  static WalSnapshot of(Snapshot message) {
    return new WalSnapshot(
        message.getIndex(),
        message.getTerm(),
        message.hasConfState() ? message.getConfState() : null);
  }

  byte[] encode() {
    Snapshot.Builder message = Snapshot.newBuilder().setIndex(index).setTerm(term);
    if (confState != null) {
      // etcd up to 3.6 writes auto_leave always.
      message.setConfState(confState.toBuilder().setAutoLeave(confState.getAutoLeave()));
    }
    return message.build().toByteArray();
  }

  @Override
  public String toString() {
    return "snapshot at index " + index + ", term " + term;
  }
}
