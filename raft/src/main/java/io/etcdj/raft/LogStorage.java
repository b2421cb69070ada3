package io.etcdj.raft;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Snapshot;
import java.util.List;

/**
 * What the core may read of the entries that are on disk already.
 *
 * <p>The core never writes: the caller appends what a {@link Ready} asks for before it calls {@link
 * RaftCore#advance}. After compaction up to 4 of a log that ends at 7:
 *
 * <pre>
 *   firstIndex()        5
 *   lastIndex()         7
 *   term(4)             still known: an append of entry 5 names it as its predecessor
 *   term(3)             LogCompactedException
 *   entries(6, 8, 0)    [6], always at least one
 *   entries(6, 9, 0)    LogUnavailableException
 * </pre>
 */
public interface LogStorage {
  /** Term, vote and commit as last saved, and the configuration as of the applied index. */
  InitialState initialState();

  /**
   * Entries from {@code lo} up to but without {@code hi}, cut at {@code maxBytes} of encoded size
   * or before, at least one. The list stays as it is when the log changes later.
   *
   * @throws LogCompactedException when {@code lo} is before the first index
   * @throws LogUnavailableException when {@code hi - 1} is behind the last index
   */
  List<Entry> entries(long lo, long hi, long maxBytes);

  /**
   * The term of the entry at {@code index}, which may be {@code firstIndex() - 1}.
   *
   * @throws LogCompactedException when the entry is before that
   * @throws LogUnavailableException when it is behind the last index
   */
  long term(long index);

  /** The first entry that is there; one more than the last index when the log is empty. */
  long firstIndex();

  long lastIndex();

  /** The newest snapshot; one with index 0 when there is none that could be sent now. */
  Snapshot snapshot();
}
