package io.etcdj.raft;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The replicated log as one sequence: what is saved ({@link LogStorage}) and what is not yet
 * ({@link Unstable}), with the marks that move along it.
 *
 * <pre>
 *   storage     3 4 5 6           compacted up to 2
 *   unstable            7 8
 *   marks         a   c           applied 4, committed 6
 *
 *   firstIndex() 3, lastIndex() 8, term(2) known, term(1) UNKNOWN_TERM
 *   nextCommitted(…)  [5 6]
 * </pre>
 *
 * <p>Always {@code applied <= committed <= lastIndex}.
 */
final class RaftLog {
  /** The entry is compacted or not there. */
  static final long UNKNOWN_TERM = -1;

  private static final long SCAN_BYTES = 1 << 20;

  private final LogStorage storage;
  private final Unstable unstable;
  private long committed;
  private long applied;

  RaftLog(LogStorage storage) {
    this.storage = storage;
    this.unstable = new Unstable(storage.lastIndex() + 1);
    this.committed = storage.firstIndex() - 1; // whatever was compacted had been applied
    this.applied = committed;
  }

  long committed() {
    return committed;
  }

  long applied() {
    return applied;
  }

  long firstIndex() {
    Snapshot pending = unstable.snapshot;
    return pending == null ? storage.firstIndex() : pending.getMetadata().getIndex() + 1;
  }

  long lastIndex() {
    // Also when the buffer is empty: it always starts behind what is saved or restored.
    return unstable.entries.lastIndex();
  }

  /** The last entry that is on disk, or would be once the pending snapshot is. */
  long lastStableIndex() {
    return unstable.entries.firstIndex() - 1;
  }

  long lastTerm() {
    return term(lastIndex());
  }

  /** The term of an entry, or {@link #UNKNOWN_TERM}. */
  long term(long index) {
    if (unstable.entries.contains(index)) {
      return unstable.entries.get(index).getTerm();
    }
    Snapshot pending = unstable.snapshot;
    if (pending != null) {
      return index == pending.getMetadata().getIndex()
          ? pending.getMetadata().getTerm()
          : UNKNOWN_TERM;
    }
    if (index < storage.firstIndex() - 1 || index > lastIndex()) {
      return UNKNOWN_TERM;
    }
    return storage.term(index);
  }

  boolean matches(long index, long term) {
    long ours = term(index);
    return ours != UNKNOWN_TERM && ours == term;
  }

  /** Whether a log that ends so is at least as up to date as ours (§5.4.1). */
  boolean isUpToDate(long theirLastIndex, long theirLastTerm) {
    long ours = lastTerm();
    return theirLastTerm > ours || (theirLastTerm == ours && theirLastIndex >= lastIndex());
  }

  /** A leader's own new entry; its index must be the next one. */
  void append(Entry entry) {
    unstable.append(entry);
  }

  /**
   * Takes a leader's entries if ours match up to {@code previousIndex} (§5.3).
   *
   * @return the last index that is now known to match the leader's log, or -1
   */
  long maybeAppend(long previousIndex, long previousTerm, long leaderCommit, List<Entry> entries) {
    if (!matches(previousIndex, previousTerm)) {
      return -1;
    }
    int fresh = 0;
    while (fresh < entries.size()
        && matches(entries.get(fresh).getIndex(), entries.get(fresh).getTerm())) {
      fresh++; // a late or repeated append must not cut off what came after it
    }
    if (fresh < entries.size()) {
      long from = entries.get(fresh).getIndex();
      if (from <= committed) {
        throw new IllegalStateException(
            "entry " + from + " conflicts with a committed one (committed " + committed + ")");
      }
      unstable.replaceFrom(from); // §5.3: a conflicting suffix is the leader's to overwrite
      for (int i = fresh; i < entries.size(); i++) {
        unstable.append(entries.get(i));
      }
    }
    long lastNew = previousIndex + entries.size();
    commitTo(Math.min(leaderCommit, lastNew));
    return lastNew;
  }

