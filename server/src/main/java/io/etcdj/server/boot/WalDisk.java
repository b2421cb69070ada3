package io.etcdj.server.boot;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.server.member.MemberLoop;
import io.etcdj.storage.snap.SnapFiles;
import io.etcdj.storage.wal.Wal;
import io.etcdj.storage.wal.WalSnapshot;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The member loop's disk: the log, and snapshot files in front of it. */
record WalDisk(Wal wal, SnapFiles snapshots) implements MemberLoop.Disk {
  @Override
  public void save(@Nullable HardState state, List<Entry> entries, boolean mustSync)
      throws IOException {
    wal.save(state, entries, mustSync);
  }

  /** The file first: the log's note of a snapshot must never name one that is not there. */
  @Override
  public void saveSnapshot(Snapshot snapshot) throws IOException {
    snapshots.save(snapshot);
    SnapshotMetadata metadata = snapshot.getMetadata();
    wal.saveSnapshot(
        new WalSnapshot(metadata.getIndex(), metadata.getTerm(), metadata.getConfState()));
  }
}
