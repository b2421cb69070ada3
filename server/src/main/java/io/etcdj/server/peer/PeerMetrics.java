package io.etcdj.server.peer;

import io.etcdj.server.metrics.Counter;
import io.etcdj.server.metrics.Gauge;
import io.etcdj.server.metrics.Histogram;
import io.etcdj.server.metrics.Labeled;
import io.etcdj.server.metrics.MetricRegistry;

/** What is counted between members, by etcd's names. */
final class PeerMetrics {
  final Labeled<Gauge> activePeers;
  final Labeled<Counter> disconnectedPeers;
  final Labeled<Gauge> knownPeers;
  final Labeled<Counter> sentBytes;
  final Labeled<Counter> receivedBytes;
  final Labeled<Counter> sentFailures;
  final Labeled<Counter> receivedFailures;
  final Labeled<Histogram> roundTrip;
  final Labeled<Counter> snapshotSent;
  final Labeled<Gauge> snapshotSending;
  final Labeled<Counter> snapshotSendFailures;
  final Labeled<Histogram> snapshotSendDuration;
  final Labeled<Counter> snapshotReceived;
  final Labeled<Gauge> snapshotReceiving;
  final Labeled<Counter> snapshotReceiveFailures;
  final Labeled<Histogram> snapshotReceiveDuration;

  PeerMetrics(MetricRegistry registry) {
    activePeers =
        registry.gauges(
            "etcd_network_active_peers",
            "The current number of active peer connections.",
            "Local",
            "Remote");
    disconnectedPeers =
        registry.counters(
            "etcd_network_disconnected_peers_total",
            "The total number of disconnected peers.",
            "Local",
            "Remote");
    knownPeers =
        registry.gauges(
            "etcd_network_known_peers", "The current number of known peers.", "Local", "Remote");
    sentBytes =
        registry.counters(
            "etcd_network_peer_sent_bytes_total", "The total number of bytes sent to peers.", "To");
    receivedBytes =
        registry.counters(
            "etcd_network_peer_received_bytes_total",
            "The total number of bytes received from peers.",
            "From");
    sentFailures =
        registry.counters(
            "etcd_network_peer_sent_failures_total",
            "The total number of send failures from peers.",
            "To");
    receivedFailures =
        registry.counters(
            "etcd_network_peer_received_failures_total",
            "The total number of receive failures from peers.",
            "From");
    roundTrip =
        registry.histograms(
            "etcd_network_peer_round_trip_time_seconds",
            "Round-Trip-Time histogram between peers",
            Histogram.exponentialBounds(0.0001, 2, 16),
            "To");
    double[] tenths = Histogram.exponentialBounds(0.1, 2, 10);
    snapshotSent =
        registry.counters(
            "etcd_network_snapshot_send_success",
            "Total number of successful snapshot sends",
            "To");
    snapshotSending =
        registry.gauges(
            "etcd_network_snapshot_send_inflights_total",
            "Total number of inflight snapshot sends",
            "To");
    snapshotSendFailures =
        registry.counters(
            "etcd_network_snapshot_send_failures", "Total number of snapshot send failures", "To");
    snapshotSendDuration =
        registry.histograms(
            "etcd_network_snapshot_send_total_duration_seconds",
            "Total latency distributions of v3 snapshot sends",
            tenths,
            "To");
    snapshotReceived =
        registry.counters(
            "etcd_network_snapshot_receive_success",
            "Total number of successful snapshot receives",
            "From");
    snapshotReceiving =
        registry.gauges(
            "etcd_network_snapshot_receive_inflights_total",
            "Total number of inflight snapshot receives",
            "From");
    snapshotReceiveFailures =
        registry.counters(
            "etcd_network_snapshot_receive_failures",
            "Total number of snapshot receive failures",
            "From");
    snapshotReceiveDuration =
        registry.histograms(
            "etcd_network_snapshot_receive_total_duration_seconds",
            "Total latency distributions of v3 snapshot receives",
            tenths,
            "From");
  }
}
