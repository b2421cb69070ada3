package io.etcdj.state.mvcc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.EtcdError;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store as it was at one moment: an index version and the rows it points to.
 *
 * <p>Why it is safe without a lock: it takes the published version first and opens the rows after,
 * so every row of that version is there; and it starts again if a compaction was published
 * meanwhile, since only rows that a published compaction superseded are ever removed. While all
 * rows are replaced, the version that is published holds those that it needs.
 *
 * <p>For one thread at a time; close it soon, because rows that it sees cannot be freed.
 */
public final class Snapshot implements AutoCloseable {
  private final KeyTree tree;
  private final Backend.KeyView rows;
  private final long revision;
  private final long compactRevision;

  Snapshot(KeyTree tree, Backend.KeyView rows, long revision, long compactRevision) {
    this.tree = tree;
    this.rows = rows;
    this.revision = revision;
    this.compactRevision = compactRevision;
  }

  /** The newest revision in it. */
  public long revision() {
    return revision;
  }

  /** The newest compaction in it; reads start here. */
  public long compactRevision() {
    return compactRevision;
  }

  /** Refuses a revision outside of what is kept; 0 or less means now. Returns the one to read. */
  public long resolve(long wanted) {
    return resolve(wanted, revision, compactRevision);
  }

  static long resolve(long wanted, long newest, long compacted) {
    if (wanted > newest) {
      throw EtcdError.FUTURE_REV.exception();
    }
    if (wanted <= 0) {
      return newest;
    }
    if (wanted < compacted) {
      throw EtcdError.COMPACTED.exception();
    }
    return wanted;
  }

  /**
   * Refuses what a range within a transaction may not ask for. Unlike a range alone, etcd takes a
   * negative revision there for one that is gone.
   */
  public void checkInTxn(long wanted) {
    checkInTxn(wanted, revision, compactRevision);
  }

  static void checkInTxn(long wanted, long newest, long compacted) {
    if (wanted < 0 && wanted < compacted) {
      throw EtcdError.COMPACTED.exception();
    }
    resolve(wanted, newest, compacted);
  }

  public RangeResult range(RangeQuery query) {
    long at = resolve(query.revision());
    KeyRange keys = query.keys();
    if (keys.isEmpty()) {
      return new RangeResult(List.of(), 0, false, revision);
    }
    if (query.countOnly()) {
      return new RangeResult(List.of(), count(keys, at), false, revision);
    }
    Selection found = new Selection(query, comparator(query));
    boolean complete =
        tree.visit(keys.from(), keys.end(), at, (key, main, sub) -> found.offer(value(main, sub)));
    long count = complete ? found.offered() : count(keys, at);
    return found.result(count, revision);
  }

  /** Number of keys of a range at a revision that {@link #resolve} allowed. */
  public long count(KeyRange keys, long at) {
    if (keys.isEmpty()) {
      return 0;
    }
    if (at == revision) {
      return tree.count(keys.from(), keys.end());
    }
    long[] count = {0};
    tree.visit(
        keys.from(),
        keys.end(),
        at,
        (key, main, sub) -> {
          count[0]++;
          return true;
        });
    return count[0];
  }

  private static @Nullable Comparator<KeyValue> comparator(RangeQuery query) {
    if (query.target() == RangeQuery.Target.KEY && query.order() != RangeQuery.Order.DESCEND) {
      return null; // keys come in order
    }
    Comparator<ByteString> bytes = ByteString.unsignedLexicographicalComparator();
    Comparator<KeyValue> ascending =
        switch (query.target()) {
          case KEY -> Comparator.comparing(KeyValue::getKey, bytes);
          case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
          case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
          case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
          case VALUE -> Comparator.comparing(KeyValue::getValue, bytes);
        };
    return query.order() == RangeQuery.Order.DESCEND ? ascending.reversed() : ascending;
  }

  /**
   * Visits the serialised {@code mvccpb.KeyValue}s of a range in key order.
   *
   * @param at a revision that {@link #resolve} allowed
   * @return whether the visitor never stopped it
   */
  public boolean visit(KeyRange keys, long at, RawVisitor visitor) {
    return keys.isEmpty()
        || tree.visit(
            keys.from(), keys.end(), at, (key, main, sub) -> visitor.visit(key, raw(main, sub)));
  }

  /** Called for each key in order. Returns whether to go on. */
  @FunctionalInterface
  public interface RawVisitor {
    boolean visit(byte[] key, byte[] keyValue);
  }

  /** The key as it was at a revision, or null; for a revision that may be compacted. */
  public @Nullable KeyValue asOf(byte[] key, long at) {
    if (at < compactRevision) {
      return null;
    }
    KeyValue[] found = {null};
    KeyRange one = KeyRange.of(key, new byte[0]);
    tree.visit(
        one.from(),
        one.end(),
        at,
        (same, main, sub) -> {
          found[0] = value(main, sub);
          return false;
        });
    return found[0];
  }

  /** Visits all changes from a revision on, in order, up to this snapshot's revision. */
  public boolean changes(long fromRevision, Backend.RevisionVisitor visitor) {
    boolean[] stopped = {false};
    rows.scan(
        fromRevision,
        (main, sub, tombstone, value) -> {
          if (main > revision) {
            return false;
          }
          if (!visitor.visit(main, sub, tombstone, value)) {
            stopped[0] = true;
            return false;
          }
          return true;
        });
    return !stopped[0];
  }

  /** The stored value of a revision that is still kept, else null. */
  public @Nullable KeyValue stored(long main, long sub) {
    byte[] raw = rows.get(main, sub);
    return raw == null ? null : parse(raw);
  }

  /** etcd's hash over the key table up to a revision; see {@link KvHash}. */
  public KvHash hash(long wanted) {
    return KvHash.of(tree, rows, resolve(wanted), compactRevision, revision);
  }

  private KeyValue value(long main, long sub) {
    return parse(raw(main, sub));
  }

  private byte[] raw(long main, long sub) {
    byte[] raw = rows.get(main, sub);
    if (raw == null) {
      throw new BackendCorruptException(
          "backend table key: revision " + main + "_" + sub + " is in the index but not stored");
    }
    return raw;
  }

  private static KeyValue parse(byte[] raw) {
    try {
      return KeyValue.parseFrom(raw);
    } catch (InvalidProtocolBufferException e) {
      throw new BackendCorruptException("stored value is no KeyValue: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    rows.close();
  }
}
