package io.etcdj.storage.backend;

import static org.lmdbjava.EnvFlags.MDB_NOMEMINIT;
import static org.lmdbjava.EnvFlags.MDB_NORDAHEAD;
import static org.lmdbjava.EnvFlags.MDB_NOSUBDIR;
import static org.lmdbjava.EnvFlags.MDB_NOSYNC;
import static org.lmdbjava.EnvFlags.MDB_NOTLS;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;
import org.lmdbjava.SeekOp;
import org.lmdbjava.Stat;
import org.lmdbjava.Txn;

/**
 * One LMDB file with etcd's tables, counted by those who use it.
 *
 * <p>Readers {@link #acquire} it; when it was replaced by a newer file ({@link #retire}) it closes
 * with the last of them. Settings: NOTLS, because read transactions move between threads; NORDAHEAD
 * and NOMEMINIT, because rows are read by point and every page is written whole; not WRITEMAP,
 * because a full disk would then kill the process.
 */
final class LmdbFile {
  private static final long MAP_BYTES = 64L << 30;
  private static final int MAX_READERS = 4096;

  /**
   * LMDB's limit for keys; a key of this length stands for a longer one, see {@link #storedKey}.
   */
  private static final int MAX_KEY = 511;

  private static final int IDLE_READERS = 16;

  private final Env<ByteBuffer> env;
  private final Map<Table, Dbi<ByteBuffer>> tables = new EnumMap<>(Table.class);
  private final ConcurrentLinkedQueue<Txn<ByteBuffer>> idleReaders = new ConcurrentLinkedQueue<>();
  private final AtomicInteger idleCount = new AtomicInteger();

  // Whoever has the write transaction has these.
  private final ByteBuffer writerKey = ByteBuffer.allocateDirect(MAX_KEY);
  private ByteBuffer writerValue = ByteBuffer.allocateDirect(64 * 1024);

  /** Users plus one for being current; at 0 the file is closed. */
  private final AtomicInteger users = new AtomicInteger(1);

  private volatile Runnable whenClosed = () -> {};

  LmdbFile(Path path, boolean noSync) {
    List<EnvFlags> flags =
        new ArrayList<>(List.of(MDB_NOSUBDIR, MDB_NOTLS, MDB_NORDAHEAD, MDB_NOMEMINIT));
    if (noSync) {
      flags.add(MDB_NOSYNC);
    }
    LmdbLibrary.load();
    env =
        Env.create(ByteBufferProxy.PROXY_OPTIMAL)
            .setMapSize(MAP_BYTES)
            .setMaxDbs(Table.values().length)
            .setMaxReaders(MAX_READERS)
            .open(path.toFile(), 0600, flags.toArray(new EnvFlags[0]));
    for (Table table : Table.values()) {
      tables.put(table, env.openDbi(table.bucket(), DbiFlags.MDB_CREATE));
    }
  }

  /** Makes it usable for the caller until {@link #release}; false when it has been replaced. */
  boolean acquire() {
    int count = users.get();
    while (count > 0) {
      if (users.compareAndSet(count, count + 1)) {
        return true;
      }
      count = users.get();
    }
    return false;
  }

  void release() {
    if (users.decrementAndGet() == 0) {
      for (Txn<ByteBuffer> reader = idleReaders.poll();
          reader != null;
          reader = idleReaders.poll()) {
        reader.close();
      }
      env.close();
      whenClosed.run();
    }
  }

  /** Gives up the hold of being current. */
  void retire() {
    release();
  }

  /** The same; {@code then} runs once it is closed, which is when its last reader is done. */
  void retire(Runnable then) {
    whenClosed = then;
    release();
  }

  Writer write() {
    return new Writer();
  }

  Reader read() {
    return new Reader();
  }

  long sizeBytes() {
    return (env.info().lastPageNumber + 1) * env.stat().pageSize;
  }

  long inUseBytes() {
    long pages = 2; // the two metas
    try (Txn<ByteBuffer> txn = env.txnRead()) {
      pages += pages(env.stat());
      for (Dbi<ByteBuffer> table : tables.values()) {
        pages += pages(table.stat(txn));
      }
    }
    return pages * env.stat().pageSize;
  }

