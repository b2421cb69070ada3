package io.etcdj.state.v2;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The newest events. Guarded by its store. */
final class History {
  static final int CAPACITY = 1_000;

  private final ArrayDeque<Event> events = new ArrayDeque<>();

  /** The first index of which it knew what happened. */
  private long base = 1;

  private long lastIndex;

  void reset(long firstIndex, long storeIndex, List<Event> known) {
    events.clear();
    base = firstIndex;
    lastIndex = storeIndex;
    events.addAll(known);
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
  }

  /**
   * The store is at this index now.
   *
   * @param forgotten told the index of each event that is too old for it
   */
  void advance(long index, LongConsumer forgotten) {
    lastIndex = index;
    long oldest = start();
    while (!events.isEmpty() && events.element().index() < oldest) {
      forgotten.accept(events.remove().index());
    }
  }

  /** The first event from this index on that a watcher of a path is told of, or null. */
  @Nullable Event find(String path, boolean recursive, long fromIndex, long storeIndex) {
    long start = start();
    if (Long.compareUnsigned(fromIndex, start) < 0) {
      throw V2Error.EVENT_INDEX_CLEARED.at(
          storeIndex,
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
