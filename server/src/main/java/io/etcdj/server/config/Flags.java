package io.etcdj.server.config;

import static io.etcdj.server.config.Flag.Group.AUTH;
import static io.etcdj.server.config.Flag.Group.CHECKS;
import static io.etcdj.server.config.Flag.Group.CLUSTERING;
import static io.etcdj.server.config.Flag.Group.DISCOVERY;
import static io.etcdj.server.config.Flag.Group.FEATURES;
import static io.etcdj.server.config.Flag.Group.LOGGING;
import static io.etcdj.server.config.Flag.Group.MEMBER;
import static io.etcdj.server.config.Flag.Group.MONITORING;
import static io.etcdj.server.config.Flag.Group.OLD;
import static io.etcdj.server.config.Flag.Group.SECURITY;
import static io.etcdj.server.config.Flag.Group.TRACING;
import static io.etcdj.server.config.Flag.Group.UNSAFE;
import static io.etcdj.server.config.Flag.Group.V2;
import static io.etcdj.server.config.Kind.BOOL;
import static io.etcdj.server.config.Kind.DURATION;
import static io.etcdj.server.config.Kind.GATES;
import static io.etcdj.server.config.Kind.INT;
import static io.etcdj.server.config.Kind.INT64;
import static io.etcdj.server.config.Kind.ORIGINS;
import static io.etcdj.server.config.Kind.STRING;
import static io.etcdj.server.config.Kind.UINT;
import static io.etcdj.server.config.Kind.UINT32;
import static io.etcdj.server.config.Kind.UINT64;
import static io.etcdj.server.config.Kind.URLS;
import static io.etcdj.server.config.Kind.WORDS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every flag of the {@code etcd} executable.
 *
 * <p>Names, kinds and defaults are those of etcd 3.7; the flags of the v2 API and the proxy are
 * those of 3.4; spellings that etcd dropped on the way are still understood.
 */
final class Flags {
  static final String DEFAULT_NAME = "default";
  static final String DEFAULT_PEER_URL = "http://localhost:2380";
  static final String DEFAULT_CLIENT_URL = "http://localhost:2379";

  static final Map<String, Flag> ALL = byName(new Table().rows);

  private Flags() {}

  private static Map<String, Flag> byName(List<Flag> rows) {
    Map<String, Flag> byName = new LinkedHashMap<>();
    for (Flag row : rows) {
      if (byName.put(row.name(), row) != null) {
        throw new IllegalStateException("two flags named " + row.name());
      }
    }
    return byName;
  }

  /** The rows, while they are being written down. */
  private static final class Table {
    private final List<Flag> rows = new ArrayList<>();
    private Flag.Group group = MEMBER;

    Table() {
      member();
      clustering();
      discovery();
      security();
      auth();
      monitoring();
      checks();
      rest();
      v2();
      old();
    }

    private void member() {
      group = MEMBER;
      row("name", STRING, DEFAULT_NAME, "Name of this member, unique in the cluster.");
      row("data-dir", STRING, "", "Directory of the data; ${name}.etcd if empty.");
      row("wal-dir", STRING, "", "Directory of the write-ahead log, if not in the data directory.");
      row("snapshot-count", UINT64, "10000", "Applied entries between two snapshots.");
      row("heartbeat-interval", UINT, "100", "Milliseconds between heartbeats of the leader.");
      row("election-timeout", UINT, "1000", "Milliseconds without a leader before an election.");
      row(
          "initial-election-tick-advance",
          BOOL,
          "true",
          "Whether the first election after a start comes sooner.");
      row("listen-peer-urls", URLS, DEFAULT_PEER_URL, "URLs to listen on for other members.");
      row("listen-client-urls", URLS, DEFAULT_CLIENT_URL, "URLs to listen on for clients.");
      row(
          "listen-client-http-urls",
          URLS,
          "",
          "URLs to listen on for HTTP only; listen-client-urls then serve gRPC only.");
      row("max-snapshots", UINT, "5", "Snapshot files to keep; 0 keeps all.");
      row("max-wals", UINT, "5", "Log files to keep; 0 keeps all.");
      row("memory-mlock", BOOL, "false", "Whether to keep the database's pages in memory.");
      row("quota-backend-bytes", INT64, "0", "Largest size of the database; 0 means 2 GiB.");
      row("backend-bbolt-freelist-type", STRING, "map", "Accepted; there is no bbolt inside.");
      row("backend-batch-interval", DURATION, "0s", "Longest time between commits; 0 means 100ms.");
      row("backend-batch-limit", INT, "0", "Most operations per commit; 0 means 10000.");
      row("max-txn-ops", UINT, "128", "Most operations in one transaction.");
      row("max-request-bytes", UINT, "1572864", "Largest request in bytes.");
      row("max-concurrent-streams", UINT32, "4294967295", "Most calls at a time per connection.");
      row("grpc-keepalive-min-time", DURATION, "5s", "Shortest time between pings of a client.");
      row("grpc-keepalive-interval", DURATION, "2h0m0s", "Time between pings to clients; 0: none.");
      row("grpc-keepalive-timeout", DURATION, "20s", "How long to wait for the answer to a ping.");
      row("socket-reuse-port", BOOL, "false", "Whether listeners set SO_REUSEPORT.");
      row("socket-reuse-address", BOOL, "false", "Whether listeners set SO_REUSEADDR.");
      row("enable-grpc-gateway", BOOL, "true", "Whether to serve the v3 API as JSON over HTTP.");
      row("raft-read-timeout", DURATION, "5s", "Read timeout of connections between members.");
      row("raft-write-timeout", DURATION, "5s", "Write timeout of connections between members.");
      row("snapshot-catchup-entries", UINT64, "5000", "Entries kept behind a snapshot.");
      row("watch-progress-notify-interval", DURATION, "10m0s", "Time between progress reports.");
      row("warning-apply-duration", DURATION, "100ms", "Applying for longer than this is logged.");
      row("warning-unary-request-duration", DURATION, "300ms", "Same, for a whole unary request.");
      row(
          "bootstrap-defrag-threshold-megabytes",
          UINT,
          "0",
          "Defragment at start if it frees so much.");
      row("max-learners", INT, "1", "Most learners in the cluster.");
    }

