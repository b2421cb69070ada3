package io.etcdj.server.config;

import io.etcdj.server.config.FeatureGates.Gate;
import io.etcdj.server.log.Entry;
import io.etcdj.server.log.Log;
import io.etcdj.server.text.EtcdUrl;
import io.etcdj.server.text.GoDuration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Refuses settings that a member cannot run with, in etcd's order and words. */
final class Validation {
  static final String DEFAULT_CLUSTER = Flags.DEFAULT_NAME + "=" + Flags.DEFAULT_PEER_URL;
  static final String NOTHING_ADVERTISED =
      "--advertise-client-urls is required when --listen-client-urls is set explicitly";

  private static final long MAX_ELECTION_MILLIS = 50_000;

  /** An election timeout must leave room for this many heartbeats. */
  private static final long HEARTBEATS_PER_ELECTION = 5;

  private static final int MAX_TRACES_PER_MILLION = 1_000_000;
  private static final Duration SHORTEST_PEER_TIMEOUT = Duration.ofSeconds(5);
  private static final List<String> TLS_VERSIONS = List.of("TLS1.2", "TLS1.3");

  private final Settings settings;
  private final List<Entry> notices;

  Validation(Settings settings, List<Entry> notices) {
    this.settings = settings;
    this.notices = notices;
  }

  void check() throws BadConfig {
    logging();
    listeners();
    bootstrap();
    timing();
    if (!settings.urls("listen-client-urls").isEmpty()
        && settings.urls("advertise-client-urls").isEmpty()
        && settings.text("proxy").equals("off")) {
      throw new BadConfig(NOTHING_ADVERTISED);
    }
    checks();
    if (settings.text("name").equals(Flags.DEFAULT_NAME)) {
      notices.add(
          Entry.warn(
              "it isn't recommended to use default name, please set a value for --name. Note that"
                  + " etcd might run into issue when multiple members have the same default name",
              "name",
              Flags.DEFAULT_NAME));
    }
    tls();
    Unavailable.check(settings, notices);
  }

  // ---- Logging

  private void logging() throws BadConfig {
    String logger = settings.text("logger");
    if (logger.equals("capnslog")) {
      throw new BadConfig("--logger=capnslog is removed in v3.5");
    }
    if (!logger.equals("zap")) {
      throw new BadConfig("unknown logger option \"" + logger + "\"");
    }
    String format = settings.text("log-format");
    if (!Set.of("json", "console").contains(format)) {
      throw new BadConfig("unknown log format: " + format + ", supported values json, console");
    }
    if (settings.bool("enable-log-rotation") && settings.words("log-outputs").size() != 1) {
      throw new BadConfig(
          "--log-outputs requires a single file path when --log-rotate-config-json is defined");
    }
    try {
      Log.checkOutputs(settings.words("log-outputs"));
    } catch (IOException refused) {
      throw new BadConfig(String.valueOf(refused.getMessage()));
    }
  }

  // ---- Where to listen and what to advertise

  private void listeners() throws BadConfig {
    bindable(settings.urls("listen-peer-urls"));
    List<EtcdUrl> clients = settings.urls("listen-client-urls");
    bindable(clients);
    List<EtcdUrl> http = settings.urls("listen-client-http-urls");
    if (http.isEmpty()) {
      notices.add(
          Entry.warn(
              "Running http and grpc server on single port. This is not recommended for"
                  + " production."));
    }
    bindable(http);
    for (EtcdUrl url : http) {
      if (clients.contains(url)) {
        throw new BadConfig(
            "cannot bind both --listen-client-urls and --listen-client-http-urls on the same url "
                + url);
      }
    }
    bindable(settings.urls("listen-metrics-urls"));
    reachable("initial-advertise-peer-urls", "be \"host:port\"");
    reachable(
        "advertise-client-urls",
        "be in the format \"host:port\", \"unix:/path/to/socket\" or \"unixs:/path/to/socket\"");
  }

  private static void bindable(List<EtcdUrl> urls) throws BadConfig {
    for (EtcdUrl url : urls) {
      if (!url.isUnix() && !url.host().equals("localhost") && !isAddress(url.host())) {
        throw new BadConfig("expected IP in URL for binding (" + url + ")");
      }
    }
  }

  /** Whether it is a literal address; names are never looked up. */
  private static boolean isAddress(String host) {
    boolean looksLiteral =
        host.indexOf(':') >= 0
            ? host.matches("[0-9a-fA-F:.]+(%.+)?")
            : host.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    if (!looksLiteral) {
      return false;
    }
    try {
      return InetAddress.getByName(host) != null;
    } catch (UnknownHostException notAnAddress) {
      return false;
    }
  }

