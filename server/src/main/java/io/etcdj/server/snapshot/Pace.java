package io.etcdj.server.snapshot;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast a database is sent: slowly enough that those who write hardly notice, unless they write
 * so much that the log, which is kept until the other member can go on from it, would grow large.
 */
final class Pace {
  static final long BYTES_PER_SECOND = 32_000_000;

  /** The transfer keeps ahead of the log, as if this much of that made the whole of it. */
  static final long LOG_BYTES = 40 << 20;

  private final double databaseBytes;
  private final LongSupplier logBytes;
  private final LongSupplier clock;
  private final long beganNanos;
  private final long beganLogBytes;

  /**
   * @param databaseBytes about how much there is to send
   * @param logBytes how much was ever written to the log
   * @param clock nanos
   */
  Pace(long databaseBytes, LongSupplier logBytes, LongSupplier clock) {
    this.databaseBytes = Math.max(1, databaseBytes);
    this.logBytes = logBytes;
    this.clock = clock;
    this.beganNanos = clock.getAsLong();
    this.beganLogBytes = logBytes.getAsLong();
  }

  /** How many nanoseconds too early it would be now to send more than {@code sentBytes}, or 0. */
  long aheadNanos(long sentBytes) {
    double log = (double) (logBytes.getAsLong() - beganLogBytes) / LOG_BYTES;
    if (sentBytes / databaseBytes < log) {
      return 0;
    }
    double due = (double) sentBytes / BYTES_PER_SECOND * TimeUnit.SECONDS.toNanos(1);
    return Math.max(0, (long) due - (clock.getAsLong() - beganNanos));
  }
}
