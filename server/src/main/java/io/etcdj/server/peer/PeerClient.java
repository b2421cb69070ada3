package io.etcdj.server.peer;

import io.etcdj.server.text.EtcdUrl;
import io.etcdj.server.tls.CertificateChecks;
import io.etcdj.server.tls.RenewedKeys;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http1ClientConfig;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Plain HTTP calls to URLs of members. Any thread; answers come on event loops.
 *
 * <p>The transport dials by it as well.
 */
public final class PeerClient implements AutoCloseable {
  /** To one address; four are the transport's own, and databases may be on their way. */
  private static final int MAX_CONNECTIONS = 64;

  private static final int MAX_WAITING = 1_024;
  private static final int MAX_HEADER_BYTES = 64 * 1024;

  private final Vertx vertx;
  private final HttpClientAgent http;
  private final long connectTimeoutMillis;
  private final @Nullable ProxyOptions proxy;
  private final @Nullable String serverName;

  public PeerClient(Vertx vertx, @Nullable PeerTls tls, long connectTimeoutMillis) {
    this(vertx, tls, connectTimeoutMillis, MAX_CONNECTIONS, null);
  }

  /**
   * @param maxConnections to one address at once; who wants more waits
   */
  public PeerClient(
      Vertx vertx, @Nullable PeerTls tls, long connectTimeoutMillis, int maxConnections) {
    this(vertx, tls, connectTimeoutMillis, maxConnections, null);
  }

  /**
   * The same for calls to others than members, which a firewall may be in front of.
   *
   * @param proxy by which all calls go, or null
   */
  public PeerClient(
      Vertx vertx,
      @Nullable PeerTls tls,
      long connectTimeoutMillis,
      @Nullable SocketAddress proxy) {
    this(vertx, tls, connectTimeoutMillis, MAX_CONNECTIONS, proxy);
  }

