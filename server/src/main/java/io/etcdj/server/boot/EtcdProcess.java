package io.etcdj.server.boot;

import io.etcdj.server.config.Config;
import io.etcdj.server.config.FeatureGates.Gate;
import io.etcdj.server.config.Version;
import io.etcdj.server.front.FrontContent;
import io.etcdj.server.front.FrontOptions;
import io.etcdj.server.front.Listener;
import io.etcdj.server.front.Listeners;
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
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

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
      return new Loops(Listeners.vertx(cores), cores, Listeners.vertxOfPeers());
    }

    void close() {
      clients.close().toCompletionStage().toCompletableFuture().join();
      peers.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  /** Starts a member as the flags say; returns when its sockets are open. */
  public static EtcdProcess start(Config given, Log log) throws IOException, StartException {
    Config config = Sockets.withCertificates(given, log, Clock.systemUTC());
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
    PeerTls tls = Sockets.peerTls(config);
    EtcdMember.Network network =
        new EtcdMember.Network(
            starting.thenApply(Loops::peers),
            tls,
            // Not by the peers' loop: a call to the leader, say to renew a client's lease, does not
            // wait for the disk of this member.
            starting.thenApply(
                loops ->
                    new PeerClient(
                        loops.clients(), tls, PEER_DIAL_MILLIS + options.electionMillis())),
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
    if (config.http().v2()) {
      member.addV2Routes(routes);
    }
    Routes monitoring = new Routes();
    health.addTo(monitoring);
    info.addMetrics(monitoring);
    Routes peer = new Routes();
    info.addVersion(peer, member.versions());
    member.addPeerRoutes(peer);

    FrontOptions front = Sockets.frontOptions(config);
    Listeners clients =
        Sockets.await(
            Listeners.open(
                loops.clients(),
                0,
                loops.ofClients(),
                Sockets.clientListeners(config),
                front,
                new FrontContent(table, routes, monitoring),
                Sockets.rejections(log, "client")));
    List<Listener> peerListeners = new ArrayList<>();
    Config.TlsFiles ofPeers = config.security().peer();
    boolean byAddress = !ofPeers.skipClientSanVerification();
    for (EtcdUrl url : config.listeners().peer()) {
      peerListeners.add(Sockets.listener(url, Listener.Role.METRICS, ofPeers, byAddress, config));
    }
    Listeners peers =
        Sockets.await(
            Listeners.open(
                loops.peers(),
                loops.ofClients(),
                1,
                peerListeners,
                front,
                new FrontContent(table, new Routes(), peer),
                Sockets.rejections(log, "peer")));
    return new EtcdProcess(log, loops, clients, peers, member);
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
