package io.etcdj.server.config;

import io.etcdj.server.config.Config.ClusterState;
import io.etcdj.server.config.Config.TlsFiles;
import io.etcdj.server.config.FeatureGates.Gate;
import io.etcdj.server.log.Entry;
import io.etcdj.server.log.Level;
import io.etcdj.server.log.LogFormat;
import io.etcdj.server.log.LogOptions;
import io.etcdj.server.text.EtcdUrl;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/**
 * Makes the configuration out of checked settings: fills in what depends on other flags, and finds
 * what etcd finds only now.
 */
final class ConfigFactory {
  private static final long DEFAULT_SNAPSHOT_COUNT = 10_000;
  private static final String ANY_ADDRESS = "0.0.0.0";

  private final Settings settings;
  private final Supplier<Optional<String>> defaultHost;
  private final List<Entry> notices;

  ConfigFactory(Settings settings, Supplier<Optional<String>> defaultHost, List<Entry> notices) {
    this.settings = settings;
    this.defaultHost = defaultHost;
    this.notices = notices;
  }

  Config config() throws LateFailure {
    advertiseDefaultHost();
    nameInitialCluster();
    Config.Security security = security();
    securePeers(security);
    secureClients(security);
    Config.Cluster cluster = cluster();
    AutoCompaction compaction =
        AutoCompaction.parse(
            settings.text("auto-compaction-mode"), settings.text("auto-compaction-retention"));
    return new Config(
        new Config.Listeners(
            settings.urls("listen-peer-urls"),
            settings.urls("listen-client-urls"),
            settings.urls("listen-client-http-urls"),
            settings.urls("listen-metrics-urls")),
        cluster,
        raft(),
        storage(),
        new Config.Compaction(
            compaction,
            settings.smallNumber("compaction-batch-limit"),
            settings.duration("compaction-sleep-interval")),
        limits(),
        new Config.Http(
            Set.copyOf(settings.words("cors")),
            Set.copyOf(settings.words("host-whitelist")),
            settings.bool("enable-grpc-gateway"),
            settings.bool("enable-pprof"),
            settings.text("metrics").equals("extensive"),
            settings.bool("enable-v2")),
        proxy(),
        security,
        auth(),
        checks(),
        settings.gates(),
        log());
  }

  // ---- Defaults that depend on others

  /** Whoever listens on all addresses is reached at the one on the default route. */
  private void advertiseDefaultHost() {
    boolean peer = isDefaultBehindAny("initial-advertise-peer-urls", "listen-peer-urls");
    boolean client = isDefaultBehindAny("advertise-client-urls", "listen-client-urls");
    if (!peer && !client) {
      return;
    }
    Optional<String> host = defaultHost.get();
    if (host.isEmpty()) {
      notices.add(Entry.info("failed to detect default host"));
      return;
    }
    if (peer) {
      advertise("initial-advertise-peer-urls", "listen-peer-urls", host.get());
    }
    if (client) {
      advertise("advertise-client-urls", "listen-client-urls", host.get());
    }
    notices.add(Entry.info("detected default host for advertise", "host", host.get()));
  }

  private boolean isDefaultBehindAny(String advertised, String listened) {
    Flag flag = Flags.ALL.get(advertised);
    List<EtcdUrl> listening = settings.urls(listened);
    return flag != null
        && settings.urls(advertised).toString().equals("[" + flag.initial() + "]")
        && !listening.isEmpty()
        && listening.get(0).host().equals(ANY_ADDRESS);
  }

  private void advertise(String advertised, String listened, String host) {
    settings.put(advertised, List.of(settings.urls(listened).get(0).withHost(host)));
  }

  /** A name alone makes a cluster of one, at its own URLs. */
  private void nameInitialCluster() {
    String name = settings.text("name");
    if (!name.equals(Flags.DEFAULT_NAME)
        && settings.text("initial-cluster").equals(Validation.DEFAULT_CLUSTER)) {
      String own = name.isEmpty() ? Flags.DEFAULT_NAME : name;
      List<String> pairs =
          settings.urls("initial-advertise-peer-urls").stream()
              .map(url -> own + "=" + url)
              .toList();
      settings.put("initial-cluster", String.join(",", pairs));
    }
  }

  private String dataDir() {
    String dir = settings.text("data-dir");
    if (!dir.isEmpty()) {
      return dir;
    }
    String usual = settings.text("name") + ".etcd";
    notices.add(Entry.warn("'data-dir' was empty; using default", "data-dir", usual));
    return usual;
  }

  // ---- What etcd finds out late