  private static long pages(Stat stat) {
    return stat.branchPages + stat.leafPages + stat.overflowPages;
  }

  private Dbi<ByteBuffer> table(Table table) {
    Dbi<ByteBuffer> dbi = tables.get(table);
    if (dbi == null) {
      throw new IllegalStateException("table " + table + " is not open");
    }
    return dbi;
  }

  /**
   * The key as it is stored. LMDB takes 511 bytes at most and names of users and roles may be
   * longer: such a key is stored as 479 bytes 0xff and its SHA-256, and the value holds it whole.
   */
  private static byte[] storedKey(byte[] key) {
    if (key.length < MAX_KEY) {
      return key;
    }
    byte[] stored = new byte[MAX_KEY];
    Arrays.fill(stored, (byte) 0xff);
    byte[] digest = Digests.sha256(key);
    System.arraycopy(digest, 0, stored, MAX_KEY - digest.length, digest.length);
    return stored;
  }

  private static byte[] storedValue(byte[] key, byte[] value) {
    if (key.length < MAX_KEY) {
      return value;
    }
    return ByteBuffer.allocate(Integer.BYTES + key.length + value.length)
        .putInt(key.length)
        .put(key)
        .put(value)
        .array();
  }

  /** A write transaction: one at a time, begun and ended on the same thread. */
  final class Writer implements AutoCloseable {
    private final Txn<ByteBuffer> txn = env.txnWrite();
    private final Cursor<ByteBuffer> revisions = table(Table.KEY).openCursor(txn);
    private final CheckedValue checked = new CheckedValue();
    private final ByteBuffer key = writerKey;
    private boolean open = true;

    /** Appends a revision greater than all that are there. */
    void append(long main, long sub, boolean tombstone, byte[] keyValue) {
      key.clear();
      RevisionKeys.write(key, main, sub, tombstone);
      key.flip();
      if (!revisions.put(key, checked(keyValue), PutFlags.MDB_APPEND)) {
        throw new IllegalStateException("revision " + main + "_" + sub + " is there already");
      }
    }

    void put(Table table, byte[] rowKey, byte[] rowValue) {
      setKey(rowKey);
      table(table).put(txn, key, checked(storedValue(rowKey, rowValue)));
    }

    void delete(Table table, byte[] rowKey) {
      setKey(rowKey);
      table(table).delete(txn, key);
    }

    void deleteRevision(long main, long sub, boolean tombstone) {
      key.clear();
      RevisionKeys.write(key, main, sub, tombstone);
      key.flip();
      table(Table.KEY).delete(txn, key);
    }

    void commit() {
      open = false;
      revisions.close();
      txn.commit();
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        revisions.close();
      }
      txn.close();
    }

    private void setKey(byte[] rowKey) {
      key.clear();
      key.put(storedKey(rowKey)).flip();
    }

