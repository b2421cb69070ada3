package io.etcdj.storage.wal;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.storage.disk.DiskFile;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where entries lie that were saved since the start, so that they can be read again.
 *
 * <p>Only some have a place; the others are behind it. A segment still holds entries that a later
 * leader replaced, and which those are shows by their terms, so the term of each is known.
 *
 * <pre>
 *   saving 5(1) 6(1) 7(1) 6(2) 7(2)      first() 6: the term of 5 is known
 *   term(5) 1, term(6) 2
 *   before(7)                            the place of 5 or the second one of 6
 * </pre>
 */
final class EntryPlaces {
  /** Bytes of entries behind a place, in the same segment, after which there is another. */
  static final long STEP_BYTES = 64 << 10;

  /**
   * The start of an entry's frame.
   *
   * @param crc where the chain stands before it
   * @param writtenBytes how much was written before it
   */
  record Place(long index, DiskFile file, long offset, int crc, long writtenBytes) {}

  private final TreeMap<Long, Place> places = new TreeMap<>();

  /** The first entry of each run of entries of one term, and that term. */
  private final TreeMap<Long, Long> terms = new TreeMap<>();

  private long writtenBytes;

  /** All from here on are known. */
  private long firstKnown;

  private long last;
  private long lastTerm;
  private @Nullable Place lastPlace;

  /** An entry is about to be written there. */
  void saving(Entry entry, DiskFile file, long offset, int crc) {
    long index = entry.getIndex();
    if (isEmpty() || index > last + 1 || index <= firstKnown) {
      clear();
      firstKnown = index;
    } else if (index <= last) {
      places.tailMap(index, true).clear();
      terms.tailMap(index, true).clear();
      lastPlace = places.lastEntry().getValue();
      lastTerm = terms.lastEntry().getValue();
    }
    if (terms.isEmpty() || lastTerm != entry.getTerm()) {
      lastTerm = entry.getTerm();
      terms.put(index, lastTerm);
    }
    Place place = lastPlace;
    if (place == null
        || place.file() != file
        || writtenBytes - place.writtenBytes() >= STEP_BYTES) {
      lastPlace = new Place(index, file, offset, crc, writtenBytes);
      places.put(index, lastPlace);
    }
    writtenBytes += entry.getSerializedSize();
    last = index;
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  /**
   * The first entry that can be read and the term of whose predecessor is known; {@link
   * Long#MAX_VALUE} if there is none.
   */
  long first() {
    return isEmpty() ? Long.MAX_VALUE : firstKnown + 1;
  }

  /** The term of an entry from {@code first() - 1}, or the oldest place, to the last. */
  long term(long index) {
    if (isEmpty() || index < places.firstKey() || index > last) {
      throw new IllegalArgumentException("the term of entry " + index + " is not known");
    }
    return terms.floorEntry(index).getValue();
  }

  /** The nearest place at or before an entry from {@link #first} to the last. */
  Place before(long index) {
    if (index < first() || index > last) {
      throw new IllegalArgumentException("no place leads to entry " + index);
    }
    return places.floorEntry(index).getValue();
  }

  /** The oldest segment that is needed to read any of them; null if there is none. */
  @Nullable DiskFile oldest() {
    Map.Entry<Long, Place> place = places.firstEntry();
    return place == null ? null : place.getValue().file();
  }

  /** The first entry from which on at most {@code maxBytes}, and a step, were written. */
  long firstWithin(long maxBytes) {
    for (Place place : places.values()) {
      if (writtenBytes - place.writtenBytes() <= maxBytes) {
        return place.index();
      }
    }
    return last + 1;
  }

  /** Forgets entries up to and including {@code index}, but for its term. */
  void forget(long index) {
    if (isEmpty() || index < firstKnown) {
      return;
    }
    if (index > last) {
      clear();
      return;
    }
    firstKnown = index;
    places.headMap(places.floorKey(index), false).clear();
    terms.headMap(terms.floorKey(places.firstKey()), false).clear();
  }

  void clear() {
    places.clear();
    terms.clear();
    lastPlace = null;
  }
}
