package io.etcdj.state.mvcc;

import io.etcdj.storage.backend.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Removes what an accepted compaction superseded, in steps, beside the writer.
 *
 * <p>It walks a published version of the index, which tells exactly what is unreachable; removes
 * those rows in batches ordered by revision, so that neighbours share pages; and then lets the
 * apply thread forget them in the index, some keys at a time. A crash in between loses nothing: the
 * rest is found again at start. Whoever drives it calls {@link #step} until it says that it is
 * done, as slowly as it likes.
 */
public final class Compaction {
  /** Superseded revisions collected at once; bounds the memory of a large compaction. */
  private static final int SECTION = 1 << 19;

  /** Keys that the apply thread forgets in one go. */
  private static final int TRIM_KEYS = 256;

  private final MvccStore store;
  private final Backend backend;
  private final long at;
  private final int batchRevisions;

  /** Where the next section starts; null when the index was walked to its end. */
  private byte @Nullable [] nextKey = {};

  private Section section = new Section();
  private int removed;
  private int trimmed;
  private boolean flushed;
  private boolean finished;
  private long totalRemoved;

  Compaction(MvccStore store, Backend backend, long at, int batchRevisions) {
    this.store = store;
    this.backend = backend;
    this.at = at;
    this.batchRevisions = batchRevisions;
  }

  /** The revision that is compacted to. */
  public long revision() {
    return at;
  }

  /** Rows removed so far. */
  public long removedRevisions() {
    return totalRemoved;
  }

  /**
   * Does one batch; blocks for the disk, so not for the apply thread.
   *
   * @param apply runs tasks on the apply thread, in order
   * @return whether there is more to do
   */
  public boolean step(Executor apply) {
    if (!flushed) {
      backend.flush(); // rows to remove must be out of the overlay
      flushed = true;
    }
    if (removed < section.count) {
      int batch = Math.min(batchRevisions, section.count - removed);
      section.remove(backend, removed, batch);
      removed += batch;
      totalRemoved += batch;
      return true;
    }
    if (trimmed < section.keys.size()) {
      int to = Math.min(trimmed + TRIM_KEYS, section.keys.size());
      List<byte[]> keys = section.keys.subList(trimmed, to);
      apply.execute(() -> store.trim(keys, at));
      trimmed = to;
      return true;
    }
    byte[] from = nextKey;
    if (from != null) {
      collect(from);
      return true;
    }
    if (!finished) {
      finished = true;
      apply.execute(() -> store.finishCompaction(at));
    }
    return false;
  }

  private void collect(byte[] from) {
    section = new Section();
    removed = 0;
    trimmed = 0;
    boolean complete = store.publishedTree().visitSuperseded(from, at, section);
    if (complete) {
      nextKey = null;
    } else {
      byte[] last = section.keys.get(section.keys.size() - 1);
      nextKey = Arrays.copyOf(last, last.length + 1); // the first key behind it
    }
    section.sort();
  }

  /**
   * Superseded revisions of a run of keys. Hundreds of thousands are collected and sorted while
   * clients are served, so they are no objects, and are sorted by counting, not by comparing.
   */
  private static final class Section implements KeyTree.SupersededVisitor {
    private final List<byte[]> keys = new ArrayList<>();
    private long[] mains = new long[1_024];

    /** Each with its tombstone mark in the lowest bit. */
    private long[] subs = new long[1_024];

    private int count;

    @Override
    public void superseded(long main, int sub, boolean tombstone) {
      if (count == mains.length) {
        mains = Arrays.copyOf(mains, 2 * count);
        subs = Arrays.copyOf(subs, 2 * count);
      }
      mains[count] = main;
      subs[count] = (long) sub << 1 | (tombstone ? 1 : 0);
      count++;
    }

    @Override
    public boolean endOfKey(byte[] key) {
      keys.add(key);
      return count < SECTION;
    }

    /** Orders by main revision, from the lowest byte that differs to the highest. */
    void sort() {
      long least = Long.MAX_VALUE;
      long greatest = 0;
      for (int i = 0; i < count; i++) {
        least = Math.min(least, mains[i]);
        greatest = Math.max(greatest, mains[i]);
      }
      long span = count == 0 ? 0 : greatest - least;
      for (int shift = 0; shift < Long.SIZE && span >>> shift != 0; shift += Byte.SIZE) {
        sortByByte(least, shift);
      }
    }

    private void sortByByte(long least, int shift) {
      int[] places = new int[(1 << Byte.SIZE) + 1];
      for (int i = 0; i < count; i++) {
        places[digit(mains[i] - least, shift) + 1]++;
      }
      for (int digit = 0; digit < 1 << Byte.SIZE; digit++) {
        places[digit + 1] += places[digit];
      }
      long[] sortedMains = new long[count];
      long[] sortedSubs = new long[count];
      for (int i = 0; i < count; i++) {
        int place = places[digit(mains[i] - least, shift)]++;
        sortedMains[place] = mains[i];
        sortedSubs[place] = subs[i];
      }
      mains = sortedMains;
      subs = sortedSubs;
    }

    private static int digit(long number, int shift) {
      return (int) (number >>> shift) & 0xff;
    }

    void remove(Backend backend, int from, int batch) {
      long[] batchSubs = new long[batch];
      boolean[] tombstones = new boolean[batch];
      for (int i = 0; i < batch; i++) {
        batchSubs[i] = subs[from + i] >>> 1;
        tombstones[i] = (subs[from + i] & 1) != 0;
      }
      backend.removeRevisions(
          Arrays.copyOfRange(mains, from, from + batch), batchSubs, tombstones, batch);
    }
  }
}
