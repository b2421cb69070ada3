package io.etcdj.server.propose;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Ids that no other member gives out, nor this one after a restart.
 *
 * <pre>
 *   63..48  low 16 bits of the member id
 *   47..8   low 40 bits of the Unix time in ms at the start
 *   7..0    a counter, which may carry into the time: it never overtakes the clock
 * </pre>
 */
public final class RequestIds {
  private static final long LOW_48 = (1L << 48) - 1;

  private final long prefix;
  private final AtomicLong suffix;

  public RequestIds(long memberId, long unixMillis) {
    this.prefix = memberId << 48;
    this.suffix = new AtomicLong((unixMillis & ((1L << 40) - 1)) << 8);
  }

  public long next() {
    return prefix | (suffix.incrementAndGet() & LOW_48);
  }

  /** An id for a lease: positive and not 0. */
  public long nextLease() {
    long id;
    do {
      id = next() & Long.MAX_VALUE;
    } while (id == 0);
    return id;
  }
}
