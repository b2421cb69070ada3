package io.etcdj.server.boot;

import io.etcdj.server.config.Config;
import io.etcdj.server.front.FrontOptions;
import io.etcdj.server.front.Listener;
import io.etcdj.server.front.Listeners;
import io.etcdj.server.front.Tls;
import io.etcdj.server.front.grpc.GrpcOptions;
import io.etcdj.server.front.http.AccessRules;
import io.etcdj.server.log.Entry;
import io.etcdj.server.log.Log;
import io.etcdj.server.peer.PeerTls;
import io.etcdj.server.text.EtcdUrl;
import io.etcdj.server.tls.AllowedNames;
import io.etcdj.server.tls.Rejection;
import io.etcdj.server.tls.SelfSigned;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the flags say of sockets, as those take it that open them. */
final class Sockets {
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

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
        allowed(files),
        config.security().protocols(),
        config.security().cipherSuites());
  }

  /** The same with files in the place of certificates that are to be made at start. */
  static Config withCertificates(Config config, Log log, Clock clock) throws StartException {
    Config.Security security = config.security();
    Path fixtures = Path.of(config.storage().dataDir()).resolve("fixtures");
    Config.Listeners urls = config.listeners();
    List<EtcdUrl> clientUrls = new ArrayList<>(urls.client());
    clientUrls.addAll(urls.clientHttp());
    int years = security.selfSignedValidityYears();
    return config.with(
        new Config.Security(
            made("client", security.client(), fixtures, clientUrls, years, log, clock),
            made("peer", security.peer(), fixtures, urls.peer(), years, log, clock),
            security.protocols(),
            security.cipherSuites(),
            years));
  }

  private static Config.TlsFiles made(
      String whose,
      Config.TlsFiles files,
      Path fixtures,
      List<EtcdUrl> urls,
      int years,
      Log log,
      Clock clock)
      throws StartException {
    if (!files.automatic()) {
      return files;
    }
    String failed = "failed to get " + whose + " self-signed certs";
    if (years == 0) {
      String why = "selfSignedCertValidity is invalid,it should be greater than 0";
      throw new StartException(why, List.of(Entry.fatal(failed, "error", why)));
    }
    SelfSigned pair = SelfSigned.in(fixtures.resolve(whose));
    try {
      if (!pair.exists()) {
        Files.createDirectories(pair.certFile().getParent(), OWNER_ONLY);
        List<String> hosts =
            urls.stream().filter(url -> !url.isUnix()).map(EtcdUrl::host).distinct().toList();
        pair.make(hosts, years, clock.instant());
        log.info("created cert file", "path", pair.certFile().toString());
        log.info("created key file", "path", pair.keyFile().toString());
      }
    } catch (IOException e) {
      throw new StartException(
          failed + ": " + e, List.of(Entry.fatal(failed, "error", e.toString())));
    }
    return files.automaticWith(pair.certFile().toString(), pair.keyFile().toString());
  }

  /**
   * Tells who was turned away.
   *
   * @param where the kind of listener
   */
  static Consumer<Rejection> rejections(Log log, String where) {
    return rejection ->
        log.warn(
            "rejected connection on " + where + " endpoint",
            "remote-addr",
            rejection.remoteAddress(),
            "ip-addresses",
            rejection.ipAddresses(),
            "dns-names",
            rejection.dnsNames(),
            "error",
            rejection.error());
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
      all.add(listener(url, role, tls, false, config));
    }
    for (EtcdUrl url : urls.clientHttp()) {
      all.add(listener(url, Listener.Role.HTTP_ONLY, tls, false, config));
    }
    for (EtcdUrl url : urls.metrics()) {
      all.add(listener(url, Listener.Role.METRICS, tls, true, config));
    }
    return all;
  }

  /**
   * A socket to listen on.
   *
   * @param byAddress whether the certificates of those who call must be for where they call from
   */
  static Listener listener(
      EtcdUrl url, Listener.Role role, Config.TlsFiles files, boolean byAddress, Config config) {
    Listener.Address address =
        url.isUnix()
            ? new Listener.Address.Unix(url.socketFile())
            : new Listener.Address.Tcp(url.host(), url.port());
    return new Listener(address, role, url.isSecure() ? tls(files, byAddress, config) : null);
  }

  private static AllowedNames allowed(Config.TlsFiles files) {
    return new AllowedNames(files.allowedCommonNames(), files.allowedHostnames());
  }

  /** Who names authorities of clients wants to see certificates. */
  private static Tls tls(Config.TlsFiles files, boolean byAddress, Config config) {
    return new Tls(
        files.certFile(),
        files.keyFile(),
        nullIfEmpty(files.trustedCaFile()),
        nullIfEmpty(files.crlFile()),
        files.clientCertAuth() || !files.trustedCaFile().isEmpty(),
        allowed(files),
        byAddress,
        config.security().protocols(),
        config.security().cipherSuites());
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }
}
