package io.etcdj.server.snapshot;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast a database is sent: slowly enough that those who write hardly notice; faster when they
 * write so much that the other member will have a lot to catch up with; and as fast as it goes when
 * the log, which is kept on the disk until then, would grow too large.
 */
final class Pace {
  static final long BYTES_PER_SECOND = 32_000_000;
  static final long HURRIED_BYTES_PER_SECOND = 64_000_000;

  /** A lot of log: a transfer that it overtakes hurries. */
  static final long LONG_LOG_BYTES = 40 << 20;

  /** A transfer keeps ahead of the log, as if this much of that made the whole of it. */
  static final long MAX_LOG_BYTES = 3L << 29;

  private final double databaseBytes;
  private final LongSupplier logBytes;
  private final LongSupplier clock;
  private final long beganNanos;
  private final long beganLogBytes;

  /** What was sent when last asked, and when that was due, in nanos from the beginning. */
  private long chargedBytes;

  private double dueNanos;

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

  /**
   * How many nanoseconds too early it would be now to send more than {@code sentBytes}, or 0. One
   * thread at a time.
   */
  long aheadNanos(long sentBytes) {
    double log = logBytes.getAsLong() - beganLogBytes;
    double sent = sentBytes / databaseBytes;
    long elapsedNanos = clock.getAsLong() - beganNanos;
    if (sent < log / MAX_LOG_BYTES) {
      chargedBytes = sentBytes;
      dueNanos = elapsedNanos;
      return 0;
    }
    long bytesPerSecond = sent < log / LONG_LOG_BYTES ? HURRIED_BYTES_PER_SECOND : BYTES_PER_SECOND;
    // Each byte at the pace of its time: what was sent in a hurry is not waited for later.
    dueNanos += (double) (sentBytes - chargedBytes) / bytesPerSecond * TimeUnit.SECONDS.toNanos(1);
    chargedBytes = sentBytes;
    return Math.max(0, (long) dueNanos - elapsedNanos);
  }
}
