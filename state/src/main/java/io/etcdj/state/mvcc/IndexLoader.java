package io.etcdj.state.mvcc;

import com.google.protobuf.ByteString;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Puts stored rows, which come in revision order, back into the index.
 *
 * <p>Reading and parsing a row costs about as much as entering it, so with an executor the two go
 * on side by side, batch by batch.
 */
final class IndexLoader {
  private static final int BATCH_ROWS = 2_048;
  private static final int BATCHES_AHEAD = 16;

  private final KeyIndex index;
  private final MvccStore.LeaseListener leases;
  private final Map<ByteString, Long> leased = new HashMap<>();
  private long newest;

  /** Rows as they were read, taken apart. */
  private static final class Batch {
    private final byte[][] keys = new byte[BATCH_ROWS][];
    private final long[] mains = new long[BATCH_ROWS];
    private final int[] subs = new int[BATCH_ROWS];
    private final boolean[] tombstones = new boolean[BATCH_ROWS];
    private final long[] creates = new long[BATCH_ROWS];
    private final long[] versions = new long[BATCH_ROWS];
    private final long[] leases = new long[BATCH_ROWS];
    private int size;

    /** With the last batch: why there is no more to come, if that is a fault. */
    private @Nullable RuntimeException failure;

    private boolean isLast;

    void add(long main, long sub, boolean tombstone, ByteBuffer row, RowFields fields) {
      int at = size++;
      mains[at] = main;
      subs[at] = Math.toIntExact(sub);
      tombstones[at] = tombstone;
      if (!fields.read(row)) {
        throw new BackendCorruptException(
            "backend table key: revision " + main + "_" + sub + " is no KeyValue");
      }
      keys[at] = fields.key();
      creates[at] = fields.createRevision();
      versions[at] = fields.version();
      leases[at] = fields.lease();
    }
  }

  IndexLoader(KeyIndex index, MvccStore.LeaseListener leases) {
    this.index = index;
    this.leases = leases;
  }

  /** The newest revision that was found, 0 for none. */
  long newest() {
    return newest;
  }

  void load(Backend.KeyView rows, @Nullable Executor readAhead) {
    if (readAhead == null) {
      Batch[] batch = {new Batch()};
      RowFields fields = new RowFields();
      rows.scanInPlace(
          0,
          (main, sub, tombstone, row) -> {
            batch[0].add(main, sub, tombstone, row, fields);
            if (batch[0].size == BATCH_ROWS) {
              enter(batch[0]);
              batch[0] = new Batch();
            }
            return true;
          });
      enter(batch[0]);
    } else {
      loadSideBySide(rows, readAhead);
    }
    leased.forEach(leases::attached);
  }

  private void loadSideBySide(Backend.KeyView rows, Executor readAhead) {
    BlockingQueue<Batch> queue = new ArrayBlockingQueue<>(BATCHES_AHEAD);
    readAhead.execute(() -> read(rows, queue));
    try {
      for (boolean more = true; more; ) {
        Batch batch = queue.take();
        enter(batch);
        more = !batch.isLast;
        if (batch.failure != null) {
          throw batch.failure;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the index was loaded", e);
    }
  }

  private static void read(Backend.KeyView rows, BlockingQueue<Batch> queue) {
    Batch[] batch = {new Batch()};
    RowFields fields = new RowFields();
    try {
      rows.scanInPlace(
          0,
          (main, sub, tombstone, row) -> {
            batch[0].add(main, sub, tombstone, row, fields);
            if (batch[0].size == BATCH_ROWS) {
              put(queue, batch[0]);
              batch[0] = new Batch();
            }
            return true;
          });
    } catch (RuntimeException e) {
      batch[0].failure = e;
    }
    batch[0].isLast = true;
    put(queue, batch[0]);
  }

  private static void put(BlockingQueue<Batch> queue, Batch batch) {
    try {
      queue.put(batch);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while rows were read", e);
    }
  }

  private void enter(Batch batch) {
    for (int i = 0; i < batch.size; i++) {
      byte[] key = batch.keys[i];
      newest = batch.mains[i];
      if (batch.tombstones[i]) {
        index.restoreTombstone(key, newest, batch.subs[i]);
      } else {
        index.restore(key, newest, batch.subs[i], batch.creates[i], batch.versions[i]);
      }
      if (batch.leases[i] != 0) {
        leased.put(ByteString.copyFrom(key), batch.leases[i]);
      } else if (!leased.isEmpty()) {
        leased.remove(ByteString.copyFrom(key));
      }
    }
  }
}
