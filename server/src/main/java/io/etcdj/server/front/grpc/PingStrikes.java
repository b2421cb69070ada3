package io.etcdj.server.front.grpc;

/**
 * Which clients ping too often. grpc-go's rule, which etcd's clients are tuned to:
 *
 * <ul>
 *   <li>with a call open, a ping sooner than the minimum time after the last is a strike;
 *   <li>with none open, one sooner than two hours after the last is;
 *   <li>the first ping after the server sent anything is free and wipes the strikes out;
 *   <li>the third strike is one too many.
 * </ul>
 *
 * <p>Knows no clock: times are arguments, on {@link System#nanoTime}'s scale. Confined to its event
 * loop.
 */
final class PingStrikes {
  private static final int STRIKES_ALLOWED = 2;
  private static final long IDLE_MIN_NANOS = 2L * 60 * 60 * 1_000_000_000;

  private final long minNanos;
  private boolean pinged;
  private long lastPingNanos;
  private boolean forgiven;
  private int strikes;

  PingStrikes(long minNanos) {
    this.minNanos = minNanos;
  }

  /** The server sent headers or data: a client that works may ping to learn of a lost one. */
  void sent() {
    forgiven = true;
  }

  /** A ping came. Returns whether it was one too many. */
  boolean tooMany(long nowNanos, int openCalls) {
    long sinceNanos = pinged ? nowNanos - lastPingNanos : Long.MAX_VALUE;
    pinged = true;
    lastPingNanos = nowNanos;
    if (forgiven) {
      forgiven = false;
      strikes = 0;
      return false;
    }
    if (sinceNanos < (openCalls == 0 ? IDLE_MIN_NANOS : minNanos)) {
      strikes++;
    }
    return strikes > STRIKES_ALLOWED;
  }
}