  private void secureClients(Config.Security security) throws LateFailure {
    List<EtcdUrl> urls = new ArrayList<>(settings.urls("listen-client-urls"));
    urls.addAll(settings.urls("listen-client-http-urls"));
    TlsFiles files = security.client();
    for (EtcdUrl url : urls) {
      if (url.isSecure() && !files.hasCertificate()) {
        throw new LateFailure(
            "TLS key/cert (--cert-file, --key-file) must be provided for client url "
                + url
                + " with HTTPS scheme");
      }
      noteUnusedTls(url, files, "client-url");
    }
  }

  private void securePeers(Config.Security security) throws LateFailure {
    List<String> commonNames = security.peer().allowedCommonNames();
    List<String> hostnames = security.peer().allowedHostnames();
    boolean asked = security.peer().hasCertificate() && !security.peer().automatic();
    if (asked && !commonNames.isEmpty() && !hostnames.isEmpty()) {
      throw new LateFailure(
          "AllowedCNs and AllowedHostnames are mutually exclusive (cns="
              + quoted(commonNames)
              + ", hostnames="
              + quoted(hostnames)
              + ")");
    }
    for (EtcdUrl url : settings.urls("listen-peer-urls")) {
      if (url.isSecure() && !security.peer().hasCertificate()) {
        throw new LateFailure(
            "cannot listen on TLS for "
                + url.authority()
                + ": KeyFile and CertFile are not presented");
      }
      noteUnusedTls(url, security.peer(), "peer-url");
    }
  }

