package io.etcdj.server.proxy;

import io.etcdj.server.front.http.Routes;
import io.etcdj.server.log.Log;
import io.etcdj.server.peer.PeerClient;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** A proxy of the v2 API, for the routes of its listeners. */
public final class V2Proxy implements AutoCloseable {
  private final MembersWatch members;
  private final ReverseProxy passing;

  /**
   * How a proxy behaves.
   *
   * @param readOnly whether it passes on nothing but GET
   * @param failureWait how long an endpoint that failed is left alone
   * @param refreshInterval how often the members are asked who they are
   * @param writeTimeout until an endpoint has taken a request; zero for none
   * @param readTimeout between two pieces of an answer; zero for none
   */
  public record Options(
      boolean readOnly,
      Duration failureWait,
      Duration refreshInterval,
      Duration writeTimeout,
      Duration readTimeout) {}

  /**
   * @param peers calls peer URLs
   * @param clients calls client URLs
   */
  public V2Proxy(
      Vertx vertx, Options options, PeerClient peers, PeerClient clients, ProxyFile file, Log log) {
    Endpoints endpoints =
        new Endpoints(options.failureWait().toNanos(), System::nanoTime, new Random());
    this.members =
        new MembersWatch(vertx, peers, endpoints, file, options.refreshInterval().toMillis(), log);
    this.passing =
        new ReverseProxy(
            vertx,
            clients,
            endpoints,
            options.readOnly(),
            new ReverseProxy.Timeouts(
                options.writeTimeout().toMillis(), options.readTimeout().toMillis()),
            log);
  }

  /** Begins to look for members; the future ends when they were asked once. */
  public CompletableFuture<Void> start() {
    return members.start();
  }

  public void addTo(Routes routes) {
    routes.add("/v2/config/local/proxy", passing::configuration).add("/", passing::handle);
  }

  @Override
  public void close() {
    members.close();
  }
}
