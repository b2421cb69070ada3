package io.etcdj.server.boot;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.KeptLog;
import io.etcdj.server.member.MemberLoop;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.membership.MembershipTree;
import io.etcdj.state.v2.Contents;
import io.etcdj.state.v2.V2Store;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.Retention;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Keeps the log short, in memory and on disk.
 *
 * <p>In memory, applied entries go soon; only a member with followers keeps some for those that lag
 * a little. On disk, every {@code --snapshot-count} entries a snapshot file notes that the database
 * has everything up to there, and older segments may go, but for what members that are there have
 * yet to get from this one as their leader. The database is made durable first, so the log is never
 * cut above what it holds.
 */
final class LogKeeper {
  /** Applied entries after which memory is looked through; never more than the snapshot count. */
  private static final long MEMORY_STEP = 1_000;

  /** What the log may take in memory for members that lag a little or may come back soon. */
  private static final long MAX_KEPT_BYTES = 64 << 20;

  /** What it may take on the disk for members that are there and have yet to get it. */
  private static final long MAX_NEEDED_BYTES = 3L << 30;

  /** Bytes of entries after which memory is looked through, however few they are. */
  private static final long MEMORY_STEP_BYTES = 16 << 20;

  /**
   * Bytes of entries after which a snapshot is noted, however few they are: what lies behind the
   * last one is read into memory at the next start.
   */
  private static final long SNAPSHOT_STEP_BYTES = 64 << 20;

  /** Files of a kind that are deleted in one look, unless there are a great many. */
  private static final int FEW_FILES = 2;

  /**
   * Purges after which the directories are read even if no snapshot has come; a segment may be free
   * to go because a member that lagged has it now.
   */
  private static final int PURGES_PER_LOOK = 30;

  private final Bootstrap.Recovered files;
  private final MemberOptions options;
  private final Disk disk;
  private final Executor member;
  private final MemberLoop loop;
  private final Membership membership;
  private final V2Store v2;
  private final Executor workers;
  private final Log log;
  private final LongConsumer tookNanos;
  private final AtomicLong committedBytes = new AtomicLong();
  private long trimmedIndex;
  private long trimmedBytes;
  private long snapshotIndex;
  private long snapshotBytes;
  private volatile boolean saving;

  /** Whether snapshots were saved or received since the directories were read. */
  private volatile boolean snapshotsChanged;

  private int purgesUntilLook;

  /** Where the newest snapshot that was saved since the start stands; 0 if there is none. */
  private volatile long savedIndex;

  /**
   * @param member runs tasks on the member thread
   * @param workers runs what takes long
   * @param tookNanos told how long each snapshot took
   */
  LogKeeper(
      Bootstrap.Recovered files,
      MemberOptions options,
      Disk disk,
      Executor member,
      MemberLoop loop,
      Membership membership,
      V2Store v2,
      Executor workers,
      Log log,
      LongConsumer tookNanos) {
    this.files = files;
    this.options = options;
    this.disk = disk;
    this.member = member;
    this.loop = loop;
    this.membership = membership;
    this.v2 = v2;
    this.workers = workers;
    this.log = log;
    this.tookNanos = tookNanos;
    this.snapshotIndex = files.snapshotIndex();
    this.trimmedIndex = files.log().snapshot().getMetadata().getIndex();
  }

