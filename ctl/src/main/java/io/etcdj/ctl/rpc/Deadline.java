package io.etcdj.ctl.rpc;

/** A moment to give up at, on the monotonic clock; {@link #NEVER} waits forever. */
public record Deadline(long nanoTime, boolean finite) {
  public static final Deadline NEVER = new Deadline(0, false);

  public static Deadline afterNanos(long nanos) {
    return new Deadline(System.nanoTime() + nanos, true);
  }

  public static Deadline afterMillis(long millis) {
    return afterNanos(millis * 1_000_000);
  }

  public boolean expired() {
    return finite && nanoTime - System.nanoTime() <= 0;
  }

  /** What is left, at least 1 so that a timeout of 0 never comes to mean "forever". */
  long remainingMillis() {
    if (!finite) {
      return Long.MAX_VALUE;
    }
    return Math.max(1, (nanoTime - System.nanoTime() + 999_999) / 1_000_000);
  }

  /** The earlier of this deadline and one {@code millis} from now. */
  Deadline orAfterMillis(long millis) {
    return orAfterNanos(millis * 1_000_000);
  }

  /** The earlier of this deadline and one {@code nanos} from now. */
  public Deadline orAfterNanos(long nanos) {
    Deadline other = afterNanos(nanos);
    return finite && nanoTime - other.nanoTime < 0 ? this : other;
  }
}
