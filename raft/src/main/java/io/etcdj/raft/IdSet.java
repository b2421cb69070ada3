package io.etcdj.raft;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * An immutable set of member ids, ascending as unsigned numbers.
 *
 * <pre>
 *   IdSet.of(3, 1).with(2).without(1)     {2, 3}
 *   IdSet.of(1, 2).difference({2, 3})     2: the 1 and the 3
 * </pre>
 */
final class IdSet {
  static final IdSet EMPTY = new IdSet(new long[0]);

  private final long[] ids;

  private IdSet(long[] ids) {
    this.ids = ids;
  }

  static IdSet of(long... ids) {
    IdSet set = EMPTY;
    for (long id : ids) {
      set = set.with(id);
    }
    return set;
  }

  static IdSet copyOf(Collection<Long> ids) {
    IdSet set = EMPTY;
    for (long id : ids) {
      set = set.with(id);
    }
    return set;
  }

  int size() {
    return ids.length;
  }

  boolean isEmpty() {
    return ids.length == 0;
  }

  /** The {@code i}th smallest. */
  long get(int i) {
    return ids[i];
  }

  boolean contains(long id) {
    for (long each : ids) { // a handful: cheaper than a search
      if (each == id) {
        return true;
      }
    }
    return false;
  }

  IdSet with(long id) {
    if (contains(id)) {
      return this;
    }
    int at = 0;
    while (at < ids.length && Long.compareUnsigned(ids[at], id) < 0) {
      at++;
    }
    long[] larger = new long[ids.length + 1];
    System.arraycopy(ids, 0, larger, 0, at);
    larger[at] = id;
    System.arraycopy(ids, at, larger, at + 1, ids.length - at);
    return new IdSet(larger);
  }

  IdSet without(long id) {
    if (!contains(id)) {
      return this;
    }
    long[] smaller = new long[ids.length - 1];
    int at = 0;
    for (long each : ids) {
      if (each != id) {
        smaller[at++] = each;
      }
    }
    return new IdSet(smaller);
  }

  IdSet union(IdSet other) {
    IdSet union = this;
    for (long id : other.ids) {
      union = union.with(id);
    }
    return union;
  }

  /** How many ids are in one of the two sets only. */
  int difference(IdSet other) {
    int common = 0;
    for (long id : ids) {
      if (other.contains(id)) {
        common++;
      }
    }
    return ids.length + other.ids.length - 2 * common;
  }

  List<Long> toList() {
    return Arrays.stream(ids).boxed().toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IdSet set && Arrays.equals(ids, set.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}
