package io.etcdj.server.front;

import io.etcdj.api.EtcdError;
import io.etcdj.server.front.rpc.EventLoopRef;
import io.etcdj.server.tls.CertificateChecks;
import io.etcdj.server.tls.Rejection;
import io.etcdj.server.tls.RenewedKeys;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.Http2ServerConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The open sockets of a server: each listener is served by every event loop.
 *
 * <p>Any thread may open and shut down.
 */
public final class Listeners {
  private static final int WINDOW_BYTES = 1024 * 1024; // a request at etcd's limit needs two rounds
  private static final int CONNECTION_WINDOW_BYTES = 4 * WINDOW_BYTES;
  private static final int MAX_HEADER_BYTES = 64 * 1024; // room for tokens with many claims

  /**
   * A client may cancel calls as fast as it makes them; only a flood of nothing else is cut off.
   */
  private static final int RESETS_PER_WINDOW = 20_000;

  private static final Duration RESET_WINDOW = Duration.ofSeconds(10);

  /**
   * Vert.x lets several loops share "any free port" under a negative number; each listener needs
   * one of its own.
   */
  private static final AtomicInteger NEXT_ANY_PORT = new AtomicInteger();

  private final Vertx vertx;
  private final String deployment;
  private final List<LoopVerticle> loops;
  private final List<Listener.Address> addresses;

  private Listeners(
      Vertx vertx, String deployment, List<LoopVerticle> loops, List<Listener.Address> addresses) {
    this.vertx = vertx;
    this.deployment = deployment;
    this.loops = loops;
    this.addresses = addresses;
  }

  /** A Vert.x as the front wants it: native transport, and nothing of the disk on its start-up. */
  public static Vertx vertx(int eventLoops) {
    return Vertx.vertx(options(eventLoops));
  }

  /** The same for one event loop that may wait for a slow disk, of which the metrics tell. */
  public static Vertx vertxOfPeers() {
    return Vertx.vertx(options(1).setBlockedThreadCheckInterval(TimeUnit.DAYS.toMillis(1)));
  }

  private static VertxOptions options(int eventLoops) {
    return new VertxOptions()
        .setEventLoopPoolSize(eventLoops)
        .setPreferNativeTransport(true)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  /**
   * Opens all listeners, or fails with the first {@link BindFailure} and leaves none open.
   *
   * @param firstLoop the number of the first loop, which no other listener of the server has
   * @param loops how many event loops serve, best one per core
   * @param content what is served
   * @param rejections told of each TLS connection that ends in its handshake; by any thread
   */
  public static Future<Listeners> open(
      Vertx vertx,
      int firstLoop,
      int loops,
      List<Listener> listeners,
      FrontOptions options,
      FrontContent content,
      Consumer<Rejection> rejections) {
    BiFunction<Vertx, EventLoopRef, Front> fronts =
        (v, loop) -> Front.of(v, loop, options, content);
    List<SocketAddress> sockets = listeners.stream().map(l -> socket(l.address())).toList();
    List<LoopVerticle> verticles = new ArrayList<>();
    AtomicInteger next = new AtomicInteger();
    for (int i = 0; i < loops; i++) {
      verticles.add(
          new LoopVerticle(firstLoop + i, listeners, sockets, options, fronts, rejections));
    }
    return vertx
        .deployVerticle(
            () -> verticles.get(next.getAndIncrement()),
            new DeploymentOptions().setInstances(loops))
        .map(id -> new Listeners(vertx, id, verticles, verticles.get(0).addresses()));
  }

  /** Where the listeners really are, in the order in which they were given. */
  public List<Listener.Address> addresses() {
    return addresses;
  }

  /**
   * Stops: nothing new is accepted, clients are told to go, streams end with "server stopped", and
   * unary calls get {@code grace} to finish.
   */
  public Future<Void> shutdown(Duration grace) {
    List<Future<Void>> stopping = new ArrayList<>();
    for (LoopVerticle loop : loops) {
      stopping.add(loop.shutdown(grace));
    }
    return Future.join(stopping).eventually(() -> vertx.undeploy(deployment)).mapEmpty();
  }

  private static SocketAddress socket(Listener.Address address) {
    if (address instanceof Listener.Address.Unix unix) {
      return SocketAddress.domainSocketAddress(unix.path());
    }
    Listener.Address.Tcp tcp = (Listener.Address.Tcp) address;
    return tcp.port() == 0
        ? SocketAddress.sharedRandomPort(NEXT_ANY_PORT.incrementAndGet(), tcp.host())
        : SocketAddress.inetSocketAddress(tcp.port(), tcp.host());
  }

  /** A socket could not be opened; the message is etcd's. */
  public static final class BindFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BindFailure(Listener.Address address, Throwable cause) {
      super(
          "listen "
              + (address instanceof Listener.Address.Unix ? "unix " : "tcp ")
              + address
              + ": bind: "
              + reason(cause),
          cause);
    }

    /** The operating system's words, without what Netty and the JDK put around them. */
    private static String reason(Throwable cause) {
      String message = String.valueOf(cause.getMessage());
      int colon = message.lastIndexOf(": ");
      return (colon >= 0 ? message.substring(colon + 2) : message).toLowerCase(Locale.ROOT);
    }
  }

