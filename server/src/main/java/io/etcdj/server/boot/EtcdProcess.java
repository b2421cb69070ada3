package io.etcdj.server.boot;

import io.etcdj.server.config.Config;
import io.etcdj.server.config.FeatureGates.Gate;
import io.etcdj.server.config.Version;
import io.etcdj.server.front.FrontContent;
import io.etcdj.server.front.FrontOptions;
import io.etcdj.server.front.Listener;
import io.etcdj.server.front.Listeners;
import io.etcdj.server.front.Tls;
import io.etcdj.server.front.grpc.GrpcOptions;
import io.etcdj.server.front.http.AccessRules;
import io.etcdj.server.front.http.HealthEndpoints;
import io.etcdj.server.front.http.InfoEndpoints;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.front.rpc.RpcMetrics;
import io.etcdj.server.front.rpc.RpcTable;
import io.etcdj.server.log.Log;
import io.etcdj.server.metrics.ProcessMetrics;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.peer.PeerTls;
import io.etcdj.server.text.EtcdUrl;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.LmdbBackend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A member with its sockets: what the {@code etcd} executable runs. */
public final class EtcdProcess implements AutoCloseable {
  /** How long a stop waits for calls that are being answered. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  private static final long CLOSE_SECONDS = 8;

  /** How long a peer may take to accept a connection, besides an election timeout. */
  private static final long PEER_DIAL_MILLIS = 1_000;

  private final Log log;
  private final Loops loops;
  private final Listeners clients;
  private final Listeners peers;
  private final EtcdMember member;
  private final AtomicBoolean leaving = new AtomicBoolean();

  private EtcdProcess(Log log, Loops loops, Listeners clients, Listeners peers, EtcdMember member) {
    this.log = log;
    this.loops = loops;
    this.clients = clients;
    this.peers = peers;
    this.member = member;
  }

  /**
   * The event loops. Those of clients are one per core. All that other members say and are told
   * goes by one of its own: no client holds it up, and what comes in is answered on the thread that
   * it came by.
   */
  private record Loops(Vertx clients, int ofClients, Vertx peers) {
    static Loops start() {
      int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
      return new Loops(Listeners.vertx(cores), cores, Listeners.vertx(1));
    }