    private ByteBuffer checked(byte[] plain) {
      int needed = plain.length + CheckedValue.OVERHEAD;
      if (writerValue.capacity() < needed) {
        writerValue = ByteBuffer.allocateDirect(Math.max(needed, 2 * writerValue.capacity()));
      }
      checked.write(key, plain, writerValue);
      return writerValue;
    }
  }

  /** A read transaction. For one thread at a time, but not bound to it. */
  final class Reader implements AutoCloseable {
    private final Txn<ByteBuffer> txn;
    private final CheckedValue checked = new CheckedValue();
    private final ByteBuffer key = ByteBuffer.allocateDirect(MAX_KEY);

    Reader() {
      Txn<ByteBuffer> idle = idleReaders.poll();
      if (idle != null) {
        idleCount.decrementAndGet();
        idle.renew();
        txn = idle;
      } else {
        txn = env.txnRead();
      }
    }

    byte @Nullable [] get(Table table, byte[] rowKey) {
      key.clear();
      key.put(storedKey(rowKey)).flip();
      ByteBuffer stored = table(table).get(txn, key);
      if (stored == null) {
        return null;
      }
      byte[] value = checked.read(table, key, stored);
      return rowKey.length < MAX_KEY
          ? value
          : Arrays.copyOfRange(value, Integer.BYTES + rowKey.length, value.length);
    }

    byte @Nullable [] getRevision(long main, long sub) {
      key.clear();
      RevisionKeys.write(key, main, sub, false);
      key.flip();
      ByteBuffer stored = table(Table.KEY).get(txn, key);
      return stored == null ? null : checked.read(Table.KEY, key, stored);
    }

    /**
     * Visits the key table from {@code fromMain} on, up to a revision that is left out.
     *
     * @return whether the visitor never stopped it
     */
    boolean scanRevisions(
        long fromMain, long endMain, long endSub, Backend.InPlaceVisitor visitor) {
      key.clear();
      RevisionKeys.write(key, fromMain, 0, false);
      key.flip();
      try (Cursor<ByteBuffer> cursor = table(Table.KEY).openCursor(txn)) {
        boolean found = cursor.get(key, GetOp.MDB_SET_RANGE);
        while (found) {
          ByteBuffer at = cursor.key();
          int length = at.remaining();
          if (length < RevisionKeys.LENGTH || length > RevisionKeys.LENGTH + 1) {
            throw new BackendCorruptException(
                "backend table key: a key of " + length + " bytes is no revision");
          }
          long main = at.getLong(0);
          long sub = at.getLong(9);
          if (main > endMain || (main == endMain && sub >= endSub)) {
            return true;
          }
          ByteBuffer value = cursor.val();
          checked.check(Table.KEY, at, value);
          if (!visitor.visit(main, sub, length > RevisionKeys.LENGTH, value)) {
            return false;
          }
          found = cursor.next();
        }
      }
      return true;
    }

    /** Visits all rows in key order; long keys are merged in where they belong. */
    void scan(Table table, Backend.InPlaceRowVisitor visitor) {
      Deque<byte[][]> longKeys = longKeys(table);
      try (Cursor<ByteBuffer> cursor = table(table).openCursor(txn)) {
        boolean found = cursor.seek(SeekOp.MDB_FIRST);
        while (found && cursor.key().remaining() < MAX_KEY) {
          ByteBuffer stored = cursor.key();
          ByteBuffer value = cursor.val();
          checked.check(table, stored, value);
          while (!longKeys.isEmpty() && isBefore(longKeys.getFirst()[0], stored)) {
            visit(longKeys.removeFirst(), visitor);
          }
          visitor.visit(stored, value);
          found = cursor.next();
        }
      }
      longKeys.forEach(row -> visit(row, visitor));
    }

    private static boolean isBefore(byte[] key, ByteBuffer other) {
      byte[] copy = new byte[other.remaining()];
      other.duplicate().get(copy);
      return Arrays.compareUnsigned(key, copy) < 0;
    }

    private static void visit(byte[][] row, Backend.InPlaceRowVisitor visitor) {
      visitor.visit(ByteBuffer.wrap(row[0]), ByteBuffer.wrap(row[1]));
    }

    /** Rows whose keys are stored by digest, as {key, value} in key order; they sort last. */
    private Deque<byte[][]> longKeys(Table table) {
      List<byte[][]> rows = new ArrayList<>();
      byte[] prefix = new byte[MAX_KEY - 32];
      Arrays.fill(prefix, (byte) 0xff);
      key.clear();
      key.put(prefix).flip();
      try (Cursor<ByteBuffer> cursor = table(table).openCursor(txn)) {
        boolean found = cursor.get(key, GetOp.MDB_SET_RANGE);
        while (found) {
          if (cursor.key().remaining() == MAX_KEY) {
            byte[] both = checked.read(table, cursor.key(), cursor.val());
            int split = Integer.BYTES + ByteBuffer.wrap(both).getInt();
            rows.add(
                new byte[][] {
                  Arrays.copyOfRange(both, Integer.BYTES, split),
                  Arrays.copyOfRange(both, split, both.length)
                });
          }
          found = cursor.next();
        }
      }
      rows.sort((a, b) -> Arrays.compareUnsigned(a[0], b[0]));
      return new ArrayDeque<>(rows);
    }

    @Override
    public void close() {
      txn.reset();
      if (idleCount.incrementAndGet() <= IDLE_READERS) {
        idleReaders.add(txn);
      } else {
        idleCount.decrementAndGet();
        txn.close();
      }
    }
  }
}
