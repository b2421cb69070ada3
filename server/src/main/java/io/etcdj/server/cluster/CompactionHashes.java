package io.etcdj.server.cluster;

import io.etcdj.state.mvcc.KvHash;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of the history as it was before each of the last compactions. Members that compact at
 * different speeds can still compare these. Any thread.
 */
public final class CompactionHashes {
  private static final int KEPT = 10;

  private final Deque<KvHash> newestFirst = new ArrayDeque<>();

  public synchronized void add(KvHash hash) {
    newestFirst.addFirst(hash);
    if (newestFirst.size() > KEPT) {
      newestFirst.removeLast();
    }
  }

  public synchronized List<KvHash> newestFirst() {
    return List.copyOf(newestFirst);
  }

  /** The hash that was made before the compaction to {@code revision}, or null. */
  public synchronized @Nullable KvHash at(long revision) {
    for (KvHash hash : newestFirst) {
      if (hash.hashRevision() == revision) {
        return hash;
      }
    }
    return null;
  }
}
