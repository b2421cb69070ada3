package io.etcdj.state.v2;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All of a store, for a snapshot.
 *
 * @param historyStart the first index of which the events are known
 * @param nodes every node but the root and what is always there, {@link Entry#AS_WALKED}
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
      long createdIndex) {

    /** As a walk of the tree comes by them: what is in a directory is right behind it. */
    static final Comparator<Entry> AS_WALKED = (a, b) -> compareAsWalked(a.path, b.path);

    private static int compareAsWalked(String a, String b) {
      int length = Math.min(a.length(), b.length());
      for (int i = 0; i < length; i++) {
        char x = a.charAt(i);
        char y = b.charAt(i);
        if (x != y) {
          return x == '/' ? -1 : y == '/' ? 1 : Character.compare(x, y);
        }
      }
      return Integer.compare(a.length(), b.length());
    }
  }
}
