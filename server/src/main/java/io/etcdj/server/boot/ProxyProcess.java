package io.etcdj.server.boot;

import io.etcdj.server.config.Config;
import io.etcdj.server.front.FrontContent;
import io.etcdj.server.front.FrontOptions;
import io.etcdj.server.front.Listener;
import io.etcdj.server.front.Listeners;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.front.rpc.RpcMetrics;
import io.etcdj.server.front.rpc.RpcTable;
import io.etcdj.server.log.Log;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.proxy.ProxyFile;
import io.etcdj.server.proxy.V2Proxy;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process that is no member but a proxy of the v2 API. */
public final class ProxyProcess implements AutoCloseable {
  /** To one member; each long poll holds one. */
  private static final int MAX_CONNECTIONS = 10_000;

  /** Long polls would never end by themselves. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final V2Proxy proxy;
  private final List<PeerClient> clients;
  private final Listeners listeners;
  private final Log log;

  private ProxyProcess(
      Vertx vertx, V2Proxy proxy, List<PeerClient> clients, Listeners listeners, Log log) {
    this.vertx = vertx;
    this.proxy = proxy;
    this.clients = clients;
    this.listeners = listeners;
    this.log = log;
  }

  /**
   * Whether the flags and the data directory mean a proxy. A directory stays what it was made for:
   * what it holds counts more than the flags.
   *
   * @throws StartException when it was both
   */
  public static boolean isMeant(Config config, Log log) throws StartException {
    Path directory = Path.of(config.storage().dataDir());
    boolean member = Files.isDirectory(directory.resolve("member"));
    boolean proxy = ProxyFile.isIn(directory);
    boolean asked = config.proxy().mode() != Config.ProxyMode.OFF;
    if (member && proxy) {
      throw new StartException("invalid datadir; both member and proxy directories exist");
    }
    if ((member && asked) || (proxy && !asked)) {
      log.warn(
          "server has been already initialized",
          "data-dir",
          directory,
          "dir-type",
          member ? "member" : "proxy");
    }
    return proxy || (asked && !member);
  }

  /** Starts a proxy as the flags say; returns when its sockets are open. */
  public static ProxyProcess start(Config given, Log log) throws IOException, StartException {
    log.warn("this proxy supports v2 API only!");
    List<String> initial =
        given.cluster().initialCluster().members().values().stream()
            .flatMap(List::stream)
            .map(EtcdUrl::toString)
            .toList();
    ProxyFile file = new ProxyFile(Path.of(given.storage().dataDir()), initial, log);
    file.makeDirectory();
    Config config = Sockets.withCertificates(given, log, Clock.systemUTC());
    Config.Proxy flags = config.proxy();
    long dialMillis = Math.max(1, flags.dialTimeout().toMillis());
    int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
    Vertx vertx = Listeners.vertx(cores);
    PeerClient peers = new PeerClient(vertx, Sockets.peerTls(config), dialMillis);
    PeerClient clients =
        new PeerClient(vertx, Sockets.clientTls(config), dialMillis, MAX_CONNECTIONS);
    V2Proxy.Options options =
        new V2Proxy.Options(
            flags.mode() == Config.ProxyMode.READONLY,
            flags.failureWait(),
            flags.refreshInterval(),
            flags.writeTimeout(),
            flags.readTimeout());
    V2Proxy proxy = new V2Proxy(vertx, options, peers, clients, file, log);
    ProxyProcess process;
    try {
      Listeners listeners = listen(config, vertx, cores, proxy, log);
      process = new ProxyProcess(vertx, proxy, List.of(peers, clients), listeners, log);
    } catch (StartException e) {
      vertx.close().toCompletionStage().toCompletableFuture().join();
      throw e;
    }
    proxy.start().join();
    for (EtcdUrl url : config.listeners().client()) {
      log.info("v2 proxy started listening on client requests", "host", url);
    }
    return process;
  }

  private static Listeners listen(Config config, Vertx vertx, int loops, V2Proxy proxy, Log log)
      throws StartException {
    Routes routes = new Routes();
    proxy.addTo(routes);
    List<Listener> sockets = new ArrayList<>();
    List<EtcdUrl> urls = new ArrayList<>(config.listeners().client());
    urls.addAll(config.listeners().clientHttp());
    for (EtcdUrl url : urls) {
      sockets.add(
          Sockets.listener(url, Listener.Role.HTTP_ONLY, config.security().client(), true, config));
    }
    FrontOptions front = Sockets.frontOptions(config);
    RpcTable noRpcs = new RpcTable(List.of(), new RpcMetrics(new MetricRegistry(), false));
    return Sockets.await(
        Listeners.open(
            vertx,
            0,
            loops,
            sockets,
            new FrontOptions(front.grpc(), front.maxConcurrentStreams(), false, front.access()),
            new FrontContent(noRpcs, routes, new Routes()),
            Sockets.rejections(log, "client")));
  }

  /** Lets what is being passed on end for a moment, and closes. */
  @Override
  public void close() {
    log.info("closing the v2 proxy");
    proxy.close();
    listeners.shutdown(GRACE).toCompletionStage().toCompletableFuture().join();
    clients.forEach(PeerClient::close);
    vertx.close().toCompletionStage().toCompletableFuture().join();
    log.close();
  }
}