  private PeerClient(
      Vertx vertx,
      @Nullable PeerTls tls,
      long connectTimeoutMillis,
      int maxConnections,
      @Nullable SocketAddress proxy) {
    this.vertx = vertx;
    this.connectTimeoutMillis = connectTimeoutMillis;
    this.serverName = tls == null ? null : tls.serverName();
    this.proxy =
        proxy == null ? null : new ProxyOptions().setHost(proxy.host()).setPort(proxy.port());
    this.http =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientConfig()
                    .setVersions(HttpVersion.HTTP_1_1)
                    .setConnectTimeout(Duration.ofMillis(connectTimeoutMillis))
                    .setHttp1Config(
                        new Http1ClientConfig()
                            .setMaxInitialLineLength(MAX_HEADER_BYTES)
                            .setMaxHeaderSize(MAX_HEADER_BYTES)))
            .with(
                new PoolOptions().setHttp1MaxSize(maxConnections).setMaxWaitQueueSize(MAX_WAITING))
            .with(ssl(tls, connectTimeoutMillis))
            .build();
  }

  private static ClientSSLOptions ssl(@Nullable PeerTls tls, long handshakeMillis) {
    ClientSSLOptions ssl =
        new ClientSSLOptions()
            .setHostnameVerificationAlgorithm("HTTPS")
            .setSslHandshakeTimeout(handshakeMillis)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    if (tls == null) {
      return ssl; // an https URL is still reached, with the system's authorities
    }
    if (tls.certFile() != null && tls.keyFile() != null) {
      ssl.setKeyCertOptions(new RenewedKeys(tls.certFile(), tls.keyFile()).options());
    }
    if (tls.trustAnything()) {
      ssl.setTrustAll(true).setHostnameVerificationAlgorithm("");
    } else {
      ssl.setTrustOptions(
          new CertificateChecks(tls.trustedCaFile(), tls.allowed(), null, false).options());
    }
    if (!tls.protocols().isEmpty()) {
      ssl.setEnabledSecureTransportProtocols(new LinkedHashSet<>(tls.protocols()));
    }
    tls.cipherSuites().forEach(ssl::addEnabledCipherSuite);
    return ssl;
  }

  /**
   * Makes one call. The future fails with a {@link SocketTimeoutException} when there is no whole
   * answer in time, and with another exception when there will be none; any status is an answer.
   *
   * @param baseUrl {@code http://host:port}
   * @param path with its leading slash
   * @param body may be empty
   * @param maxBytes a longer answer is a failure
   */
  public CompletableFuture<Answer> call(
      HttpMethod method,
      String baseUrl,
      String path,
      Map<String, String> headers,
      byte[] body,
      long timeoutMillis,
      int maxBytes) {
    EtcdUrl url;
    try {
      url = EtcdUrl.parse(baseUrl);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(e);
    }
    return call(method, url, path, headers, Buffer.buffer(body), timeoutMillis, maxBytes)
        .toCompletionStage()
        .toCompletableFuture();
  }

  /** The same with a future that completes where the caller is. */
  Future<Answer> call(
      HttpMethod method,
      EtcdUrl url,
      String path,
      Map<String, String> headers,
      Buffer body,
      long timeoutMillis,
      int maxBytes) {
    Promise<Answer> promise = Promise.promise();
    Call call = new Call(promise, maxBytes);
    long timer =
        vertx.setTimer(
            Math.max(1, timeoutMillis),
            unused ->
                call.fail(new SocketTimeoutException("no answer within " + timeoutMillis + " ms")));
    open(method, url, path, headers)
        .onComplete(
            opened -> {
              if (opened.failed()) {
                call.fail(opened.cause());
              } else if (promise.future().isComplete()) {
                opened.result().reset();
              } else {
                call.send(opened.result(), body);
              }
            });
    return promise.future().onComplete(unused -> vertx.cancelTimer(timer));
  }

  /** A request of which nothing is sent yet, on a connection from the pool. */
  public Future<HttpClientRequest> open(
      HttpMethod method, EtcdUrl url, String path, Map<String, String> headers) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost(host(url))
            .setPort(port(url))
            .setSsl(url.isSecure())
            .setURI(path)
            .setFollowRedirects(false)
            .setConnectTimeout(connectTimeoutMillis);
    if (proxy != null) {
      options.setProxyOptions(proxy);
    }
    if (!goesByHost(url)) {
      options.setServer(place(url));
    }
    headers.forEach(options::putHeader);
    return unlessClosed(() -> http.request(options));
  }

  /** A connection for one stream, from no pool. */
  Future<HttpClientConnection> connect(EtcdUrl url) {
    HttpConnectOptions options =
        new HttpConnectOptions()
            .setHost(host(url))
            .setPort(port(url))
            .setSsl(url.isSecure())
            .setConnectTimeout(connectTimeoutMillis);
    if (!goesByHost(url)) {
      options.setServer(place(url));
    }
    return unlessClosed(() -> http.connect(options));
  }

  /** A closed client throws; but whoever still asks is about to hear of the end as well. */
  private static <T> Future<T> unlessClosed(Supplier<Future<T>> asking) {
    try {
      return asking.get();
    } catch (IllegalStateException closed) {
      return Future.failedFuture(closed);
    }
  }

  /** Whether the host that the server is to call itself is also where it is. */
  private boolean goesByHost(EtcdUrl url) {
    return !url.isUnix() && (serverName == null || !url.isSecure());
  }

  private static SocketAddress place(EtcdUrl url) {
    return url.isUnix()
        ? SocketAddress.domainSocketAddress(url.socketFile())
        : SocketAddress.inetSocketAddress(port(url), url.host());
  }

  private String host(EtcdUrl url) {
    if (url.isSecure() && serverName != null) {
      return serverName;
    }
    return url.isUnix() ? "localhost" : url.host();
  }

  private static int port(EtcdUrl url) {
    if (url.isUnix()) {
      return 1; // goes into the Host header only
    }
    return url.port() != 0 ? url.port() : url.isSecure() ? 443 : 80;
  }

  /** One request and what came back so far. */
  private static final class Call {
    private final Promise<Answer> promise;
    private final int maxBytes;
    private final Buffer body = Buffer.buffer();
    private @Nullable HttpClientRequest request;

    Call(Promise<Answer> promise, int maxBytes) {
      this.promise = promise;
      this.maxBytes = maxBytes;
    }

    void send(HttpClientRequest opened, Buffer content) {
      request = opened;
      Future<HttpClientResponse> response =
          content.length() == 0 && opened.getMethod().equals(HttpMethod.GET)
              ? opened.send()
              : opened.send(content);
      response.onComplete(
          got -> {
            if (got.succeeded()) {
              receive(got.result());
            } else {
              fail(got.cause());
            }
          });
    }

    private void receive(HttpClientResponse response) {
      response.exceptionHandler(this::fail);
      response.handler(
          piece -> {
            if (body.length() + piece.length() > maxBytes) {
              fail(new IOException("answer is longer than " + maxBytes + " bytes"));
            } else {
              body.appendBuffer(piece);
            }
          });
      response.endHandler(
          unused -> {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            response.headers().forEach(headers::putIfAbsent);
            promise.tryComplete(new Answer(response.statusCode(), headers, body.getBytes()));
          });
    }

    void fail(Throwable why) {
      if (promise.tryFail(why) && request != null) {
        request.reset();
      }
    }
  }

  /**
   * What a member answered.
   *
   * @param headers by name in any case; the first of several
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Answer(int status, Map<String, String> headers, byte[] body) {
    public Answer {
      TreeMap<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      anyCase.putAll(headers);
      headers = anyCase;
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
