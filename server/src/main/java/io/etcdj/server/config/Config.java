package io.etcdj.server.config;

import io.etcdj.server.config.FeatureGates.Gate;
import io.etcdj.server.log.Entry;
import io.etcdj.server.log.LogOptions;
import io.etcdj.server.text.EtcdUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Everything that an operator can say about one member, checked and with the defaults filled in.
 */
public record Config(
    Listeners listeners,
    Cluster cluster,
    Raft raft,
    Storage storage,
    Compaction compaction,
    Limits limits,
    Http http,
    Proxy proxy,
    Security security,
    Auth auth,
    Checks checks,
    FeatureGates gates,
    LogOptions log) {

  /** Where to listen; {@code clientHttp} not empty makes {@code client} serve gRPC only. */
  public record Listeners(
      List<EtcdUrl> peer, List<EtcdUrl> client, List<EtcdUrl> clientHttp, List<EtcdUrl> metrics) {}

  /** Whether {@code initialCluster} is to be founded or joined. */
  public enum ClusterState {
    NEW,
    EXISTING
  }

  /**
   * Which member of which cluster.
   *
   * @param initialCluster peer URLs by name; only for a member without data
   */
  public record Cluster(
      String name,
      List<EtcdUrl> advertisePeerUrls,
      List<EtcdUrl> advertiseClientUrls,
      InitialCluster initialCluster,
      String token,
      ClusterState state,
      boolean strictReconfigCheck,
      boolean forceNewCluster,
      int maxLearners,
      Discovery discovery) {}

  /**
   * Other ways to find the first members, as written.
   *
   * @param fallsBackToProxy whether a member for which there is no place is to be a proxy
   */
  public record Discovery(
      String url,
      String proxy,
      boolean fallsBackToProxy,
      String srvDomain,
      String srvName,
      List<String> endpoints,
      String token,
      Duration dialTimeout,
      Duration requestTimeout) {}

  /** How members keep in touch. */
  public record Raft(
      int heartbeatMillis,
      int electionMillis,
      boolean initialElectionTickAdvance,
      boolean preVote,
      Duration peerReadTimeout,
      Duration peerWriteTimeout) {}

  /**
   * What is on disk.
   *
   * @param walDir empty for the usual place in {@code dataDir}
   * @param maxSnapshots files kept, 0 for all
   * @param maxWals files kept, 0 for all
   * @param quotaBytes 0 for the default, negative for none
   * @param batchInterval time between commits, zero for the default
   * @param batchLimit operations per commit, 0 for the default
   */
  public record Storage(
      String dataDir,
      String walDir,
      long snapshotCount,
      long snapshotCatchupEntries,
      int maxSnapshots,
      int maxWals,
      long quotaBytes,
      Duration batchInterval,
      int batchLimit,
      boolean unsafeNoFsync) {

    /** Where the log is, by its own flag or in its usual place. */
    public String walDirectory() {
      return walDir.isEmpty() ? Path.of(dataDir, "member", "wal").toString() : walDir;
    }
  }

  /** When history is dropped, and how gently. */
  public record Compaction(AutoCompaction auto, int batchLimit, Duration sleepInterval) {}

  /** How much a client may ask for, and what counts as slow. */
  public record Limits(
      int maxTxnOps,
      int maxRequestBytes,
      long maxConcurrentStreams,
      Duration keepaliveMinTime,
      Duration keepaliveInterval,
      Duration keepaliveTimeout,
      Duration watchProgressInterval,
      Duration warningApplyDuration,
      Duration warningUnaryRequestDuration) {}

  /** What is served over HTTP besides gRPC, and to whom. */
  public record Http(
      Set<String> cors,
      Set<String> hostWhitelist,
      boolean jsonGateway,
      boolean pprof,
      boolean extensiveMetrics,
      boolean v2) {}

  /** What a proxy of the v2 API passes on. */
  public enum ProxyMode {
    /** It is none, but a member. */
    OFF,
    READONLY,
    ON
  }

  /**
   * How a proxy of the v2 API behaves.
   *
   * @param failureWait how long an endpoint that failed is left alone
   * @param readTimeout zero for none
   */
  public record Proxy(
      ProxyMode mode,
      Duration failureWait,
      Duration refreshInterval,
      Duration dialTimeout,
      Duration writeTimeout,
      Duration readTimeout) {}

  /**
   * TLS toward clients and toward members.
   *
   * @param protocols as the JDK names them, oldest first
   * @param cipherSuites as the JDK names them; empty for its default
   * @param selfSignedValidityYears of certificates that are made at start
   */
  public record Security(
      TlsFiles client,
      TlsFiles peer,
      List<String> protocols,
      List<String> cipherSuites,
      int selfSignedValidityYears) {}

  /**
   * PEM files of one side; empty where there is none.
   *
   * @param clientCertFile shown when this server is the client; the server's own if empty
   * @param automatic whether the certificate is made at start, because there is none
   */
  public record TlsFiles(
      String certFile,
      String keyFile,
      String clientCertFile,
      String clientKeyFile,
      String trustedCaFile,
      String crlFile,
      boolean clientCertAuth,
      boolean automatic,
      List<String> allowedCommonNames,
      List<String> allowedHostnames,
      boolean skipClientSanVerification) {

    /** The same with a certificate that was made at start, which nobody vouches for. */
    public TlsFiles automaticWith(String cert, String key) {
      return new TlsFiles(
          cert,
          key,
          cert,
          key,
          "",
          "",
          false,
          true,
          List.of(),
          List.of(),
          skipClientSanVerification);
    }

    public boolean hasCertificate() {
      return automatic || (!certFile.isEmpty() && !keyFile.isEmpty());
    }
  }

  /**
   * Who is who.
   *
   * @param tokens {@code simple}, or {@code jwt} and its options, as written
   */
  public record Auth(String tokens, Duration tokenTtl, int bcryptCost) {}

  /** Looking for members that have drifted apart; zero means never. */
  public record Checks(
      boolean initialCorruptCheck,
      Duration corruptCheckTime,
      boolean compactHashCheck,
      Duration compactHashCheckTime,
      Duration downgradeCheckTime) {}

  static Config of(Settings settings, Supplier<Optional<String>> defaultHost, List<Entry> notices)
      throws LateFailure {
    return new ConfigFactory(settings, defaultHost, notices).config();
  }

  /** The same with other certificates. */
  public Config with(Security other) {
    return new Config(
        listeners,
        cluster,
        raft,
        storage,
        compaction,
        limits,
        http,
        proxy,
        other,
        auth,
        checks,
        gates,
        log);
  }

  /** Whether a gate is open. */
  public boolean isOpen(Gate gate) {
    return gates.isOpen(gate);
  }
}
