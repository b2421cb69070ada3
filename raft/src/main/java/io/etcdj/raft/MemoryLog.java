package io.etcdj.raft;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log as it is on disk, kept in memory for the core to read; or as far as that is wanted, and
 * what lies before can be {@link OlderEntries read again}.
 *
 * <p>Confined to the thread that drives the core. The owner writes to the disk first and here
 * afterwards; what is here counts as durable.
 *
 * <pre>
 *   append(1..7)              1 2 3 4 5 6 7
 *   createSnapshot(5, …)      the same, snapshot() is at 5
 *   compact(4)                        5 6 7, term(4) still known; 1 to 4 only if they are kept elsewhere
 *   append(6')                        5 6'        a new leader overwrote 6 and 7
 *   applySnapshot(at 9)       empty, firstIndex() 10
 * </pre>
 */
public final class MemoryLog implements LogStorage {
  /** Of older entries at once: whoever asks for them has other things to do, too. */
  private static final long MAX_OLDER_BYTES = 256 << 10;

  private final EntryBuffer entries = new EntryBuffer(1);
  private final OlderEntries older;

  /** The term of the entry before the first one: of the last compacted entry or the snapshot. */
  private long termBeforeFirst;

  private HardState hardState = HardState.getDefaultInstance();
  private Snapshot snapshot = Snapshot.getDefaultInstance();

  /** Of entries in memory alone. */
  public MemoryLog() {
    this(OlderEntries.NONE);
  }

  public MemoryLog(OlderEntries older) {
    this.older = older;
  }

  @Override
  public InitialState initialState() {
    return new InitialState(hardState, snapshot.getMetadata().getConfState());
  }

  public void setHardState(HardState state) {
    hardState = state;
  }

  /**
   * Adds entries; from the first one's index on they replace what was there. Entries that are
   * compacted already are passed over.
   */
  public void append(List<Entry> added) {
    if (added.isEmpty()) {
      return;
    }
    long from = Math.max(added.get(0).getIndex(), entries.firstIndex());
    if (from > lastIndex() + 1) {
      throw new IllegalStateException(
          "log gap: the log ends at " + lastIndex() + ", appended from " + from);
    }
    if (added.get(added.size() - 1).getIndex() < from) {
      return;
    }
    entries.truncateFrom(from);
    for (Entry entry : added) {
      if (entry.getIndex() >= from) {
        entries.append(entry);
      }
    }
  }

  @Override
  public List<Entry> entries(long lo, long hi, long maxBytes) {
    if (lo < firstIndex()) {
      throw new LogCompactedException(lo, firstIndex());
    }
    if (hi > lastIndex() + 1) {
      throw new LogUnavailableException(hi - 1, lastIndex());
    }
    if (lo >= hi) {
      return List.of();
    }
    if (lo < entries.firstIndex()) {
      return older.entries(
          lo, Math.min(hi, entries.firstIndex()), Math.min(maxBytes, MAX_OLDER_BYTES));
    }
    return entries.slice(lo, Math.max(lo + 1, entries.endOfRun(lo, hi, maxBytes)));
  }

  @Override
  public long term(long index) {
    if (index > lastIndex()) {
      throw new LogUnavailableException(index, lastIndex());
    }
    if (index >= entries.firstIndex()) {
      return entries.get(index).getTerm();
    }
    if (index == entries.firstIndex() - 1) {
      return termBeforeFirst;
    }
    if (index < firstIndex() - 1) {
      throw new LogCompactedException(index, firstIndex());
    }
    return older.term(index);
  }

  @Override
  public long firstIndex() {
    return Math.min(older.firstIndex(), entries.firstIndex());
  }

  /** The first entry that is in memory; one more than the last index when none is. */
  public long firstInMemory() {
    return entries.firstIndex();
  }

  @Override
  public long lastIndex() {
    return entries.lastIndex();
  }

  @Override
  public Snapshot snapshot() {
    return snapshot;
  }

  /**
   * Replaces the whole log by a snapshot.
   *
   * @throws IllegalArgumentException when the present snapshot is as new or newer
   */
  public void applySnapshot(Snapshot installed) {
    SnapshotMetadata metadata = installed.getMetadata();
    if (metadata.getIndex() <= snapshot.getMetadata().getIndex()) {
      throw new IllegalArgumentException(
          "snapshot "
              + metadata.getIndex()
              + " is not newer than "
              + snapshot.getMetadata().getIndex());
    }
    snapshot = installed;
    termBeforeFirst = metadata.getTerm();
    entries.restart(metadata.getIndex() + 1);
    older.compact(Long.MAX_VALUE); // entries that were not committed may have stood in its place
  }

  /**
   * Makes a snapshot of the state as of {@code index}, without cutting the log.
   *
   * @param confState the configuration as of {@code index}; null when it has not changed since the
   *     last snapshot
   * @throws IllegalArgumentException when there is a snapshot as new or newer
   * @throws LogUnavailableException when the log ends before {@code index}
   */
  public Snapshot createSnapshot(long index, @Nullable ConfState confState, ByteString data) {
    if (index <= snapshot.getMetadata().getIndex()) {
      throw new IllegalArgumentException(
          "snapshot " + index + " is not newer than " + snapshot.getMetadata().getIndex());
    }
    SnapshotMetadata metadata =
        SnapshotMetadata.newBuilder()
            .setConfState(confState == null ? snapshot.getMetadata().getConfState() : confState)
            .setIndex(index)
            .setTerm(term(index))
            .build();
    snapshot = Snapshot.newBuilder().setData(data).setMetadata(metadata).build();
    return snapshot;
  }

  /** About how many bytes an entry takes in memory. */
  public static long bytes(Entry entry) {
    return EntryBuffer.bytes(entry);
  }

  /** About how many bytes the entries take in memory. */
  public long bytes() {
    return entries.bytes();
  }

  /**
   * From where on they take no more than {@code maxBytes} in memory; behind the last if none does.
   */
  public long firstWithin(long maxBytes) {
    return entries.firstWithin(maxBytes);
  }

  /**
   * Lets go of the entries in memory up to and including {@code index}.
   *
   * @throws LogCompactedException when they are forgotten already
   * @throws LogUnavailableException when the log ends before {@code index}
   */
  public void compact(long index) {
    if (index < entries.firstIndex()) {
      throw new LogCompactedException(index, entries.firstIndex());
    }
    termBeforeFirst = term(index);
    entries.dropThrough(index);
  }

  /** Of the entries that memory has let go of, forgets those that nobody needs. */
  public void compactOlder(long neededIndex, long maxBytes) {
    long first = Math.max(neededIndex, older.firstWithin(maxBytes));
    older.compact(Math.min(first, entries.firstIndex()) - 1);
  }
}