  /** One event loop and its servers. */
  private static final class LoopVerticle extends VerticleBase {
    private final int index;
    private final List<Listener> listeners;
    private final List<SocketAddress> sockets;
    private final FrontOptions options;
    private final BiFunction<Vertx, EventLoopRef, Front> fronts;
    private final Consumer<Rejection> rejections;
    private final List<HttpServer> servers = new ArrayList<>();
    private @Nullable Front front;

    LoopVerticle(
        int index,
        List<Listener> listeners,
        List<SocketAddress> sockets,
        FrontOptions options,
        BiFunction<Vertx, EventLoopRef, Front> fronts,
        Consumer<Rejection> rejections) {
      this.index = index;
      this.listeners = listeners;
      this.sockets = sockets;
      this.options = options;
      this.fronts = fronts;
      this.rejections = rejections;
    }

    @Override
    public Future<?> start() {
      Front here = fronts.apply(vertx, EventLoopRef.current(index, context));
      front = here;
      List<Future<HttpServer>> opening = new ArrayList<>();
      for (int i = 0; i < listeners.size(); i++) {
        Listener listener = listeners.get(i);
        HttpServer server =
            server(listener)
                .connectionHandler(here::connected)
                .requestHandler(here.handler(listener.role()));
        servers.add(server);
        opening.add(
            server
                .listen(sockets.get(i))
                .recover(e -> Future.failedFuture(new BindFailure(listener.address(), e))));
      }
      return Future.all(opening);
    }

    private HttpServer server(Listener listener) {
      Tls tls = listener.tls();
      if (tls == null) {
        return vertx.createHttpServer(config(options));
      }
      return vertx
          .httpServerBuilder()
          .with(config(options))
          .with(ssl(tls))
          .with(new JdkSSLEngineOptions().setUseWorkerThread(tls.clientCertAuth())) // may block
          .build()
          .exceptionHandler(failure -> rejections.accept(Rejection.of(failure)));
    }

    List<Listener.Address> addresses() {
      List<Listener.Address> result = new ArrayList<>();
      for (int i = 0; i < listeners.size(); i++) {
        Listener.Address address = listeners.get(i).address();
        result.add(
            address instanceof Listener.Address.Tcp tcp
                ? new Listener.Address.Tcp(tcp.host(), servers.get(i).actualPort())
                : address);
      }
      return result;
    }

    /** Streams are ended first: a connection counts as drained once they are. */
    Future<Void> shutdown(Duration grace) {
      Promise<Void> streamsEnded = Promise.promise();
      Front here = front;
      if (here == null) {
        streamsEnded.complete();
      } else {
        here.loop()
            .execute(
                () -> {
                  here.loop().stopStreams(EtcdError.STOPPED.exception());
                  streamsEnded.complete();
                });
      }
      return streamsEnded
          .future()
          .compose(
              unused ->
                  Future.join(servers.stream().map(server -> server.shutdown(grace)).toList()))
          .mapEmpty();
    }

    private static HttpServerConfig config(FrontOptions options) {
      return new HttpServerConfig()
          .setHandle100ContinueAutomatically(true)
          .setHttp1Config(
              new Http1ServerConfig()
                  .setMaxInitialLineLength(MAX_HEADER_BYTES)
                  .setMaxHeaderSize(MAX_HEADER_BYTES))
          .setHttp2Config(
              new Http2ServerConfig()
                  .setInitialSettings(
                      new Http2Settings()
                          .setMaxConcurrentStreams(options.maxConcurrentStreams())
                          .setInitialWindowSize(WINDOW_BYTES)
                          .setMaxHeaderListSize(MAX_HEADER_BYTES))
                  .setConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                  .setRstFloodMaxRstFramePerWindow(RESETS_PER_WINDOW)
                  .setRstFloodWindowDuration(RESET_WINDOW));
    }

    private static ServerSSLOptions ssl(Tls tls) {
      ServerSSLOptions ssl = new ServerSSLOptions();
      ssl.setKeyCertOptions(new RenewedKeys(tls.certFile(), tls.keyFile()).options());
      ssl.setTrustOptions(
          new CertificateChecks(tls.trustedCaFile(), tls.allowed(), tls.crlFile(), tls.byAddress())
              .options());
      if (!tls.protocols().isEmpty()) {
        ssl.setEnabledSecureTransportProtocols(new LinkedHashSet<>(tls.protocols()));
      }
      tls.cipherSuites().forEach(ssl::addEnabledCipherSuite);
      ssl.setClientAuth(tls.clientCertAuth() ? ClientAuth.REQUIRED : ClientAuth.NONE);
      return ssl;
    }
  }
}
