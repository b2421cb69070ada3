package io.etcdj.server.proxy;

import io.etcdj.server.text.EtcdUrl;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Where requests may go: client URLs in an order of their own, so that proxies spread over members,
 * without those that failed a short while ago. Any thread.
 */
final class Endpoints {
  private final long failureWaitNanos;
  private final LongSupplier nanoTime;
  private final Random random;
  private final Map<EtcdUrl, Long> failedNanos = new HashMap<>();
  private List<EtcdUrl> all = List.of();

  /**
   * @param failureWaitNanos how long one that failed is left alone
   * @param nanoTime as {@link System#nanoTime}
   */
  Endpoints(long failureWaitNanos, LongSupplier nanoTime, Random random) {
    this.failureWaitNanos = failureWaitNanos;
    this.nanoTime = nanoTime;
    this.random = random;
  }

  /** These are all; what is known of those that stay is kept. Returns whether they are others. */
  synchronized boolean replace(Collection<EtcdUrl> urls) {
    List<EtcdUrl> shuffled = new ArrayList<>(urls);
    boolean others = all.size() != urls.size() || !all.containsAll(urls);
    Collections.shuffle(shuffled, random);
    all = List.copyOf(shuffled);
    failedNanos.keySet().retainAll(urls);
    return others;
  }

  /** Those to try, in order. */
  synchronized List<EtcdUrl> usable() {
    long now = nanoTime.getAsLong();
    failedNanos.values().removeIf(failed -> now - failed >= failureWaitNanos);
    return all.stream().filter(url -> !failedNanos.containsKey(url)).toList();
  }

  /** One could not be reached, or gave no answer. */
  synchronized void failed(EtcdUrl url) {
    if (all.contains(url)) {
      failedNanos.put(url, nanoTime.getAsLong());
    }
  }
}
