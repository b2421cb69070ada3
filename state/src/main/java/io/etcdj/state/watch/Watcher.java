package io.etcdj.state.watch;

import io.etcdj.state.mvcc.RangeQuery.KeyRange;

/**
 * Somebody's interest in the changes of some keys.
 *
 * <p>Owned by one thread at a time: whoever holds it, live or history, is the one to move {@link
 * #next}.
 */
public final class Watcher {
  /** Which events a watcher is given, and how. */
  public record Options(
      boolean previousValues, boolean withoutPuts, boolean withoutDeletes, boolean fragments) {}

  private final long id;
  private final KeyRange range;
  private final Options options;
  private final Object owner;
  private long next;

  /**
   * @param id its id on its stream
   * @param owner the stream, for whoever delivers
   * @param next the first revision to give
   */
  public Watcher(long id, KeyRange range, Options options, Object owner, long next) {
    this.id = id;
    this.range = range;
    this.options = options;
    this.owner = owner;
    this.next = next;
  }

  public long id() {
    return id;
  }

  public KeyRange range() {
    return range;
  }

  public Options options() {
    return options;
  }

  public Object owner() {
    return owner;
  }

  /** The first revision that it has not been given. */
  public long next() {
    return next;
  }

  /** Notes that everything below {@code revision} was given or does not concern it. */
  public void advanceTo(long revision) {
    if (revision > next) {
      next = revision;
    }
  }
}
