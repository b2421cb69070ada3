package io.etcdj.server.boot;

import io.etcdj.server.config.Config;
import io.etcdj.server.front.FrontOptions;
import io.etcdj.server.front.Listener;
import io.etcdj.server.front.Listeners;
import io.etcdj.server.front.Tls;
import io.etcdj.server.front.grpc.GrpcOptions;
import io.etcdj.server.front.http.AccessRules;
import io.etcdj.server.peer.PeerTls;
import io.etcdj.server.text.EtcdUrl;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the flags say of sockets, as those take it that open them. */
final class Sockets {
  private Sockets() {}

  /** The peers' encryption, or null when no peer URL asks for it. */
  static @Nullable PeerTls peerTls(Config config) {
    boolean secure =
        Stream.concat(
                config.cluster().advertisePeerUrls().stream(),
                config.cluster().initialCluster().members().values().stream().flatMap(List::stream))
            .anyMatch(EtcdUrl::isSecure);
    Config.TlsFiles files = config.security().peer();
    boolean found = config.cluster().initialCluster().members().isEmpty(); // they may be secure
    return secure || files.hasCertificate() || (found && !files.trustedCaFile().isEmpty())
        ? dialing(files, serverName(config), config)
        : null;
  }

  /**
   * Where the DNS told who the members are, and any authority may vouch for them, they must at
   * least be of the domain that was asked: else whoever can answer for the DNS can be a member.
   */
  private static @Nullable String serverName(Config config) {
    return config.security().peer().trustedCaFile().isEmpty()
        ? nullIfEmpty(config.cluster().discovery().srvDomain())
        : null;
  }

  /** How client URLs are dialled, or null when nothing is said of that. */
  static @Nullable PeerTls clientTls(Config config) {
    Config.TlsFiles files = config.security().client();
    return files.hasCertificate() || !files.trustedCaFile().isEmpty()
        ? dialing(files, null, config)
        : null;
  }

  private static PeerTls dialing(
      Config.TlsFiles files, @Nullable String serverName, Config config) {
    String cert = files.clientCertFile().isEmpty() ? files.certFile() : files.clientCertFile();
    String key = files.clientKeyFile().isEmpty() ? files.keyFile() : files.clientKeyFile();
    return new PeerTls(
        nullIfEmpty(cert),
        nullIfEmpty(key),
        nullIfEmpty(files.trustedCaFile()),
        serverName,
        files.automatic(),
        config.security().protocols(),
        config.security().cipherSuites());
  }

  static Listeners await(Future<Listeners> opening) throws StartException {
    try {
      return opening.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StartException(String.valueOf(cause.getMessage()), cause);
    }
  }

  static FrontOptions frontOptions(Config config) {
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

  static List<Listener> clientListeners(Config config) {
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

  static Listener listener(EtcdUrl url, Listener.Role role, Config.TlsFiles files, Config config) {
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
}