  private static String quoted(List<String> words) {
    return words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(" ", "[", "]"));
  }

  private void noteUnusedTls(EtcdUrl url, TlsFiles files, String field) {
    if (!url.isSecure() && files.hasCertificate()) {
      notices.add(
          Entry.warn(
              "scheme is http or unix while key and cert files are present; ignoring key and cert"
                  + " files",
              field,
              url));
    }
    if (!url.isSecure() && files.clientCertAuth()) {
      notices.add(
          Entry.warn(
              "scheme is http or unix while --client-cert-auth is enabled; ignoring client cert"
                  + " auth for this URL",
              field,
              url));
    }
  }

  private Config.Cluster cluster() throws LateFailure {
    InitialCluster initial;
    try {
      initial = InitialCluster.parse(settings.text("initial-cluster"));
    } catch (IllegalArgumentException invalid) {
      throw new LateFailure("error setting up initial cluster: " + invalid.getMessage());
    }
    return new Config.Cluster(
        settings.text("name"),
        settings.urls("initial-advertise-peer-urls"),
        settings.urls("advertise-client-urls"),
        initial,
        settings.text("initial-cluster-token"),
        settings.text("initial-cluster-state").equals("new")
            ? ClusterState.NEW
            : ClusterState.EXISTING,
        settings.bool("strict-reconfig-check"),
        settings.bool("force-new-cluster"),
        settings.smallNumber("max-learners"),
        new Config.Discovery(
            settings.text("discovery"),
            settings.text("discovery-proxy"),
            settings.text("discovery-fallback").equals("proxy"),
            settings.text("discovery-srv"),
            settings.text("discovery-srv-name"),
            settings.words("discovery-endpoints"),
            settings.text("discovery-token"),
            settings.duration("discovery-dial-timeout"),
            settings.duration("discovery-request-timeout")));
  }

  private Config.Auth auth() throws LateFailure {
    String tokens = settings.text("auth-token");
    String kind = tokens.split(",", 2)[0];
    boolean jwt = kind.equals("jwt") && tokens.contains(",sign-method=");
    if (!jwt && !Set.of("simple", "").contains(kind)) {
      throw new LateFailure("auth: invalid auth options");
    }
    return new Config.Auth(
        tokens,
        Duration.ofSeconds(settings.smallNumber("auth-token-ttl")),
        settings.smallNumber("bcrypt-cost"));
  }

  // ---- The rest is plain

  private Config.Raft raft() {
    return new Config.Raft(
        settings.smallNumber("heartbeat-interval"),
        settings.smallNumber("election-timeout"),
        settings.bool("initial-election-tick-advance"),
        settings.bool("pre-vote"),
        settings.duration("raft-read-timeout"),
        settings.duration("raft-write-timeout"));
  }

  private Config.Storage storage() {
    long snapshotCount = settings.number("snapshot-count");
    return new Config.Storage(
        dataDir(),
        settings.text("wal-dir"),
        snapshotCount == 0 ? DEFAULT_SNAPSHOT_COUNT : snapshotCount,
        settings.number("snapshot-catchup-entries"),
        settings.smallNumber("max-snapshots"),
        settings.smallNumber("max-wals"),
        settings.number("quota-backend-bytes"),
        settings.duration("backend-batch-interval"),
        settings.smallNumber("backend-batch-limit"),
        settings.bool("unsafe-no-fsync"));
  }

  private Config.Proxy proxy() {
    return new Config.Proxy(
        Config.ProxyMode.valueOf(settings.text("proxy").toUpperCase(Locale.ROOT)),
        Duration.ofMillis(settings.number("proxy-failure-wait")),
        Duration.ofMillis(settings.number("proxy-refresh-interval")),
        Duration.ofMillis(settings.number("proxy-dial-timeout")),
        Duration.ofMillis(settings.number("proxy-write-timeout")),
        Duration.ofMillis(settings.number("proxy-read-timeout")));
  }

  private Config.Limits limits() {
    return new Config.Limits(
        settings.smallNumber("max-txn-ops"),
        settings.smallNumber("max-request-bytes"),
        settings.number("max-concurrent-streams"),
        settings.duration("grpc-keepalive-min-time"),
        settings.duration("grpc-keepalive-interval"),
        settings.duration("grpc-keepalive-timeout"),
        settings.duration("watch-progress-notify-interval"),
        settings.duration("warning-apply-duration"),
        settings.duration("warning-unary-request-duration"));
  }

  private Config.Checks checks() {
    FeatureGates gates = settings.gates();
    return new Config.Checks(
        gates.isOpen(Gate.INITIAL_CORRUPT_CHECK),
        settings.duration("corrupt-check-time"),
        gates.isOpen(Gate.COMPACT_HASH_CHECK),
        settings.duration("compact-hash-check-time"),
        settings.duration("downgrade-check-time"));
  }

  private Config.Security security() throws LateFailure {
    List<String> cipherSuites = cipherSuites(settings.words("cipher-suites"));
    TlsFiles client =
        new TlsFiles(
            settings.text("cert-file"),
            settings.text("key-file"),
            settings.text("client-cert-file"),
            settings.text("client-key-file"),
            settings.text("trusted-ca-file"),
            settings.text("client-crl-file"),
            settings.bool("client-cert-auth"),
            automatic("auto-tls", "cert-file", "key-file", "client"),
            List.of(),
            settings.words("client-cert-allowed-hostname"),
            false);
    TlsFiles peer =
        new TlsFiles(
            settings.text("peer-cert-file"),
            settings.text("peer-key-file"),
            settings.text("peer-client-cert-file"),
            settings.text("peer-client-key-file"),
            settings.text("peer-trusted-ca-file"),
            settings.text("peer-crl-file"),
            settings.bool("peer-client-cert-auth"),
            automatic("peer-auto-tls", "peer-cert-file", "peer-key-file", "peer"),
            settings.words("peer-cert-allowed-cn"),
            settings.words("peer-cert-allowed-hostname"),
            settings.bool("peer-skip-client-san-verification"));
    return new Config.Security(
        client, peer, protocols(), cipherSuites, settings.smallNumber("self-signed-cert-validity"));
  }

  private boolean automatic(String flag, String certFile, String keyFile, String whose) {
    if (!settings.bool(flag)) {
      return false;
    }
    boolean given = !settings.text(certFile).isEmpty() || !settings.text(keyFile).isEmpty();
    if (given) {
      notices.add(Entry.warn("ignoring " + whose + " auto TLS since certs given"));
    }
    return !given;
  }

  private List<String> protocols() {
    String min = settings.text("tls-min-version");
    String max = settings.text("tls-max-version");
    List<String> protocols = new ArrayList<>();
    if (!min.equals("TLS1.3")) {
      protocols.add("TLSv1.2");
    }
    if (!max.equals("TLS1.2")) {
      protocols.add("TLSv1.3");
    }
    return List.copyOf(protocols);
  }

  /** Go's names are IANA's, but for two that also go without their hash. */
  private static List<String> cipherSuites(List<String> names) throws LateFailure {
    if (names.isEmpty()) {
      return List.of();
    }
    Set<String> known = knownCipherSuites();
    List<String> suites = new ArrayList<>();
    for (String name : names) {
      String suite = name.endsWith("CHACHA20_POLY1305") ? name + "_SHA256" : name;
      if (!known.contains(suite)) {
        throw new LateFailure("unexpected TLS cipher suite \"" + name + "\"");
      }
      suites.add(suite);
    }
    return List.copyOf(suites);
  }

  private static Set<String> knownCipherSuites() {
    try {
      return Set.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
    } catch (NoSuchAlgorithmException noTls) {
      throw new IllegalStateException(noTls);
    }
  }

  private LogOptions log() {
    String level = settings.bool("debug") ? "debug" : settings.text("log-level");
    return new LogOptions(
        Level.of(level).orElse(Level.INFO),
        settings.text("log-format").equals("console") ? LogFormat.CONSOLE : LogFormat.JSON,
        settings.words("log-outputs"));
  }
}
