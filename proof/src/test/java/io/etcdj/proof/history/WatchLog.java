package io.etcdj.proof.history;

import java.util.ArrayList;
import java.util.List;

/** What one watcher was told, over all its connections, in the order in which it came. */
public final class WatchLog {
  /** What can come. */
  public sealed interface Item {
    /** It asked for everything from this revision on. */
    record Asked(long from) implements Item {}

    /** Events in one response. */
    record Told(long atNanos, long headerRevision, List<Event> events) implements Item {}

    /** The server said that everything up to this revision has been told. */
    record Progress(long revision) implements Item {}

    /** The server said that nothing up to this revision can be told any more. */
    record Compacted(long revision) implements Item {}
  }

  private final String name;
  private final List<Item> items = new ArrayList<>();
  private long next;

  /**
   * @param from the first revision that is wanted
   */
  public WatchLog(String name, long from) {
    this.name = name;
    this.next = from;
  }

  public String name() {
    return name;
  }

  public synchronized void add(Item item) {
    items.add(item);
    if (item instanceof Item.Told told) {
      told.events().forEach(event -> next = Math.max(next, event.revision() + 1));
    } else if (item instanceof Item.Progress progress) {
      next = Math.max(next, progress.revision() + 1);
    } else if (item instanceof Item.Compacted compacted) {
      next = Math.max(next, compacted.revision() + 1);
    }
    notifyAll();
  }

  /** The first revision of which nothing was told yet: where to go on after a broken connection. */
  public synchronized long next() {
    return next;
  }

  public synchronized List<Item> items() {
    return List.copyOf(items);
  }

  /** Waits until everything up to this revision was told; false if that takes too long. */
  public synchronized boolean awaitRevision(long revision, long deadlineNanos)
      throws InterruptedException {
    while (next <= revision) {
      long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return false;
      }
      wait(leftMillis);
    }
    return true;
  }
}
