package io.etcdj.state.v2;

/**
 * What a write says about the time to live.
 *
 * @param atNanos Unix time in ns at which the node goes, or 0 for never
 * @param refresh whether nothing else is to change: the value stays, and watchers are not told
 */
public record Expiry(long atNanos, boolean refresh) {
  public static final Expiry NEVER = new Expiry(0, false);
}
