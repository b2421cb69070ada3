package io.etcdj.server.config;

import io.etcdj.server.text.GoDuration;
import java.time.Duration;

/** What history to keep. */
public sealed interface AutoCompaction {
  /** All of it. */
  record Off() implements AutoCompaction {}

  /** The last hours, or whatever was said. */
  record Periodic(Duration retention) implements AutoCompaction {}

  /** The last revisions. */
  record Revisions(long retention) implements AutoCompaction {}

  /** A plain number is hours or revisions; anything else is a duration, for both modes. */
  static AutoCompaction parse(String mode, String retention) throws LateFailure {
    boolean byRevision = mode.equals("revision");
    if (retention.matches("\\+?\\d{1,9}")) {
      long number = Long.parseLong(retention);
      if (mode.isEmpty()) {
        throw new LateFailure("--auto-compaction-mode is undefined");
      }
      return of(byRevision, number, Duration.ofHours(number));
    }
    try {
      Duration duration = GoDuration.parse(retention);
      return of(byRevision, duration.toNanos(), duration); // etcd counts the nanoseconds, so do we
    } catch (IllegalArgumentException invalid) {
      throw new LateFailure("error parsing CompactionRetention: " + invalid.getMessage());
    }
  }

  private static AutoCompaction of(boolean byRevision, long number, Duration duration) {
    if (number == 0) {
      return new Off();
    }
    return byRevision ? new Revisions(number) : new Periodic(duration);
  }
}
