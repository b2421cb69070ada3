package io.etcdj.server.boot;

import io.etcdj.server.config.Version;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.state.apply.Quota;

/** The member's metrics that are read off its state when somebody asks. */
final class MemberMetrics {
  private final EtcdMember member;
  private final MetricRegistry registry;

  MemberMetrics(EtcdMember member, MetricRegistry registry) {
    this.member = member;
    this.registry = registry;
  }

  void register() {
    registry.gauge(
        "etcd_server_has_leader",
        "Whether or not a leader exists. 1 is existence, 0 is not.",
        () -> member.view().leader() == 0 ? 0 : 1);
    registry.gauge(
        "etcd_server_is_leader",
        "Whether or not this member is a leader. 1 if is, 0 otherwise.",
        () -> member.view().leads() ? 1 : 0);
    registry.gauge(
        "etcd_server_is_learner",
        "Whether or not this member is a learner. 1 if is, 0 otherwise.",
        () -> member.isLearner() ? 1 : 0);
    registry.gauge(
        "etcd_server_proposals_committed_total",
        "The total number of consensus proposals committed.",
        () -> member.view().committed());
    registry.gauge(
        "etcd_server_proposals_applied_total",
        "The total number of consensus proposals applied.",
        member::appliedIndex);
    registry.gauge(
        "etcd_server_proposals_pending",
        "The current number of pending proposals to commit.",
        () -> member.proposals().pending());
    registry.gauge(
        "etcd_server_quota_backend_bytes",
        "Current backend storage quota size in bytes.",
        () ->
            member.options().quotaBytes() == 0
                ? Quota.DEFAULT_BYTES
                : member.options().quotaBytes());
    registry
        .gauges("etcd_server_id", "Server or member ID in hexadecimal format.", "server_id")
        .with(Long.toHexString(member.memberId()))
        .set(1);
    registry
        .gauges("etcd_server_version", "Which version is running.", "server_version")
        .with(Version.ETCD)
        .set(1);
    store();
    watches();
  }

  private void store() {
    registry.gauge(
        "etcd_mvcc_db_total_size_in_bytes",
        "Total size of the underlying database physically allocated in bytes.",
        () -> member.backend().sizeBytes());
    registry.gauge(
        "etcd_mvcc_db_total_size_in_use_in_bytes",
        "Total size of the underlying database logically in use in bytes.",
        () -> member.backend().inUseBytes());
    registry.gauge(
        "etcd_mvcc_db_open_read_transactions",
        "The number of currently open read transactions",
        () -> member.backend().openViews());
    registry.gauge(
        "etcd_debugging_mvcc_keys_total", "Total number of keys.", () -> member.store().liveKeys());
    registry.gauge(
        "etcd_debugging_mvcc_current_revision",
        "The current revision of store.",
        () -> member.store().revision());
    registry.gauge(
        "etcd_debugging_mvcc_compact_revision",
        "The revision of the last compaction in store.",
        () -> member.store().compactRevision());
    registry.counter(
        "etcd_debugging_server_lease_expired_total",
        "The total number of expired leases.",
        () -> member.leaseClock().expiredTotal());
  }

  private void watches() {
    registry.gauge(
        "etcd_debugging_mvcc_watcher_total",
        "Total number of watchers.",
        () -> member.watches().watchers());
    registry.gauge(
        "etcd_debugging_mvcc_watch_stream_total",
        "Total number of watch streams.",
        () -> member.watches().streams());
    registry.gauge(
        "etcd_debugging_mvcc_slow_watcher_total",
        "Total number of unsynced slow watchers.",
        () -> member.watches().slowWatchers());
    registry.counter(
        "etcd_debugging_mvcc_events_total",
        "Total number of events sent by this member.",
        () -> member.watches().deliveredEvents());
  }
}