  private void reachable(String flag, String must) throws BadConfig {
    List<EtcdUrl> urls = settings.urls(flag);
    for (EtcdUrl url : urls) {
      if (!url.isUnix() && url.host().isEmpty()) {
        String all = String.join(",", urls.stream().map(EtcdUrl::toString).toList());
        throw new BadConfig(
            "--%s \"%s\" must %s (unexpected empty host (%s))".formatted(flag, all, must, url));
      }
    }
  }

  // ---- How the cluster comes about

  private void bootstrap() throws BadConfig {
    boolean v2 = !settings.text("discovery").isEmpty();
    List<String> endpoints = settings.words("discovery-endpoints");
    String token = settings.text("discovery-token");
    long ways =
        Stream.of(
                v2,
                !settings.text("initial-cluster").isEmpty(),
                !settings.text("discovery-srv").isEmpty(),
                !endpoints.isEmpty())
            .filter(set -> set)
            .count();
    if (ways > 1) {
      throw new BadConfig(
          "multiple discovery or bootstrap flags are set. Choose one of \"initial-cluster\", "
              + (v2 ? "\"discovery\", " : "")
              + "\"discovery-endpoints\" or \"discovery-srv\"");
    }
    if (settings.text("discovery-fallback").equals("proxy") && !v2) {
      throw new BadConfig(
          "v2 proxy is deprecated, and --discovery-fallback can't be configured as \"proxy\"");
    }
    if (endpoints.isEmpty() != token.isEmpty()) {
      throw new BadConfig("both --discovery-token and --discovery-endpoints must be set");
    }
    if (endpoints.contains("")) {
      throw new BadConfig("--discovery-endpoints must not contain empty endpoints");
    }
  }

  private void timing() throws BadConfig {
    long heartbeat = settings.number("heartbeat-interval");
    long election = settings.number("election-timeout");
    if (heartbeat == 0) {
      throw new BadConfig("--heartbeat-interval must be >0 (set to 0ms)");
    }
    if (election == 0) {
      throw new BadConfig("--election-timeout must be >0 (set to 0ms)");
    }
    // Divided, not multiplied: the heartbeat may be as large as a long.
    if (heartbeat > election / HEARTBEATS_PER_ELECTION) {
      throw new BadConfig(
          "--election-timeout[%dms] should be at least as 5 times as --heartbeat-interval[%dms]"
              .formatted(election, heartbeat));
    }
    if (election > MAX_ELECTION_MILLIS) {
      throw new BadConfig(
          "--election-timeout[%dms] is too long, and should be set less than %dms"
              .formatted(election, MAX_ELECTION_MILLIS));
    }
    for (String timeout : List.of("raft-read-timeout", "raft-write-timeout")) {
      if (settings.duration(timeout).compareTo(SHORTEST_PEER_TIMEOUT) < 0) {
        settings.put(timeout, SHORTEST_PEER_TIMEOUT);
        notices.add(Entry.info(timeout + " increased to minimum value"));
      }
    }
  }

  private void checks() throws BadConfig {
    String mode = settings.text("auto-compaction-mode");
    if (!Set.of("", "periodic", "revision").contains(mode)) {
      throw new BadConfig("unknown auto-compaction-mode \"" + mode + "\"");
    }
    long rate = settings.number("distributed-tracing-sampling-rate");
    if (settings.bool("enable-distributed-tracing")
        && (rate < 0 || rate > MAX_TRACES_PER_MILLION)) {
      throw new BadConfig(
          "distributed tracing configurition is not valid: (sampling rate must be between 0 and "
              + MAX_TRACES_PER_MILLION
              + ")");
    }
    FeatureGates gates = settings.gates();
    if (gates.isOpen(Gate.LEASE_CHECKPOINT_PERSIST) && !gates.isOpen(Gate.LEASE_CHECKPOINT)) {
      throw new BadConfig(
          "enabling feature gate LeaseCheckpointPersist requires enabling feature gate"
              + " LeaseCheckpoint");
    }
    Duration hashCheck = settings.duration("compact-hash-check-time");
    if (hashCheck.isZero() || hashCheck.isNegative()) {
      throw new BadConfig(
          "--compact-hash-check-time must be >0 (set to " + GoDuration.format(hashCheck) + ")");
    }
  }

  private void tls() throws BadConfig {
    String min = settings.text("tls-min-version");
    String max = settings.text("tls-max-version");
    for (String version : List.of(min, max)) {
      if (!version.isEmpty() && !TLS_VERSIONS.contains(version)) {
        throw new BadConfig(
            "unexpected TLS version \"" + version + "\" (must be one of: TLS1.2, TLS1.3)");
      }
    }
    if (!max.isEmpty() && min.compareTo(max) > 0) {
      throw new BadConfig("min version (" + min + ") is greater than max version (" + max + ")");
    }
    if (min.equals("TLS1.3") && !settings.words("cipher-suites").isEmpty()) {
      throw new BadConfig("cipher suites cannot be configured when only TLS1.3 is enabled");
    }
  }
}