    private void clustering() {
      group = CLUSTERING;
      row("initial-advertise-peer-urls", URLS, DEFAULT_PEER_URL, "Peer URLs told to the cluster.");
      row("initial-cluster", STRING, "", "The first members, as name=URL,…");
      choice("initial-cluster-state", "new", "New cluster, or joining one.", "new", "existing");
      row("initial-cluster-token", STRING, "etcd-cluster", "Tells clusters of equal URLs apart.");
      row("advertise-client-urls", URLS, DEFAULT_CLIENT_URL, "Client URLs told to the cluster.");
      row("strict-reconfig-check", BOOL, "true", "Refuse changes of membership that risk quorum.");
      row("pre-vote", BOOL, "true", "Ask before standing for election.");
      choice(
          "v2-deprecation",
          "write-only",
          "Stage of the departure of v2.",
          "not-yet",
          "write-only",
          "write-only-skip-check",
          "write-only-drop-data",
          "gone");
    }

    private void discovery() {
      group = DISCOVERY;
      row("discovery", STRING, "", "URL of the v2 discovery service.");
      choice(
          "discovery-fallback", "exit", "If the cluster is full: exit or proxy.", "exit", "proxy");
      row("discovery-proxy", STRING, "", "HTTP proxy toward the v2 discovery service.");
      row("discovery-srv", STRING, "", "Domain whose SRV records name the members.");
      row("discovery-srv-name", STRING, "", "Suffix of the SRV service name.");
      row("discovery-token", STRING, "", "Token of the v3 discovery service.");
      row("discovery-endpoints", WORDS, "", "Endpoints of the v3 discovery service.");
      row("discovery-dial-timeout", DURATION, "2s", "Its dial timeout.");
      row("discovery-request-timeout", DURATION, "5s", "Its request timeout.");
      row("discovery-keepalive-time", DURATION, "2s", "Its keepalive time.");
      row("discovery-keepalive-timeout", DURATION, "6s", "Its keepalive timeout.");
      row("discovery-insecure-transport", BOOL, "true", "Whether to reach it without TLS.");
      row("discovery-insecure-skip-tls-verify", BOOL, "false", "Whether to trust any certificate.");
      row("discovery-cert", STRING, "", "Client certificate toward it.");
      row("discovery-key", STRING, "", "Key of that certificate.");
      row("discovery-cacert", STRING, "", "Authority of its certificate.");
      row("discovery-user", STRING, "", "Its user, as name[:password].");
      row("discovery-password", STRING, "", "Its password.");
    }

