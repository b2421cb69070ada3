package io.etcdj.server.discovery;

import io.etcdj.server.config.InitialCluster;
import io.etcdj.server.discovery.Registry.Entry;
import io.etcdj.server.log.Log;
import io.etcdj.server.peer.PeerClient;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;

/** Meetings in registries. */
public final class Discovery {
  private static final long DIAL_MILLIS = 30_000;

  /**
   * Who comes to a meeting.
   *
   * @param id member id in hexadecimal
   * @param urls {@code name=URL}, several with commas between
   */
  public record Self(String id, String urls) {
    Entry entry() {
      return new Entry(id, urls);
    }
  }

  private final Vertx vertx;
  private final Self self;
  private final Log log;

  public Discovery(Vertx vertx, Self self, Log log) {
    this.vertx = vertx;
    this.self = self;
    this.log = log;
  }

  /**
   * Meets in a directory of the v2 API. Returns when all have come, however long that takes.
   *
   * @param url of the directory
   * @param proxy by which it is reached, or empty
   */
  public InitialCluster byKeys(String url, String proxy)
      throws DiscoveryException, InterruptedException {
    SocketAddress by = proxy.isEmpty() ? null : proxy(proxy);
    if (by != null) {
      log.info("running proxy with discovery", "proxy-url", "http://" + by);
    }
    try (PeerClient http = new PeerClient(vertx, null, DIAL_MILLIS, by)) {
      return meet(new KeysRegistry(http, url));
    }
  }

  private InitialCluster meet(Registry registry) throws DiscoveryException, InterruptedException {
    return new Rendezvous(registry, self.entry(), length -> Thread.sleep(length.toMillis()), log)
        .join();
  }

  /** With or without {@code http://} and a port, as operators write proxies. */
  private static SocketAddress proxy(String text) throws DiscoveryException {
    try {
      URI uri = new URI(text.startsWith("http") ? text : "http://" + text);
      if (uri.getHost() != null) {
        return SocketAddress.inetSocketAddress(
            uri.getPort() > 0 ? uri.getPort() : 80, uri.getHost());
      }
    } catch (URISyntaxException e) {
      // no better than one without a host
    }
    throw new DiscoveryException("invalid proxy address \"" + text + "\"");
  }
}
