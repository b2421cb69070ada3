package io.etcdj.server.boot;

import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.server.cluster.MemberChanges;
import io.etcdj.server.lease.LeaseClock;
import io.etcdj.server.log.Log;
import io.etcdj.server.metrics.Counter;
import io.etcdj.server.metrics.Gauge;
import io.etcdj.server.metrics.Histogram;
import io.etcdj.server.metrics.Labeled;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.state.lease.Leases;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.wal.WalListener;
import java.util.List;

/** The member's own metrics that are counted as things happen, by etcd's names. */
final class ServerMetrics {
  final MetricRegistry registry = new MetricRegistry();

  final Counter puts;
  final Counter deletes;
  final Counter txns;
  final Counter ranges;
  final Counter leaderChanges;
  final Counter failedProposals;
  final Counter slowApplies;
  final Counter compactedKeys;
  final Counter grantedLeases;
  final Counter revokedLeases;
  final Histogram walSync;
  final Histogram walWrite;
  final Histogram backendCommit;
  final Histogram compactionPause;
  final Histogram compactionTotal;
  final Histogram snapshotSave;
  private final Counter promotions;
  private final Labeled<Counter> failedPromotions;
  private final Counter walBytes;
  private final Labeled<Gauge> clusterVersions;
  private String clusterVersion = "";

  ServerMetrics() {
    double[] millis = Histogram.exponentialBounds(0.001, 2, 14);
    puts = registry.counter("etcd_mvcc_put_total", "Total number of puts seen by this member.");
    deletes =
        registry.counter("etcd_mvcc_delete_total", "Total number of deletes seen by this member.");
    txns = registry.counter("etcd_mvcc_txn_total", "Total number of txns seen by this member.");
    ranges =
        registry.counter("etcd_mvcc_range_total", "Total number of ranges seen by this member.");
    leaderChanges =
        registry.counter(
            "etcd_server_leader_changes_seen_total", "The number of leader changes seen.");
    failedProposals =
        registry.counter(
            "etcd_server_proposals_failed_total", "The total number of failed proposals seen.");
    slowApplies =
        registry.counter(
            "etcd_server_slow_apply_total",
            "The total number of slow apply requests (likely overloaded from slow disk).");
    compactedKeys =
        registry.counter(
            "etcd_debugging_mvcc_db_compaction_keys_total", "Total number of db keys compacted.");
    grantedLeases =
        registry.counter(
            "etcd_debugging_lease_granted_total", "The total number of granted leases.");
    revokedLeases =
        registry.counter(
            "etcd_debugging_lease_revoked_total", "The total number of revoked leases.");
    walSync =
        registry.histogram(
            "etcd_disk_wal_fsync_duration_seconds",
            "The latency distributions of fsync called by WAL.",
            millis);
    walWrite =
        registry.histogram(
            "etcd_disk_wal_write_duration_seconds",
            "The latency distributions of write called by WAL.",
            millis);
    backendCommit =
        registry.histogram(
            "etcd_disk_backend_commit_duration_seconds",
            "The latency distributions of commit called by backend.",
            millis);
    compactionPause =
        registry.histogram(
            "etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
            "Bucketed histogram of db compaction pause duration.",
            Histogram.exponentialBounds(1, 2, 13));
    compactionTotal =
        registry.histogram(
            "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
            "Bucketed histogram of db compaction total duration.",
            Histogram.exponentialBounds(100, 2, 14));
    snapshotSave =
        registry.histogram(
            "etcd_debugging_snap_save_total_duration_seconds",
            "The total latency distributions of save called by snapshot.",
            millis);
    promotions =
        registry.counter(
            "etcd_server_learner_promote_successes",
            "The total number of successful learner promotions while this member is leader.");
    failedPromotions =
        registry.counters(
            "etcd_server_learner_promote_failures",
            "The total number of failed learner promotions (likely learner not ready) while this"
                + " member is leader.",
            "Reason");
    clusterVersions =
        registry.gauges("etcd_cluster_version", "Which version is running.", "cluster_version");
    walBytes = new Counter();
    registry.gauge(
        "etcd_disk_wal_write_bytes_total",
        "Total number of bytes written in WAL.",
        walBytes::value);
  }

  /** Shows which version the cluster speaks, {@code 3.7}; returns whether it was another before. */
  synchronized boolean setClusterVersion(String version) {
    if (version.equals(clusterVersion)) {
      return false;
    }
    if (!clusterVersion.isEmpty()) {
      clusterVersions.remove(clusterVersion);
    }
    clusterVersion = version;
    clusterVersions.with(version).set(1);
    return true;
  }

  MemberChanges.Promotions promotions() {
    return new MemberChanges.Promotions() {
      @Override
      public void succeeded() {
        promotions.increment();
      }

      @Override
      public void failed(String reason) {
        failedPromotions.with(reason).increment();
      }
    };
  }

  WalListener walListener() {
    return new WalListener() {
      @Override
      public void written(long bytes, long nanos) {
        walBytes.add(bytes);
        walWrite.observeNanos(nanos);
      }

      @Override
      public void synced(long nanos) {
        walSync.observeNanos(nanos);
      }
    };
  }

  LmdbBackend.Listener backendListener(Log log) {
    return new LmdbBackend.Listener() {
      @Override
      public void committed(int operations, long nanos) {
        backendCommit.observeNanos(nanos);
      }

      @Override
      public void commitFailed(RuntimeException cause) {
        log.error("the database refuses to commit; trying again", "error", cause);
      }
    };
  }

  /**
   * Watches compactions.
   *
   * @param begins told what the next one goes up to, and the one before it
   */
  CompactionThread.Listener compactionListener(LongBiConsumer begins) {
    return new CompactionThread.Listener() {
      @Override
      public void begins(long revision, long previous) {
        begins.accept(revision, previous);
      }

      @Override
      public void batch(long revisions, long nanos) {
        compactedKeys.add(revisions);
        compactionPause.observe(nanos / 1e6);
      }

      @Override
      public void finished(long nanos) {
        compactionTotal.observe(nanos / 1e6);
      }
    };
  }

  @FunctionalInterface
  interface LongBiConsumer {
    void accept(long revision, long previous);
  }

  /** Counts what {@code clock} is told. */
  Leases.Observer leaseObserver(LeaseClock clock) {
    return new Leases.Observer() {
      @Override
      public void granted(Leases.Terms terms) {
        grantedLeases.increment();
        clock.granted(terms);
      }

      @Override
      public void revoked(long id) {
        revokedLeases.increment();
        clock.revoked(id);
      }

      @Override
      public void checkpointed(long id, long remainingTtlSeconds) {
        clock.checkpointed(id, remainingTtlSeconds);
      }

      @Override
      public void reloaded(List<Leases.Terms> all) {
        clock.reloaded(all);
      }
    };
  }

  /** A command was applied. */
  void count(InternalRaftRequest request) {
    if (request.hasPut()) {
      puts.increment();
    } else if (request.hasTxn()) {
      txns.increment();
    } else if (request.hasDeleteRange()) {
      deletes.increment();
    } else if (request.hasRange()) {
      ranges.increment();
    }
  }
}