    private void security() {
      group = SECURITY;
      row("cert-file", STRING, "", "Certificate shown to clients.");
      row("key-file", STRING, "", "Key of that certificate.");
      row("client-cert-file", STRING, "", "Certificate shown when this server is the client.");
      row("client-key-file", STRING, "", "Key of that certificate.");
      row("client-cert-auth", BOOL, "false", "Whether clients must show a certificate.");
      row("client-cert-allowed-hostname", WORDS, "", "Host names allowed in client certificates.");
      row("client-crl-file", STRING, "", "Revoked client certificates.");
      row("trusted-ca-file", STRING, "", "Authorities of client certificates.");
      row("auto-tls", BOOL, "false", "Serve clients with a certificate made at start.");
      row("peer-cert-file", STRING, "", "Certificate shown to other members.");
      row("peer-key-file", STRING, "", "Key of that certificate.");
      row("peer-client-cert-file", STRING, "", "Certificate shown when dialing other members.");
      row("peer-client-key-file", STRING, "", "Key of that certificate.");
      row("peer-client-cert-auth", BOOL, "false", "Whether other members must show a certificate.");
      row("peer-trusted-ca-file", STRING, "", "Authorities of the members' certificates.");
      row("peer-cert-allowed-cn", WORDS, "", "Common names allowed in members' certificates.");
      row("peer-cert-allowed-hostname", WORDS, "", "Host names allowed in them.");
      row("peer-crl-file", STRING, "", "Revoked certificates of members.");
      row("peer-auto-tls", BOOL, "false", "Serve members with a certificate made at start.");
      row(
          "peer-skip-client-san-verification",
          BOOL,
          "false",
          "Do not match address and certificate.");
      row(
          "self-signed-cert-validity",
          UINT,
          "1",
          "Years that certificates made at start are valid.");
      row("cipher-suites", WORDS, "", "TLS cipher suites to allow.");
      row("tls-min-version", STRING, "TLS1.2", "Oldest TLS version to allow.");
      row("tls-max-version", STRING, "", "Newest TLS version to allow; empty: no limit.");
      row("cors", ORIGINS, "*", "Origins whose scripts may call.");
      row("host-whitelist", WORDS, "*", "Host names accepted in plain HTTP requests.");
    }

    private void auth() {
      group = AUTH;
      row("auth-token", STRING, "simple", "simple, or jwt with its options.");
      row("auth-token-ttl", UINT, "300", "Seconds that a simple token lives.");
      row("bcrypt-cost", UINT, "10", "Cost of hashing a password, from 4 to 31.");
    }

    private void monitoring() {
      group = MONITORING;
      row("enable-pprof", BOOL, "false", "Serve profiles below /debug/pprof.");
      row("metrics", STRING, "basic", "basic, or extensive for histograms of gRPC calls.");
      row("listen-metrics-urls", URLS, "", "More URLs that serve metrics and health.");
      group = LOGGING;
      row("logger", STRING, "zap", "Only zap, the name of the format of the lines.");
      row("log-outputs", WORDS, "default", "default, stdout, stderr, systemd/journal or files.");
      row("log-level", STRING, "info", "debug, info, warn, error, panic or fatal.");
      row("log-format", STRING, "json", "json or console.");
      row("enable-log-rotation", BOOL, "false", "Rotate the one log file.");
      row(
          "log-rotation-config-json",
          STRING,
          "{\"maxsize\": 100, \"maxage\": 0, \"maxbackups\": 0, \"localtime\": false, \"compress\":"
              + " false}",
          "When to rotate: megabytes, days, files.");
      group = TRACING;
      row("enable-distributed-tracing", BOOL, "false", "Send traces to a collector.");
      row("distributed-tracing-address", STRING, "localhost:4317", "Where the collector is.");
      row("distributed-tracing-service-name", STRING, "etcd", "Name of the service in traces.");
      row("distributed-tracing-instance-id", STRING, "", "Name of this member in traces.");
      row("distributed-tracing-sampling-rate", INT, "0", "Traces per million requests.");
    }

    private void checks() {
      group = CHECKS;
      row(
          "auto-compaction-retention",
          STRING,
          "0",
          "What to keep: a duration or a number; 0: all.");
      row("auto-compaction-mode", STRING, "periodic", "periodic (by time) or revision (by count).");
      row("compaction-batch-limit", INT, "1000", "Revisions per batch of a compaction.");
      row("compaction-sleep-interval", DURATION, "10ms", "Pause between two batches.");
      row(
          "corrupt-check-time",
          DURATION,
          "0s",
          "Time between comparisons with other members; 0: none.");
      row(
          "compact-hash-check-time",
          DURATION,
          "1m0s",
          "Time between comparisons of compaction hashes.");
      row("downgrade-check-time", DURATION, "5s", "Time between looks at a running downgrade.");
    }

