package io.etcdj.state.mvcc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.RevisionKeys;
import io.etcdj.storage.backend.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The store's writer: puts and deletes in revisions, and compactions.
 *
 * <p>Confined to the apply thread, {@link #snapshot}, {@link #revision} and {@link
 * #compactRevision} excepted. The caller brackets each log entry with the backend's {@code begin}
 * and {@code end} and calls {@link #publish} before it answers anybody.
 *
 * <pre>
 *   WriteTxn txn = store.write();
 *   txn.put("a", "1", 0);      2_0
 *   txn.put("b", "2", 0);      2_1
 *   txn.end();                 revision 2, two changes
 *   store.publish();           readers see revision 2
 * </pre>
 */
public final class MvccStore {
  static final byte[] SCHEDULED_COMPACTION = "scheduledCompactRev".getBytes(US_ASCII);
  static final byte[] FINISHED_COMPACTION = "finishedCompactRev".getBytes(US_ASCII);

  /** Before the first compaction; below 0, so that even revision 0 can be compacted once. */
  static final long NEVER_COMPACTED = -1;

  /**
   * What readers see.
   *
   * @param epoch tells the versions before and after a change of the rows as a whole from each
   *     other
   * @param held where the rows are, if not in the backend any more
   */
  private record Published(
      KeyTree tree,
      long revision,
      long compactRevision,
      long epoch,
      Backend.@Nullable HeldKeys held) {
    Backend.@Nullable KeyView open(Backend backend) {
      return held == null ? backend.openKeys() : held.open();
    }

    boolean isOneWith(Published other) {
      return epoch == other.epoch && compactRevision == other.compactRevision;
    }
  }

  private final Backend backend;
  private final KeyIndex index = new KeyIndex();
  private long revision = 1;
  private long epoch;
  private long compactRevision = NEVER_COMPACTED;
  private volatile Published published;

  /** Told at start which keys have leases. */
  @FunctionalInterface
  public interface LeaseListener {
    void attached(ByteString key, long lease);
  }

  /**
   * Loads the index from the backend.
   *
   * @param leases told of every live key with a lease
   */
  public MvccStore(Backend backend, LeaseListener leases) {
    this(backend, leases, null);
  }

  /**
   * @param readAhead reads and parses rows while others are put into the index; null for neither
   *     before the other
   */
  public MvccStore(Backend backend, LeaseListener leases, @Nullable Executor readAhead) {
    this.backend = backend;
    load(leases, readAhead);
    published = new Published(index.publish(), revision, compactRevision, epoch, null);
  }

  /**
   * Readers go on to see what is published now, while the backend gets other rows, until {@link
   * #reload}. For the apply thread.
   */
  public void hold() {
    Published now = published;
    epoch++;
    published =
        new Published(now.tree(), now.revision(), now.compactRevision(), epoch, backend.holdKeys());
  }

  /**
   * Starts over from what the backend holds now, as after an installed snapshot. Takes one core
   * only: whoever reads here sees what was {@link #hold held}, and others on this machine may have
   * work to do.
   */
  public void reload(LeaseListener leases) {
    Backend.HeldKeys held = published.held();
    index.clear();
    revision = 1;
    load(leases, null);
    epoch++;
    publish();
    if (held != null) {
      held.close();
    }
  }

  private void load(LeaseListener leases, @Nullable Executor readAhead) {
    IndexLoader loader = new IndexLoader(index, leases);
    try (Backend.KeyView rows = backend.openKeys()) {
      loader.load(rows, readAhead);
    }
    long scheduled = storedRevision(SCHEDULED_COMPACTION);
    long finished = storedRevision(FINISHED_COMPACTION);
    compactRevision = Math.max(scheduled, finished);
    revision = Math.max(1, Math.max(loader.newest(), compactRevision));
  }

  private long storedRevision(byte[] metaKey) {
    try (Backend.TableView tables = backend.openTables()) {
      byte[] stored = tables.get(Table.META, metaKey);
      return stored == null ? NEVER_COMPACTED : RevisionKeys.main(stored);
    }
  }

  /** Whether a scheduled compaction was not finished before the last stop. */
  public boolean hasUnfinishedCompaction() {
    return storedRevision(SCHEDULED_COMPACTION) > storedRevision(FINISHED_COMPACTION);
  }

  /** The newest published revision. Any thread. */
  public long revision() {
    return published.revision();
  }

  /** The newest revision, published or not; for the apply thread. */
  public long writerRevision() {
    return revision;
  }

  /** The newest published compaction, {@link #NEVER_COMPACTED} if none. Any thread. */
  public long compactRevision() {
    return published.compactRevision();
  }

  /** Number of live keys. Any thread. */
  public long liveKeys() {
    return published.tree().count(new byte[0], null);
  }

  /** Makes what was written visible to snapshots. */
  public void publish() {
    published = new Published(index.publish(), revision, compactRevision, epoch, null);
  }

  /** The store as it is published now. Any thread. */
  public Snapshot snapshot() {
    while (true) {
      Published seen = published;
      Backend.KeyView rows = seen.open(backend);
      if (rows == null) {
        continue; // what was held is not any more: there is a newer version
      }
      if (published.isOneWith(seen)) {
        return new Snapshot(seen.tree(), rows, seen.revision(), seen.compactRevision());
      }
      rows.close(); // a compaction may have removed rows of the version seen before, or all are new
    }
  }

  /** What the writer itself sees, its unfinished transaction included. */
  private Snapshot own(long at) {
    return new Snapshot(index.current(), backend.openKeys(), at, compactRevision);
  }

  /** Opens the transaction that becomes the next revision if it changes anything. */
  public WriteTxn write() {
    return new WriteTxn();
  }

  /**
   * Accepts a compaction: from now on nothing below {@code at} can be read. The rows are removed by
   * a {@link Compaction} later.
   */
  public void compact(long at) {
    if (at <= compactRevision) {
      throw EtcdError.COMPACTED.exception();
    }
    if (at > revision) {
      throw EtcdError.FUTURE_REV.exception();
    }
    compactRevision = at;
    backend.put(Table.META, SCHEDULED_COMPACTION, RevisionKeys.encode(at, 0, false));
  }

  /** The work of removing what the compaction at {@code at} superseded. */
  public Compaction compaction(long at, int batchRevisions) {
    return new Compaction(this, backend, at, batchRevisions);
  }

  KeyTree publishedTree() {
    return published.tree();
  }

  /** Forgets superseded revisions of these keys; by the apply thread, for {@link Compaction}. */
  void trim(List<byte[]> keys, long at) {
    for (byte[] key : keys) {
      index.trim(key, at);
    }
    publish();
  }

  /** The revision of the last compaction that was carried out; reads the disk. */
  public long finishedCompactRevision() {
    return storedRevision(FINISHED_COMPACTION);
  }

  /**
   * The hash of the history up to {@code revision} as of before its compaction, which must not have
   * been carried out yet. Members compare it whatever the speed at which each compacts.
   *
   * @param previous the compaction before
   */
  public KvHash hashBeforeCompaction(long revision, long previous) {
    Published now = published;
    try (Backend.KeyView rows = backend.openKeys()) {
      return KvHash.of(now.tree(), rows, revision, previous, now.revision());
    }
  }

  /** Notes that a compaction is done; by the apply thread. */
  void finishCompaction(long at) {
    backend.begin();
    backend.put(Table.META, FINISHED_COMPACTION, RevisionKeys.encode(at, 0, false));
    backend.end();
  }

  /** One transaction: all its changes share a main revision. */
  public final class WriteTxn {
    private final long main = revision + 1;
    private final List<Change> changes = new ArrayList<>(1);

    /** The revision as it is within the transaction: raised as soon as something changed. */
    public long revision() {
      return changes.isEmpty() ? revision : main;
    }

    /** Refuses a revision as {@link Snapshot#checkInTxn} does. */
    public void checkRevision(long wanted) {
      Snapshot.checkInTxn(wanted, MvccStore.this.revision, compactRevision);
    }

    /** Writes a key; the lease is the caller's to check and attach. */
    public void put(ByteString key, ByteString value, long lease) {
      byte[] keyBytes = key.toByteArray();
      int sub = changes.size();
      KeyIndex.Written written = index.put(keyBytes, main, sub);
      byte[] stored =
          KeyValue.newBuilder()
              .setKey(key)
              .setCreateRevision(written.create())
              .setModRevision(main)
              .setVersion(written.version())
              .setValue(value)
              .setLease(lease)
              .build()
              .toByteArray();
      backend.putRevision(main, sub, false, stored);
      changes.add(new Change(keyBytes, main, sub, false, stored));
    }

    /** Deletes the live keys of a range and returns them, in key order. */
    public List<ByteString> delete(KeyRange range) {
      if (range.isEmpty()) {
        return List.of();
      }
      List<byte[]> keys = new ArrayList<>();
      index
          .current()
          .visit(
              range.from(),
              range.end(),
              Long.MAX_VALUE,
              (key, atMain, atSub) -> {
                keys.add(key);
                return true;
              });
      List<ByteString> deleted = new ArrayList<>(keys.size());
      for (byte[] key : keys) {
        int sub = changes.size();
        index.delete(key, main, sub);
        ByteString name = ByteString.copyFrom(key);
        byte[] stored = KeyValue.newBuilder().setKey(name).build().toByteArray();
        backend.putRevision(main, sub, true, stored);
        changes.add(new Change(key, main, sub, true, stored));
        deleted.add(name);
      }
      return deleted;
    }

    /** Reads, with this transaction's own changes. */
    public RangeResult range(RangeQuery query) {
      try (Snapshot now = own(revision())) {
        return now.range(query);
      }
    }

    /** A key as it is now within the transaction, or null. */
    public @Nullable KeyValue get(ByteString key) {
      byte[] keyBytes = key.toByteArray();
      KeyTree.Located at = index.current().latest(keyBytes);
      if (at == null) {
        return null;
      }
      try (Snapshot now = own(revision())) {
        return now.stored(at.main(), at.sub());
      }
    }

    /** Whether a key is live now within the transaction. */
    public boolean exists(ByteString key) {
      return index.current().latest(key.toByteArray()) != null;
    }

    /** Ends it; the store's revision rises if there were changes, which are returned in order. */
    public List<Change> end() {
      if (!changes.isEmpty()) {
        revision = main;
      }
      return changes;
    }
  }
}
