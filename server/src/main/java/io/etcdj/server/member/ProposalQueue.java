package io.etcdj.server.member;

import io.etcdj.api.raftpb.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Proposals on their way to the core, which takes them in batches. With no leader or a disk that
 * hangs nobody takes any: so all that wait are bounded, and none outlasts the patience of its
 * caller, who may have written something else since.
 */
final class ProposalQueue {
  /** Bounds of one batch; what is left waits for the next turn. */
  private static final int MAX_BATCH = 2_048;

  private static final long MAX_BATCH_BYTES = 4 << 20;

  /** Bytes that may wait; beyond, proposals are dropped. */
  private static final long MAX_BYTES = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);

  /** What a proposal counts for beside its data, so that small ones are bounded too. */
  private static final long PROPOSAL_BYTES = 256;

  /** An entry and when it was brought. */
  private record Proposal(Entry entry, long sinceNanos) {}

  private final long patienceNanos;
  private final Queue<Proposal> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytes = new AtomicLong();

  /** A batch that the core did not take because no leader is known; tried again each turn. */
  private List<Proposal> refused = List.of();

  ProposalQueue(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  /** Any thread. */
  void add(Entry entry) {
    long added = bytes(entry);
    if (bytes.addAndGet(added) > MAX_BYTES) {
      bytes.addAndGet(-added);
    } else {
      waiting.add(new Proposal(entry, System.nanoTime()));
    }
  }

  /** Whether there is something that the core has not seen. Any thread. */
  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Whether there is something that the core did not take. Who is in the loop. */
  boolean hasRefused() {
    return !refused.isEmpty();
  }

  /**
   * Hands a batch to the core; returns whether there is another. Who is in the loop.
   *
   * @param core whether it takes a batch
   */
  boolean passTo(Predicate<List<Entry>> core) {
    dropOld();
    if (!refused.isEmpty()) {
      if (!core.test(entries(refused))) {
        return false;
      }
      refused = List.of();
    }
    List<Proposal> batch = takeBatch();
    if (batch.isEmpty()) {
      return false;
    }
    if (!core.test(entries(batch))) {
      refused = batch;
      return false;
    }
    return !waiting.isEmpty();
  }

  private void dropOld() {
    if (refused.isEmpty() && waiting.isEmpty()) {
      return;
    }
    long nowNanos = System.nanoTime();
    if (!refused.isEmpty()) {
      refused.removeIf(proposal -> isOld(proposal, nowNanos));
    }
    Proposal first = waiting.peek();
    while (first != null && isOld(first, nowNanos)) {
      var unused = poll();
      first = waiting.peek();
    }
  }

  private boolean isOld(Proposal proposal, long nowNanos) {
    return nowNanos - proposal.sinceNanos() >= patienceNanos;
  }

  private List<Proposal> takeBatch() {
    List<Proposal> batch = new ArrayList<>();
    long batchBytes = 0;
    while (batchBytes < MAX_BATCH_BYTES && batch.size() < MAX_BATCH) {
      Proposal next = poll();
      if (next == null) {
        break;
      }
      batch.add(next);
      batchBytes += next.entry().getData().size();
    }
    return batch;
  }

  private @Nullable Proposal poll() {
    Proposal next = waiting.poll();
    if (next != null) {
      bytes.addAndGet(-bytes(next.entry()));
    }
    return next;
  }

  private static long bytes(Entry entry) {
    return PROPOSAL_BYTES + entry.getData().size();
  }

  private static List<Entry> entries(List<Proposal> proposals) {
    List<Entry> entries = new ArrayList<>(proposals.size());
    for (Proposal proposal : proposals) {
      entries.add(proposal.entry());
    }
    return entries;
  }
}