    private void rest() {
      group = FEATURES;
      row("feature-gates", GATES, "", "Features to switch, as Name=true,…");
      group = UNSAFE;
      row(
          "force-new-cluster",
          BOOL,
          "false",
          "Start alone with the old data, whoever else there was.");
      row("unsafe-no-fsync", BOOL, "false", "Do not wait for the disk. Loses data.");
      group = MEMBER;
      row(
          "config-file",
          STRING,
          "",
          "File that holds all settings; other sources are then ignored.");
      row("version", BOOL, "false", "Print the version and stop.");
    }

    private void v2() {
      group = V2;
      row("enable-v2", BOOL, "false", "Serve the v2 API.");
      row(
          "experimental-enable-v2v3",
          STRING,
          "",
          "Serve the v2 API out of v3 keys below this prefix.");
      choice("proxy", "off", "Be a proxy of the v2 API.", "off", "readonly", "on");
      row("proxy-failure-wait", UINT, "5000", "Milliseconds that a failed endpoint is left alone.");
      row("proxy-refresh-interval", UINT, "30000", "Milliseconds between looks at the members.");
      row("proxy-dial-timeout", UINT, "1000", "Dial timeout in milliseconds.");
      row("proxy-write-timeout", UINT, "5000", "Write timeout in milliseconds.");
      row("proxy-read-timeout", UINT, "0", "Read timeout in milliseconds; 0: none.");
      row("debug", BOOL, "false", "Same as --log-level debug.");
      row("log-package-levels", STRING, "", "Accepted; there is one level for all packages.");
      row("next-cluster-version-compatible", BOOL, "false", "Accepted; it always is.");
    }

    private void old() {
      group = OLD;
      renamed("proxy-writer-timeout", "proxy-write-timeout");
      renamed("log-output", "log-outputs");
      for (String name :
          List.of(
              "backend-bbolt-freelist-type",
              "bootstrap-defrag-threshold-megabytes",
              "compact-hash-check-time",
              "compaction-batch-limit",
              "compaction-sleep-interval",
              "corrupt-check-time",
              "distributed-tracing-address",
              "distributed-tracing-instance-id",
              "distributed-tracing-sampling-rate",
              "distributed-tracing-service-name",
              "downgrade-check-time",
              "enable-distributed-tracing",
              "max-learners",
              "memory-mlock",
              "peer-skip-client-san-verification",
              "snapshot-catchup-entries",
              "warning-apply-duration",
              "warning-unary-request-duration",
              "watch-progress-notify-interval")) {
        renamed("experimental-" + name, name);
      }
      gated("experimental-stop-grpc-service-on-defrag", "StopGRPCServiceOnDefrag");
      gated("experimental-initial-corrupt-check", "InitialCorruptCheck");
      gated("experimental-compact-hash-check-enabled", "CompactHashCheck");
      gated("experimental-txn-mode-write-with-shared-buffer", "TxnModeWriteWithSharedBuffer");
      gated("experimental-enable-lease-checkpoint", "LeaseCheckpoint");
      gated("experimental-enable-lease-checkpoint-persist", "LeaseCheckpointPersist");
      for (String name :
          List.of(
              "cluster-active-size",
              "cluster-remove-delay",
              "cluster-sync-interval",
              "config",
              "force",
              "max-result-buffer",
              "max-retry-attempts",
              "peer-heartbeat-interval",
              "peer-election-timeout",
              "retry-interval",
              "snapshot",
              "v",
              "vv",
              "test.coverprofile",
              "test.outputdir")) {
        add(name, BOOL, "false", "Ignored.", List.of(), Flag.Standing.IGNORED, "");
      }
    }

    private void row(String name, Kind kind, String initial, String help) {
      add(name, kind, initial, help, List.of(), Flag.Standing.CURRENT, "");
    }

    private void choice(String name, String initial, String help, String... choices) {
      add(name, Kind.CHOICE, initial, help, List.of(choices), Flag.Standing.CURRENT, "");
    }

    private void renamed(String name, String target) {
      Flag now = rows.stream().filter(flag -> flag.name().equals(target)).findFirst().orElseThrow();
      add(
          name,
          now.kind(),
          now.initial(),
          "Use --" + target + ".",
          now.choices(),
          Flag.Standing.RENAMED,
          target);
    }

    private void gated(String name, String gate) {
      String help = "Use --feature-gates=" + gate + "=true.";
      add(name, BOOL, "false", help, List.of(), Flag.Standing.GATED, gate);
    }

    private void add(
        String name,
        Kind kind,
        String initial,
        String help,
        List<String> choices,
        Flag.Standing standing,
        String target) {
      rows.add(new Flag(name, kind, initial, help, group, choices, standing, target));
    }
  }
}
