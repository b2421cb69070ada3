package io.etcdj.raft;

import static java.util.Objects.requireNonNull;

import io.etcdj.api.raftpb.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries with consecutive indexes in one array; cheap to extend at the end and to cut at both.
 *
 * <pre>
 *   new EntryBuffer(5)     first 5, last 4, empty
 *   append(5) append(6)    5 6
 *   append(7)              5 6 7
 *   dropThrough(5)           6 7
 *   truncateFrom(7)          6
 * </pre>
 */
final class EntryBuffer {
  private static final int MIN_SLOTS = 16;

  /** An emptied array above this is given back: one burst must not hold memory for ever. */
  private static final int MAX_IDLE_SLOTS = 4096;

  /** A larger array is given back when an eighth of it would do. */
  private static final int MAX_SPARSE_SLOTS = 1 << 16;

  /** What an entry takes beside its data, with the list that holds it. */
  private static final long ENTRY_BYTES = 128;

  private @Nullable Entry[] slots = new Entry[MIN_SLOTS];
  private int head;
  private int size;
  private long first;
  private long bytes;

  EntryBuffer(long firstIndex) {
    first = firstIndex;
  }

  long firstIndex() {
    return first;
  }

  long lastIndex() {
    return first + size - 1;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean contains(long index) {
    return index >= first && index < first + size;
  }

  Entry get(long index) {
    if (!contains(index)) {
      throw new IndexOutOfBoundsException(index + " is outside " + first + ".." + lastIndex());
    }
    return requireNonNull(slots[slot(index)]);
  }

  void append(Entry entry) {
    if (entry.getIndex() != first + size) {
      throw new IllegalStateException(
          "log gap: expected entry " + (first + size) + ", got " + entry.getIndex());
    }
    makeRoomForOne();
    slots[head + size] = entry;
    size++;
    bytes += bytes(entry);
  }

  /** About how much memory the entries take. */
  long bytes() {
    return bytes;
  }

  /** From where on the entries take no more than {@code maxBytes}. */
  long firstWithin(long maxBytes) {
    long excess = bytes - maxBytes;
    long index = first;
    while (excess > 0 && index <= lastIndex()) {
      excess -= bytes(get(index));
      index++;
    }
    return index;
  }

  static long bytes(Entry entry) {
    return ENTRY_BYTES + entry.getData().size();
  }

  /** Drops {@code index} and all after it. */
  void truncateFrom(long index) {
    int keep = (int) Math.max(0, Math.min(size, index - first));
    clear(head + keep, head + size);
    size = keep;
  }

  /** Drops {@code index} and all before it; the buffer then starts behind it. */
  void dropThrough(long index) {
    int drop = (int) Math.max(0, Math.min(size, index - first + 1));
    clear(head, head + drop);
    head += drop;
    size -= drop;
    first += drop;
    if (size == 0) {
      head = 0;
      if (slots.length > MAX_IDLE_SLOTS) {
        slots = new Entry[MIN_SLOTS];
      }
    } else if (slots.length > MAX_SPARSE_SLOTS && size < slots.length / 8) {
      moveTo(new Entry[slots.length / 4]);
    }
  }

  private void clear(int from, int to) {
    for (int i = from; i < to; i++) {
      bytes -= bytes(requireNonNull(slots[i]));
      slots[i] = null;
    }
  }

  /** Empties the buffer; the next entry is {@code firstIndex}. */
  void restart(long firstIndex) {
    truncateFrom(first);
    head = 0;
    first = firstIndex;
  }

  /** The entries in {@code [lo, hi)}, a copy that later changes do not touch. */
  List<Entry> slice(long lo, long hi) {
    int from = slot(lo);
    int to = slot(hi);
    if (from < head || to > head + size || from > to) {
      throw new IndexOutOfBoundsException(
          "[" + lo + ", " + hi + ") is outside " + first + ".." + lastIndex());
    }
    List<Entry> copy = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      copy.add(requireNonNull(slots[i]));
    }
    return copy;
  }

  /** The end of the longest run from {@code lo} that fits into {@code maxBytes}, exclusive. */
  long endOfRun(long lo, long hi, long maxBytes) {
    long size = 0;
    for (long i = lo; i < hi; i++) {
      size += get(i).getSerializedSize();
      if (size > maxBytes) {
        return i;
      }
    }
    return hi;
  }

  private int slot(long index) {
    return Math.toIntExact(head + (index - first));
  }

  private void makeRoomForOne() {
    if (head + size < slots.length) {
      return;
    }
    // Shift only when at least half is free, so that each entry moves O(1) times on average.
    if (head >= slots.length / 2) {
      System.arraycopy(slots, head, slots, 0, size);
      Arrays.fill(slots, size, head + size, null);
      head = 0;
    } else {
      moveTo(new Entry[2 * slots.length]);
    }
  }

  private void moveTo(@Nullable Entry[] target) {
    System.arraycopy(slots, head, target, 0, size);
    slots = target;
    head = 0;
  }
}