  /** Entries are about to be applied. Any thread. */
  void committed(List<Entry> entries) {
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += entry.getData().size();
    }
    committedBytes.addAndGet(bytes);
  }

  /** Bytes of commands in all entries that were committed since the start. Any thread. */
  long committedBytes() {
    return committedBytes.get();
  }

  /** Everything up to {@code index} is applied; on the apply thread. */
  void applied(long index, long term, ConfState confState, boolean alone) {
    long bytes = committedBytes.get();
    if (index - trimmedIndex >= Math.min(MEMORY_STEP, options.snapshotCount())
        || bytes - trimmedBytes >= MEMORY_STEP_BYTES) {
      trimmedIndex = index;
      trimmedBytes = bytes;
      long keep = alone ? 0 : options.snapshotCatchupEntries();
      KeptLog kept = new KeptLog(keep, MAX_KEPT_BYTES, MAX_NEEDED_BYTES);
      member.execute(() -> loop.compactLog(index, confState, kept));
    }
    boolean due =
        index - snapshotIndex > options.snapshotCount()
            || (bytes - snapshotBytes > SNAPSHOT_STEP_BYTES && index > snapshotIndex);
    if (due && !saving) {
      saving = true;
      snapshotIndex = index;
      snapshotBytes = bytes;
      // All of it as of this index; to write it down takes longer, with many keys of the v2 API.
      List<Member> members = membership.members();
      Set<Long> removed = membership.removed();
      String version = membership.clusterVersion();
      Contents keys = v2.contents();
      SnapshotMetadata metadata =
          SnapshotMetadata.newBuilder()
              .setConfState(confState)
              .setIndex(index)
              .setTerm(term)
              .build();
      member.execute(
          () ->
              saveBehindCommit(
                  metadata, () -> MembershipTree.write(members, removed, version, keys)));
    }
  }

  /**
   * A snapshot counts only if the log says that its index is committed, so that is saved before; on
   * the member thread.
   */
  private void saveBehindCommit(SnapshotMetadata metadata, Supplier<ByteString> tree) {
    try {
      loop.saveCommit();
      workers.execute(() -> save(metadata, tree));
    } catch (IOException e) {
      throw new UncheckedIOException("saving the commit index", e);
    } catch (RejectedExecutionException e) {
      saving = false; // the member stops
    }
  }

  /** A snapshot that the leader sent has taken the place of everything; on the apply thread. */
  void installed(Snapshot snapshot) {
    snapshotIndex = snapshot.getMetadata().getIndex();
    snapshotBytes = committedBytes.get();
    trimmedIndex = snapshotIndex;
    trimmedBytes = snapshotBytes;
    snapshotsChanged = true;
  }

  private void save(SnapshotMetadata metadata, Supplier<ByteString> tree) {
    long startNanos = System.nanoTime();
    long index = metadata.getIndex();
    try {
      Snapshot snapshot = Snapshot.newBuilder().setData(tree.get()).setMetadata(metadata).build();
      files.backend().flush();
      new WalDisk(files.wal(), files.snapshots()).saveSnapshot(snapshot);
      savedIndex = index;
      files.wal().releaseLockTo(index);
      files.snapshots().releaseDatabasesBefore(index);
      snapshotsChanged = true;
      tookNanos.accept(System.nanoTime() - startNanos);
      log.info("saved snapshot", "snapshot-index", index);
    } catch (IOException | RuntimeException e) {
      // The log stays longer for it; the next one tries again.
      log.error("failed to save snapshot", "snapshot-index", index, "error", e);
    } finally {
      saving = false;
    }
  }

  /**
   * Deletes files beyond the numbers to keep, a few at a time; to be called every second, by one
   * thread. A member that lagged may need less of the log now, whether or not there are more
   * writes.
   */
  void purge() {
    member.execute(() -> loop.compactOlder(MAX_NEEDED_BYTES));
    try {
      files.wal().releaseLockTo(savedIndex);
      if (!isWorthALook()) {
        return;
      }
      // Never down to one: the newest may be without its note in the log yet.
      int keep = options.maxSnapshots() == 0 ? 0 : Math.max(2, options.maxSnapshots());
      List<String> snapshots = files.snapshots().purge(keep, FEW_FILES);
      List<String> segments =
          Retention.keepNewest(disk, options.walDirectory(), ".wal", options.maxWals(), FEW_FILES);
      for (String name : snapshots) {
        log.info("purged", "path", name);
      }
      for (String name : segments) {
        log.info("purged", "path", name);
      }
      if (!snapshots.isEmpty() || !segments.isEmpty()) {
        purgesUntilLook = 0; // there may be more
      }
    } catch (IOException e) {
      throw new UncheckedIOException("purging old files", e);
    }
  }

  /** To read the directories takes as long as all else that the timer does in a second. */
  private boolean isWorthALook() {
    if (purgesUntilLook > 0 && !snapshotsChanged) {
      purgesUntilLook--;
      return false;
    }
    purgesUntilLook = PURGES_PER_LOOK - 1;
    snapshotsChanged = false;
    return true;
  }
}
