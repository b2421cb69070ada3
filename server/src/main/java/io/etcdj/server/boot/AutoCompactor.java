package io.etcdj.server.boot;

import io.etcdj.server.config.AutoCompaction;
import io.etcdj.server.log.Log;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Compacts history by age or by number of revisions.
 *
 * <p>By age, it notes the revision ten times per retention (every six minutes from an hour on) and
 * compacts to the one noted a retention ago, once per retention or hour, whichever is shorter. By
 * number, it looks every five minutes. Only the leader compacts. Confined to the timer thread.
 */
final class AutoCompactor {
  private static final Duration REVISION_INTERVAL = Duration.ofMinutes(5);
  private static final long NOTES_PER_RETENTION = 10;

  private final AutoCompaction mode;
  private final BooleanSupplier leads;
  private final LongSupplier revision;
  private final LongConsumer compact;
  private final LongSupplier nanoClock;
  private final Log log;
  private final Deque<Note> notes = new ArrayDeque<>();
  private long lastCompactionNanos;
  private long lastRevision;

  private record Note(long atNanos, long revision) {}

  /**
   * @param revision the store's revision now
   * @param compact proposes a compaction
   * @param nanoClock monotonic time
   */
  AutoCompactor(
      AutoCompaction mode,
      BooleanSupplier leads,
      LongSupplier revision,
      LongConsumer compact,
      LongSupplier nanoClock,
      Log log) {
    this.mode = mode;
    this.leads = leads;
    this.revision = revision;
    this.compact = compact;
    this.nanoClock = nanoClock;
    this.log = log;
    this.lastCompactionNanos = nanoClock.getAsLong();
  }

  /** How often {@link #look} is to be called, in ms; 0 for never. */
  long intervalMillis() {
    if (mode instanceof AutoCompaction.Periodic periodic) {
      return Math.max(1, period(periodic.retention()).toMillis() / NOTES_PER_RETENTION);
    }
    return mode instanceof AutoCompaction.Revisions ? REVISION_INTERVAL.toMillis() : 0;
  }

  /** The time between two compactions by age. */
  private static Duration period(Duration retention) {
    Duration hour = Duration.ofHours(1);
    return retention.compareTo(hour) < 0 ? retention : hour;
  }

  void look() {
    if (mode instanceof AutoCompaction.Periodic periodic) {
      lookAtAge(periodic.retention());
    } else if (mode instanceof AutoCompaction.Revisions revisions) {
      compactTo(revision.getAsLong() - revisions.retention());
    }
  }

  private void lookAtAge(Duration retention) {
    long now = nanoClock.getAsLong();
    notes.addLast(new Note(now, revision.getAsLong()));
    long oldestNanos = now - retention.toNanos();
    long target = 0;
    while (!notes.isEmpty() && notes.getFirst().atNanos() - oldestNanos <= 0) {
      target = notes.removeFirst().revision();
    }
    if (target > 0 && now - lastCompactionNanos >= period(retention).toNanos()) {
      lastCompactionNanos = now;
      compactTo(target);
    }
  }

  private void compactTo(long target) {
    if (target <= lastRevision || target <= 0 || !leads.getAsBoolean()) {
      return;
    }
    log.info("starting auto compaction", "revision", target);
    lastRevision = target;
    compact.accept(target);
  }
}
