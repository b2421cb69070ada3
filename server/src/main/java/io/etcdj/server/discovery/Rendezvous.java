package io.etcdj.server.discovery;

import io.etcdj.server.config.InitialCluster;
import io.etcdj.server.discovery.DiscoveryException.Reason;
import io.etcdj.server.discovery.Registry.Entry;
import io.etcdj.server.discovery.Registry.Listing;
import io.etcdj.server.log.Log;
import io.etcdj.server.text.GoDuration;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A member's way to its cluster through a registry.
 *
 * <pre>
 *   size 3, nobody there      b registers, reads: b          waits
 *   a registers               b is woken, reads: b a         waits
 *   c registers               b is woken, reads: b a c       the cluster is b, a and c
 *   d reads: b a c            d is not among the first three: the cluster is full
 * </pre>
 *
 * <p>What wakes a member decides nothing, the listing read afterwards does. So a change that was
 * missed, an entry that was taken back or a registry that was restarted need no case of their own.
 */
final class Rendezvous {
  /** Pauses double up to this power of two, in seconds. */
  private static final int MAX_DOUBLINGS = 8;

  /** A registry that wakes for nothing is not asked more often than this. */
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

  /** How to let time pass. */
  @FunctionalInterface
  interface Pause {
    void take(Duration length) throws InterruptedException;
  }

  private final Registry registry;
  private final Entry self;
  private final Pause pause;
  private final Log log;
  private final Set<String> found = new HashSet<>();
  private int failures; // since the registry last answered

  /**
   * @param self what this member registers
   */
  Rendezvous(Registry registry, Entry self, Pause pause, Log log) {
    this.registry = registry;
    this.self = self;
    this.pause = pause;
    this.log = log;
  }

  /** Registers, and returns with the cluster when all its members have. */
  InitialCluster join() throws DiscoveryException, InterruptedException {
    Listing listing = read();
    boolean earlier = listing.entries().stream().anyMatch(this::isSelf);
    register(earlier);
    listing = read();
    while (!listing.isComplete()) {
      report(listing);
      log.info(
          "found peers from discovery server; waiting for more",
          "discovery-url",
          registry.address(),
          "found-peers",
          listing.entries().size(),
          "needed-peers",
          listing.size() - listing.entries().size());
      listing = readAfter(listing);
    }
    report(listing);
    log.info(
        "found all needed peers from discovery server",
        "discovery-url",
        registry.address(),
        "found-peers",
        listing.size());
    return cluster(listing);
  }

  private boolean isSelf(Entry entry) {
    return entry.id().equals(self.id());
  }

  /** Reads the registry until it answers; refuses a cluster that is complete without this one. */
  private Listing read() throws DiscoveryException, InterruptedException {
    while (true) {
      try {
        Listing listing = registry.read();
        failures = 0;
        if (listing.isComplete() && listing.members().stream().noneMatch(this::isSelf)) {
          throw new DiscoveryException(Reason.FULL, "discovery: cluster is full");
        }
        return listing;
      } catch (IOException e) {
        backOff("cluster status check", e);
      }
    }
  }

  /**
   * @param earlier whether there was such an entry before; if not, one that is there after an
   *     attempt without an answer is that attempt's
   */
  private void register(boolean earlier) throws DiscoveryException, InterruptedException {
    boolean attempted = false;
    while (true) {
      try {
        registry.register(self);
        return;
      } catch (DiscoveryException refusal) {
        if (attempted && !earlier && refusal.reason() == Reason.DUPLICATE_ID) {
          return;
        }
        throw refusal;
      } catch (IOException e) {
        attempted = true;
        backOff("registration", e);
      }
    }
  }

  private Listing readAfter(Listing before) throws DiscoveryException, InterruptedException {
    try {
      registry.awaitChange(before);
    } catch (IOException e) {
      backOff("waiting for other nodes", e);
    }
    Listing after = read();
    if (after.equals(before)) {
      pause.take(SHORTEST_PAUSE);
    }
    return after;
  }

  private void backOff(String step, IOException why) throws InterruptedException {
    failures = Math.min(failures + 1, MAX_DOUBLINGS);
    Duration length = Duration.ofSeconds(1L << failures);
    log.warn(
        "retry connecting to discovery service",
        "url",
        registry.address(),
        "reason",
        step,
        "error",
        why,
        "backoff",
        GoDuration.format(length));
    pause.take(length);
  }

  private void report(Listing listing) {
    for (Entry entry : listing.members()) {
      if (found.add(entry.id())) {
        log.info(
            isSelf(entry) ? "found self from discovery server" : "found peer from discovery server",
            "discovery-url",
            registry.address(),
            isSelf(entry) ? "self" : "peer",
            entry.id());
      }
    }
  }

  private InitialCluster cluster(Listing listing) throws DiscoveryException {
    List<Entry> members = listing.members();
    InitialCluster cluster;
    try {
      cluster =
          InitialCluster.parse(members.stream().map(Entry::urls).collect(Collectors.joining(",")));
    } catch (IllegalArgumentException e) {
      throw new DiscoveryException(registry.badUrlText());
    }
    if (cluster.members().size() != listing.size()) {
      throw new DiscoveryException(Reason.DUPLICATE_NAME, "discovery: found duplicate name");
    }
    return cluster;
  }
}