  /**
   * The last entry at or before {@code index} whose term is at most {@code term}: the logs may
   * match there, and cannot behind it. Skips whole terms in one round trip (end of §5.3).
   */
  long findConflictByTerm(long index, long term) {
    long guess = index;
    while (guess > 0) {
      long ours = term(guess);
      if (ours == UNKNOWN_TERM || ours <= term) {
        return guess;
      }
      guess--;
    }
    return guess;
  }

  void commitTo(long index) {
    if (index <= committed) {
      return;
    }
    if (index > lastIndex()) {
      throw new IllegalStateException(
          "told to commit "
              + index
              + " but the log ends at "
              + lastIndex()
              + "; was it corrupted, truncated or lost?");
    }
    committed = index;
  }

  /** Commits up to an entry that a quorum holds, if it is of this term (§5.4.2, figure 8). */
  boolean maybeCommit(long index, long currentTerm) {
    if (index <= committed || !matches(index, currentTerm)) {
      return false;
    }
    commitTo(index);
    return true;
  }

  void appliedTo(long index) {
    if (index < applied || index > committed) {
      throw new IllegalStateException(
          "applied " + index + " is outside " + applied + ".." + committed);
    }
    applied = index;
  }

  /**
   * The entries from {@code lo} to the end, cut at {@code maxBytes} or before, at least one if any.
   */
  List<Entry> entriesFrom(long lo, long maxBytes) {
    return slice(lo, lastIndex() + 1, maxBytes);
  }

  boolean hasUnstableEntries() {
    return !unstable.entries.isEmpty();
  }

  List<Entry> unstableEntries() {
    return unstable.entries.slice(unstable.entries.firstIndex(), unstable.entries.lastIndex() + 1);
  }

  @Nullable Snapshot pendingSnapshot() {
    return unstable.snapshot;
  }

  Snapshot snapshot() {
    Snapshot pending = unstable.snapshot;
    return pending == null ? storage.snapshot() : pending;
  }

  boolean hasNextCommitted() {
    // Not before a pending snapshot is installed: the entries follow its state.
    return unstable.snapshot == null && committed > applied;
  }

  List<Entry> nextCommitted(long maxBytes) {
    return hasNextCommitted() ? slice(applied + 1, committed + 1, maxBytes) : List.of();
  }

  /** Whether a configuration change is committed and not applied. */
  boolean hasUnappliedConfChange() {
    long next = Math.max(applied + 1, firstIndex());
    while (next <= committed) {
      List<Entry> page = slice(next, committed + 1, SCAN_BYTES);
      for (Entry entry : page) {
        if (entry.getType() != EntryType.EntryNormal) {
          return true;
        }
      }
      next += page.size();
    }
    return false;
  }

  void stableTo(long index, long term) {
    unstable.stableTo(index, term);
  }

  void stableSnapshotTo(long index) {
    unstable.stableSnapshotTo(index);
  }

  void restore(Snapshot snapshot) {
    committed = snapshot.getMetadata().getIndex();
    unstable.restore(snapshot);
  }

  private List<Entry> slice(long lo, long hi, long maxBytes) {
    if (lo >= hi) {
      return List.of();
    }
    long border = unstable.entries.firstIndex();
    if (lo >= border) {
      return unstable.entries.slice(
          lo, Math.max(lo + 1, unstable.entries.endOfRun(lo, hi, maxBytes)));
    }
    List<Entry> saved = storage.entries(lo, Math.min(hi, border), maxBytes);
    if (hi <= border || lo + saved.size() < border) {
      return saved;
    }
    long bytes = 0;
    for (Entry entry : saved) {
      bytes += entry.getSerializedSize();
    }
    long end = unstable.entries.endOfRun(border, hi, maxBytes - bytes);
    if (end == border) {
      return saved;
    }
    List<Entry> both = new ArrayList<>(saved);
    both.addAll(unstable.entries.slice(border, end));
    return both;
  }
}
