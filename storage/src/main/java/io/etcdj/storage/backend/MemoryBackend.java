package io.etcdj.storage.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The backend in memory: sorted maps, for embedded tests and simulations.
 *
 * <p>A view of the keys holds the map that was current when it was opened: later revisions may show
 * in it, which its reader does not ask for, but nothing leaves it, because removing makes a new
 * map. {@link #flush} marks what a crash would keep; {@link #crash} returns a backend that has just
 * that.
 */
public final class MemoryBackend implements Backend {
  private final Map<Table, TreeMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);
  private volatile ConcurrentSkipListMap<byte[], byte[]> revisions;
  private final AtomicInteger openViews = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private Map<Table, TreeMap<byte[], byte[]>> durableTables = Map.of();
  private byte[] lastDurableRevision = {};
  private ConcurrentSkipListMap<byte[], byte[]> durableRevisions;

  public MemoryBackend() {
    for (Table table : Table.values()) {
      tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
    }
    revisions = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    durableRevisions = revisions;
    flush();
  }

  /** What a crash leaves: everything up to the last {@link #flush}. */
  public synchronized MemoryBackend crash() {
    MemoryBackend survivor = new MemoryBackend();
    durableTables.forEach((table, rows) -> survivor.rows(table).putAll(rows));
    survivor.revisions.putAll(durableRevisions.headMap(lastDurableRevision, true));
    survivor.count();
    survivor.flush();
    return survivor;
  }

  private Map<byte[], byte[]> rows(Table table) {
    Map<byte[], byte[]> rows = tables.get(table);
    if (rows == null) {
      throw new IllegalStateException("table " + table + " is not there");
    }
    return rows;
  }

  private void count() {
    long sum = 0;
    for (TreeMap<byte[], byte[]> rows : tables.values()) {
      sum += size(rows);
    }
    bytes.set(sum + size(revisions));
  }

  private static long size(Map<byte[], byte[]> rows) {
    long sum = 0;
    for (Map.Entry<byte[], byte[]> row : rows.entrySet()) {
      sum += row.getKey().length + row.getValue().length;
    }
    return sum;
  }

  @Override
  public void begin() {}

  @Override
  public boolean hasRoom() {
    return true;
  }

  @Override
  public void putRevision(long main, long sub, boolean tombstone, byte[] value) {
    byte[] key = RevisionKeys.encode(main, sub, tombstone);
    revisions.put(key, value);
    bytes.addAndGet(key.length + value.length);
  }

  @Override
  public synchronized void put(Table table, byte[] key, byte[] value) {
    byte[] old = rows(table).put(key, value);
    bytes.addAndGet(value.length + (old == null ? key.length : -old.length));
  }

  @Override
  public synchronized void delete(Table table, byte[] key) {
    byte[] old = rows(table).remove(key);
    if (old != null) {
      bytes.addAndGet(-key.length - old.length);
    }
  }

  @Override
  public void end() {}

  @Override
  public void end(long index, long term) {
    put(Table.META, APPLIED_INDEX.getBytes(US_ASCII), bigEndian(index));
    put(Table.META, APPLIED_TERM.getBytes(US_ASCII), bigEndian(term));
  }

  private static byte[] bigEndian(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  @Override
  public synchronized void removeRevisions(
      long[] mains, long[] subs, boolean[] tombstones, int count) {
    ConcurrentSkipListMap<byte[], byte[]> rest = revisions.clone();
    for (int i = 0; i < count; i++) {
      rest.remove(RevisionKeys.encode(mains[i], subs[i], tombstones[i]));
    }
    revisions = rest;
    count();
    flush();
  }

  @Override
  public synchronized void flush() {
    Map<Table, TreeMap<byte[], byte[]>> copy = new EnumMap<>(Table.class);
    tables.forEach((table, rows) -> copy.put(table, new TreeMap<>(rows)));
    durableTables = copy;
    durableRevisions = revisions;
    lastDurableRevision = revisions.isEmpty() ? new byte[0] : revisions.lastKey();
  }

  @Override
  public KeyView openKeys() {
    return new MemoryView();
  }

  @Override
  public HeldKeys holdKeys() {
    ConcurrentSkipListMap<byte[], byte[]> held = revisions;
    return new HeldKeys() {
      @Override
      public KeyView open() {
        return new MemoryView(held);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized TableView openTables() {
    flush();
    return new MemoryView();
  }

  @Override
  public long sizeBytes() {
    return bytes.get();
  }

  @Override
  public long inUseBytes() {
    return bytes.get();
  }

  @Override
  public int openViews() {
    return openViews.get();
  }

  @Override
  public void defragment() {}

  @Override
  public synchronized void replaceAll(RowSource source) {
    for (Table table : Table.values()) {
      if (table == Table.KEY) {
        ConcurrentSkipListMap<byte[], byte[]> fresh =
            new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
        source.rows(table, fresh::put);
        revisions = fresh;
      } else {
        rows(table).clear();
        source.rows(table, rows(table)::put);
      }
    }
    count();
    flush();
  }

  @Override
  public void replaceBy(Path database) {
    try (Backend file = new LmdbBackend(database, LmdbBackend.Options.defaults());
        TableView all = file.openTables()) {
      replaceAll(all::scan);
    }
  }

  @Override
  public void close() {}

  private final class MemoryView implements KeyView, TableView {
    private final ConcurrentSkipListMap<byte[], byte[]> keys;
    private final Map<Table, TreeMap<byte[], byte[]>> others = durableTables;
    private boolean open = true;

    MemoryView() {
      this(revisions);
    }

    MemoryView(ConcurrentSkipListMap<byte[], byte[]> keys) {
      this.keys = keys;
      openViews.incrementAndGet();
    }

    @Override
    public byte @Nullable [] get(long main, long sub) {
      return keys.get(RevisionKeys.encode(main, sub, false));
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      Map<byte[], byte[]> rows = table == Table.KEY ? keys : others.get(table);
      return rows == null ? null : rows.get(key);
    }

    @Override
    public boolean scanInPlace(long fromMain, InPlaceVisitor visitor) {
      for (Map.Entry<byte[], byte[]> row :
          keys.tailMap(RevisionKeys.encode(fromMain, 0, false), true).entrySet()) {
        byte[] key = row.getKey();
        if (!visitor.visit(
            RevisionKeys.main(key),
            RevisionKeys.sub(key),
            RevisionKeys.isTombstone(key),
            ByteBuffer.wrap(row.getValue()))) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void scanInPlace(Table table, InPlaceRowVisitor visitor) {
      Map<byte[], byte[]> rows = table == Table.KEY ? keys : others.get(table);
      if (rows != null) {
        rows.forEach((key, value) -> visitor.visit(ByteBuffer.wrap(key), ByteBuffer.wrap(value)));
      }
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        openViews.decrementAndGet();
      }
    }
  }
}
