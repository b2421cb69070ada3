package io.etcdj.raft;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What the core has accepted and the caller has not yet saved: a snapshot, entries, or both.
 *
 * <p>An entry here hides one with the same index in {@link LogStorage}.
 *
 * <pre>
 *   storage 1..5, append(6, 7)      [6 7]
 *   stableTo(6, its term)             [7]     6 is on disk now
 *   replaceFrom(4), append(4')    [4']        a new leader; 4..7 are gone
 *   stableTo(7, old term)         [4']        the write of the old 7 means nothing any more
 * </pre>
 */
final class Unstable {
  final EntryBuffer entries;
  @Nullable Snapshot snapshot;

  Unstable(long firstIndex) {
    entries = new EntryBuffer(firstIndex);
  }

  /** Makes {@code index} the next one to append, dropping the entries from there on. */
  void replaceFrom(long index) {
    if (index < entries.firstIndex()) {
      entries.restart(index);
    } else {
      entries.truncateFrom(index);
    }
  }

  /** The entries up to this one are saved, if it is still the entry that we hold. */
  void stableTo(long index, long term) {
    if (entries.contains(index) && entries.get(index).getTerm() == term) {
      entries.dropThrough(index);
    }
  }

  void stableSnapshotTo(long index) {
    if (snapshot != null && snapshot.getMetadata().getIndex() == index) {
      snapshot = null;
    }
  }

  /** The whole log is replaced by a snapshot. */
  void restore(Snapshot installed) {
    snapshot = installed;
    entries.restart(installed.getMetadata().getIndex() + 1);
  }

  void append(Entry entry) {
    entries.append(entry);
  }
}
