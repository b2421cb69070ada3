package io.etcdj.state.v2;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All of a store, for a snapshot.
 *
 * @param historyStart the first index of which the events are known
 * @param nodes every node but the root and what is always there, parents before children
 * @param history the newest events, in order; indexes without one were writes of members
 */
public record Contents(long index, long historyStart, List<Entry> nodes, List<Event> history) {
  public static final Contents EMPTY = new Contents(0, 1, List.of(), List.of());

  /**
   * One node.
   *
   * @param value null for a directory
   */
  public record Entry(
      String path,
      @Nullable String value,
      long expiryNanos,
      long modifiedIndex,
      long createdIndex) {}
}