    void close() {
      clients.close().toCompletionStage().toCompletableFuture().join();
      peers.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  /** Starts a member as the flags say; returns when its sockets are open. */
  public static EtcdProcess start(Config config, Log log) throws IOException, StartException {
    log.info(
        "starting an etcd server",
        "etcd-version",
        Version.ETCD,
        "etcdj-version",
        Version.own(),
        "java-version",
        Runtime.version().toString(),
        "name",
        config.cluster().name(),
        "data-dir",
        config.storage().dataDir(),
        "advertise-client-urls",
        texts(config.cluster().advertiseClientUrls()),
        "listen-client-urls",
        texts(config.listeners().client()),
        "listen-peer-urls",
        texts(config.listeners().peer()));
    // Half of a start is loading classes: these two sets do it while the log is read.
    var unusedLibrary = CompletableFuture.runAsync(LmdbBackend::loadLibrary);
    CompletableFuture<Loops> starting = CompletableFuture.supplyAsync(Loops::start);
    CompletableFuture<EtcdProcess> started = new CompletableFuture<>();
    EtcdMember member;
    try {
      member = member(config, starting, log, started);
    } catch (IOException | StartException | RuntimeException e) {
      starting.join().close();
      throw e;
    }
    EtcdProcess process;
    try {
      refuseRemoved(member, log);
      member.checkAtStart();
      process = open(config, member, starting.join(), log);
    } catch (StartException | RuntimeException e) {
      member.close();
      throw e;
    }
    member.start();
    started.complete(process);
    var unused =
        member
            .ready()
            .thenRun(
                () -> {
                  log.info("ready to serve client requests");
                  for (EtcdUrl url : config.listeners().client()) {
                    log.info("serving client traffic", "address", url.toString());
                  }
                });
    return process;
  }

  private static EtcdMember member(
      Config config,
      CompletableFuture<Loops> starting,
      Log log,
      CompletableFuture<EtcdProcess> started)
      throws IOException, StartException {
    MemberOptions options = options(config);
    PeerTls tls = peerTls(config);
    EtcdMember.Network network =
        new EtcdMember.Network(
            starting.thenApply(Loops::peers),
            tls,
            starting.thenApply(
                loops ->
                    new PeerClient(
                        loops.peers(), tls, PEER_DIAL_MILLIS + options.electionMillis())),
            new Founding(config, starting.thenApply(Loops::peers), log),
            texts(config.cluster().advertisePeerUrls()));
    EtcdMember.Endings endings =
        new EtcdMember.Endings() {
          @Override
          public void failed(Throwable cause) {
            die(log, cause);
          }

          @Override
          public void removed() {
            var unused = started.thenAcceptAsync(process -> process.leave());
          }
        };
    try {
      return new EtcdMember(options, network, log, endings);
    } catch (BackendCorruptException e) {
      throw new StartException(
          "database "
              + options.databasePath()
              + " is damaged and must be restored from a snapshot: "
              + e.getMessage(),
          e);
    }
  }

  /** The peers' encryption, or null when no peer URL asks for it. */
  private static @Nullable PeerTls peerTls(Config config) {
    boolean secure =
        Stream.concat(
                config.cluster().advertisePeerUrls().stream(),
                config.cluster().initialCluster().members().values().stream().flatMap(List::stream))
            .anyMatch(EtcdUrl::isSecure);
    Config.TlsFiles files = config.security().peer();
    boolean found = config.cluster().initialCluster().members().isEmpty(); // they may be secure
    if (!secure && !files.hasCertificate() && !(found && !files.trustedCaFile().isEmpty())) {
      return null;
    }
    String cert = files.clientCertFile().isEmpty() ? files.certFile() : files.clientCertFile();
    String key = files.clientKeyFile().isEmpty() ? files.keyFile() : files.clientKeyFile();
    return new PeerTls(
        nullIfEmpty(cert),
        nullIfEmpty(key),
        nullIfEmpty(files.trustedCaFile()),
        files.automatic(),
        config.security().protocols(),
        config.security().cipherSuites());
  }

  /** The cluster has told this member before that it is out. */
  private static void refuseRemoved(EtcdMember member, Log log) {
    if (member.isRemoved()) {
      member.close();
      sayRemoved(log);
      log.close();
      Runtime.getRuntime().halt(0);
    }
  }

  private static void sayRemoved(Log log) {
    log.error("the member has been permanently removed from the cluster");
    log.error("data-dir used by this member must be removed");
  }

  /** Stops in good order, because the cluster has removed this member. */
  private void leave() {
    if (leaving.compareAndSet(false, true)) {
      sayRemoved(log);
      close();
      Runtime.getRuntime().halt(0);
    }
  }

  private static EtcdProcess open(Config config, EtcdMember member, Loops loops, Log log)
      throws StartException {
    ProcessMetrics.register(member.metrics());
    RpcTable table =
        new RpcTable(
            member.rpcs(), new RpcMetrics(member.metrics(), config.http().extensiveMetrics()));
    HealthEndpoints health = new HealthEndpoints(member.health(), member.metrics());
    InfoEndpoints info = new InfoEndpoints(member.metrics());
    Routes routes = new Routes();
    health.addTo(routes);
    info.addVersion(routes, member.versions());
    info.addMetrics(routes);
    Routes monitoring = new Routes();
    health.addTo(monitoring);
    info.addMetrics(monitoring);
    Routes peer = new Routes();
    info.addVersion(peer, member.versions());
    member.addPeerRoutes(peer);

    FrontOptions front = frontOptions(config);
    Listeners clients =
        await(
            Listeners.open(
                loops.clients(),
                0,
                loops.ofClients(),
                clientListeners(config),
                front,
                new FrontContent(table, routes, monitoring)));
    List<Listener> peerListeners = new ArrayList<>();
    for (EtcdUrl url : config.listeners().peer()) {
      peerListeners.add(listener(url, Listener.Role.METRICS, config.security().peer(), config));
    }
    Listeners peers =
        await(
            Listeners.open(
                loops.peers(),
                loops.ofClients(),
                1,
                peerListeners,
                front,
                new FrontContent(table, new Routes(), peer)));
    return new EtcdProcess(log, loops, clients, peers, member);
  }

  private static Listeners await(Future<Listeners> opening) throws StartException {
    try {
      return opening.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StartException(String.valueOf(cause.getMessage()), cause);
    }
  }

  private static FrontOptions frontOptions(Config config) {
    Config.Limits limits = config.limits();
    GrpcOptions defaults = GrpcOptions.defaults(limits.maxRequestBytes());
    return new FrontOptions(
        new GrpcOptions(
            defaults.maxReceiveBytes(),
            limits.keepaliveMinTime().toMillis(),
            limits.keepaliveInterval().toMillis(),
            limits.keepaliveTimeout().toMillis()),
        limits.maxConcurrentStreams(),
        config.http().jsonGateway(),
        new AccessRules(config.http().cors(), config.http().hostWhitelist(), () -> false));
  }

  private static List<Listener> clientListeners(Config config) {
    Config.Listeners urls = config.listeners();
    Config.TlsFiles tls = config.security().client();
    boolean split = !urls.clientHttp().isEmpty();
    List<Listener> all = new ArrayList<>();
    for (EtcdUrl url : urls.client()) {
      Listener.Role role = split ? Listener.Role.GRPC_ONLY : Listener.Role.EVERYTHING;
      all.add(listener(url, role, tls, config));
    }
    for (EtcdUrl url : urls.clientHttp()) {
      all.add(listener(url, Listener.Role.HTTP_ONLY, tls, config));
    }
    for (EtcdUrl url : urls.metrics()) {
      all.add(listener(url, Listener.Role.METRICS, tls, config));
    }
    return all;
  }

  private static Listener listener(
      EtcdUrl url, Listener.Role role, Config.TlsFiles files, Config config) {
    Listener.Address address =
        url.isUnix()
            ? new Listener.Address.Unix(url.socketFile())
            : new Listener.Address.Tcp(url.host(), url.port());
    return new Listener(address, role, url.isSecure() ? tls(files, config) : null);
  }

  private static Tls tls(Config.TlsFiles files, Config config) {
    return new Tls(
        files.certFile(),
        files.keyFile(),
        nullIfEmpty(files.trustedCaFile()),
        nullIfEmpty(files.crlFile()),
        files.clientCertAuth(),
        config.security().protocols(),
        config.security().cipherSuites());
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }

  private static MemberOptions options(Config config) {
    Config.Storage storage = config.storage();
    Config.Cluster cluster = config.cluster();
    Path dataDirectory = Path.of(storage.dataDir());
    long batchMillis = storage.batchInterval().toMillis();
    return new MemberOptions(
        cluster.name(),
        dataDirectory,
        Path.of(storage.walDirectory()),
        texts(cluster.advertisePeerUrls()),
        Founding.clusterToken(cluster),
        cluster.state() == Config.ClusterState.EXISTING,
        cluster.forceNewCluster(),
        cluster.strictReconfigCheck(),
        config.raft().initialElectionTickAdvance(),
        texts(cluster.advertiseClientUrls()),
        config.raft().heartbeatMillis(),
        config.raft().electionMillis(),
        config.raft().preVote(),
        storage.snapshotCount(),
        storage.snapshotCatchupEntries(),
        storage.maxSnapshots(),
        storage.maxWals(),
        storage.quotaBytes(),
        batchMillis == 0 ? 100 : batchMillis,
        storage.batchLimit() == 0 ? 10_000 : storage.batchLimit(),
        config.limits().maxTxnOps(),
        config.limits().maxRequestBytes(),
        cluster.maxLearners(),
        config.compaction().batchLimit(),
        config.compaction().sleepInterval().toMillis(),
        config.compaction().auto(),
        config.limits().watchProgressInterval().toMillis(),
        config.limits().warningApplyDuration().toMillis(),
        new MemberOptions.LeaseCheckpoints(
            config.isOpen(Gate.LEASE_CHECKPOINT), config.isOpen(Gate.LEASE_CHECKPOINT_PERSIST)),
        new MemberOptions.CorruptionChecks(
            config.checks().initialCorruptCheck(),
            config.checks().corruptCheckTime().toMillis(),
            config.checks().compactHashCheck()
                ? config.checks().compactHashCheckTime().toMillis()
                : 0),
        storage.unsafeNoFsync());
  }

  private static List<String> texts(List<EtcdUrl> urls) {
    return urls.stream().map(EtcdUrl::toString).toList();
  }

  /** A member that cannot go on must not linger: others take over, or a restart mends it. */
  private static void die(Log log, Throwable cause) {
    log.fatal("the member cannot go on", "error", cause);
    Runtime.getRuntime().halt(1);
  }

  /** Lets calls that are being answered finish, refuses others, and closes the files. */
  @Override
  public void close() {
    log.info("closing etcd server", "name", member.options().name());
    CompletableFuture<Void> closing = CompletableFuture.runAsync(this::closeAll);
    try {
      closing.get(CLOSE_SECONDS, TimeUnit.SECONDS);
      log.info("closed etcd server", "name", member.options().name());
    } catch (TimeoutException e) {
      log.warn("closing took too long; what was acknowledged is in the log");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      log.error("closing failed", "error", e);
    }
    log.close();
  }

  private void closeAll() {
    member.handOver(); // while it is still reached
    shutdown(clients);
    member.close(); // ends its streams to other members, which would never end by themselves
    shutdown(peers);
    loops.close();
  }

  private static void shutdown(Listeners listeners) {
    listeners.shutdown(GRACE).toCompletionStage().toCompletableFuture().join();
  }
}
