package io.etcdj.state.v2;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The newest events: a thousand, or as many as have {@link #MAX_CHARS} together. Guarded by its
 * store.
 */
final class History {
  static final int CAPACITY = 1_000;

  /** A thousand events with the largest values would be gigabytes. */
  static final long MAX_CHARS = 64 << 20;

  private final ArrayDeque<Event> events = new ArrayDeque<>();

  /** The first index of which it knew what happened. */
  private long base = 1;

  private long lastIndex;
  private long chars;

  void reset(long firstIndex, long storeIndex, List<Event> known) {
    events.clear();
    base = firstIndex;
    lastIndex = storeIndex;
    events.addAll(known);
    chars = known.stream().mapToLong(History::charsOf).sum();
  }

  private static long charsOf(Event event) {
    return charsOf(event.node()) + (event.prevNode() == null ? 0 : charsOf(event.prevNode()));
  }

  private static long charsOf(NodeView view) {
    return (long) view.key().length() + (view.value() == null ? 0 : view.value().length());
  }

  long base() {
    return base;
  }

  /** The oldest index that can be asked for; 0 before anything happened. */
  long start() {
    return lastIndex == 0 ? 0 : Math.max(base, lastIndex - CAPACITY + 1);
  }

  List<Event> events() {
    return List.copyOf(events);
  }

  void add(Event event) {
    events.add(event);
    chars += charsOf(event);
  }

  /**
   * The store is at this index now.
   *
   * @param forgotten told the index of each event that is too old for it
   */
  void advance(long index, LongConsumer forgotten) {
    lastIndex = index;
    while (!events.isEmpty() && (events.element().index() < start() || chars > MAX_CHARS)) {
      Event oldest = events.remove();
      chars -= charsOf(oldest);
      base = Math.max(base, oldest.index() + 1);
      forgotten.accept(oldest.index());
    }
  }

  /** The first event from this index on that a watcher of a path is told of, or null. */
  @Nullable Event find(String path, boolean recursive, long fromIndex) {
    long start = start();
    if (Long.compareUnsigned(fromIndex, start) < 0) {
      throw V2Error.EVENT_INDEX_CLEARED.at(
          lastIndex,
          "the requested history has been cleared ["
              + start
              + "/"
              + Long.toUnsignedString(fromIndex)
              + "]");
    }
    if (Long.compareUnsigned(fromIndex, lastIndex) > 0) {
      return null;
    }
    for (Event event : events) {
      if (event.index() >= fromIndex && !event.refresh() && concerns(event, path, recursive)) {
        return event;
      }
    }
    return null;
  }

  private static boolean concerns(Event event, String path, boolean recursive) {
    String key = event.node().key();
    return key.equals(path)
        || (recursive && key.startsWith(path.endsWith("/") ? path : path + '/'))
        || (event.removesDirectory() && path.startsWith(key + '/'));
  }
}
