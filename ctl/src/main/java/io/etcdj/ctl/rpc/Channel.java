package io.etcdj.ctl.rpc;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.etcdj.api.GrpcCode;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way to a cluster: several endpoints, of which one connection at a time is in use.
 *
 * <p>Connects on the first call. An endpoint that cannot be reached, or that answers a repeatable
 * call with UNAVAILABLE, makes it turn to the next one, round and round until the call's deadline:
 * then the answer is {@code context deadline exceeded}, as with etcd's own client.
 */
public final class Channel implements Closeable {
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;

  /**
   * How to reach and treat the cluster.
   *
   * @param tls null without TLS material; then https endpoints are checked against the system's CAs
   * @param maxRequestBytes the largest message that is sent at all
   */
  public record Settings(
      List<String> endpoints,
      @Nullable Tls tls,
      long dialTimeoutMillis,
      long keepAliveMillis,
      long keepAliveTimeoutMillis,
      int maxRequestBytes) {
    public Settings withEndpoints(List<String> others) {
      return new Settings(
          others, tls, dialTimeoutMillis, keepAliveMillis, keepAliveTimeoutMillis, maxRequestBytes);
    }
  }

  private final Settings settings;
  private final Endpoint[] endpoints;
  private int current;
  private volatile @Nullable String token;

  // Guarded by this.
  private @Nullable Http2Connection connection;
  private Endpoint connected;

  public Channel(Settings settings) {
    this.settings = settings;
    this.endpoints = new Endpoint[settings.endpoints().size()];
    for (int i = 0; i < endpoints.length; i++) {
      endpoints[i] = Endpoint.parse(settings.endpoints().get(i));
    }
    this.connected = endpoints[0];
  }

  /** Another one to the same endpoints, with the same token and a connection of its own. */
  public Channel another() {
    Channel other = new Channel(settings);
    other.useToken(token);
    return other;
  }

  public Settings settings() {
    return settings;
  }

  /** The endpoint, as the user wrote it, that calls go to now. */
  public synchronized String endpoint() {
    return connected.text();
  }

  /** The token that every further call carries, or null. */
  public void useToken(@Nullable String newToken) {
    token = newToken;
  }

  public @Nullable String token() {
    return token;
  }

  /** A call with one request and one answer that changes something: it is sent at most once. */
  public <T> T call(String method, MessageLite request, Parser<T> parser, Deadline deadline)
      throws RpcException {
    return callOnce(connection(deadline), method, request, parser, deadline);
  }

  /** A call that may be repeated at another endpoint if one has no answer. */
  public <T> T read(String method, MessageLite request, Parser<T> parser, Deadline deadline)
      throws RpcException {
    long pauseMillis = FIRST_PAUSE_MILLIS;
    while (true) {
      Http2Connection to = connection(deadline);
      try {
        return callOnce(to, method, request, parser, deadline);
      } catch (RpcException e) {
        if (e.code() != GrpcCode.UNAVAILABLE) {
          throw e;
        }
      }
      turnToTheNextEndpoint(to);
      pauseMillis = pause(pauseMillis, deadline);
    }
  }

  private <T> T callOnce(
      Http2Connection to, String method, MessageLite request, Parser<T> parser, Deadline deadline)
      throws RpcException {
    GrpcCall call = open(to, method, deadline, false);
    call.sendLast(request);
    T answer = call.receive(parser);
    if (answer == null) {
      throw new RpcException(GrpcCode.INTERNAL, "call ended without an answer");
    }
    call.cancel(); // a no-op once the trailers are in, which is the usual case
    return answer;
  }

  /** A call with one request and many answers. */
  public GrpcCall serverStream(String method, MessageLite request, Deadline deadline)
      throws RpcException {
    GrpcCall call = open(connection(deadline), method, deadline, false);
    call.sendLast(request);
    return call;
  }

  /**
   * A call with messages both ways.
   *
   * @param requireLeader ask the member to end the stream when it loses its leader
   * @param dial for reaching an endpoint; the stream itself lives until it is canceled
   */
  public GrpcCall stream(String method, boolean requireLeader, Deadline dial) throws RpcException {
    return open(connection(dial), method, Deadline.NEVER, requireLeader);
  }

  private GrpcCall open(Http2Connection to, String method, Deadline deadline, boolean requireLeader)
      throws RpcException {
    List<Hpack.Header> headers = new ArrayList<>(12);
    Endpoint endpoint = connected;
    headers.add(new Hpack.Header(":method", "POST"));
    headers.add(new Hpack.Header(":scheme", usesTls(endpoint) ? "https" : "http"));
    headers.add(new Hpack.Header(":path", method));
    headers.add(
        new Hpack.Header(
            ":authority", endpoint.host() == null ? "localhost" : endpoint.authority()));
    headers.add(new Hpack.Header("content-type", "application/grpc"));
    headers.add(new Hpack.Header("user-agent", "etcdctl-etcdj"));
    headers.add(new Hpack.Header("te", "trailers"));
    if (deadline.finite()) {
      headers.add(new Hpack.Header("grpc-timeout", grpcTimeout(deadline.remainingMillis())));
    }
    if (requireLeader) {
      headers.add(new Hpack.Header("hasleader", "true"));
    }
    String sentToken = token;
    if (sentToken != null) {
      headers.add(new Hpack.Header("token", sentToken));
    }
    try {
      return new GrpcCall(to, to.open(headers), deadline, settings.maxRequestBytes());
    } catch (IOException e) {
      throw RpcException.unavailable(e);
    }
  }

  /** At most eight digits and a unit (gRPC over HTTP/2, "Timeout"). */
  private static String grpcTimeout(long millis) {
    return millis < 100_000_000 ? millis + "m" : millis / 1000 + "S";
  }

  private Http2Connection connection(Deadline deadline) throws RpcException {
    long pauseMillis = FIRST_PAUSE_MILLIS;
    while (true) {
      synchronized (this) {
        if (connection != null && connection.usable()) {
          return connection;
        }
        closeConnection();
        for (int i = 0; i < endpoints.length && !deadline.expired(); i++) {
          Endpoint endpoint = endpoints[current];
          try {
            Http2Connection fresh = connect(endpoint, deadline);
            connection = fresh;
            connected = endpoint;
            return fresh;
          } catch (IOException e) {
            current = (current + 1) % endpoints.length; // why it failed is not told by etcdctl
          }
        }
      }
      pauseMillis = pause(pauseMillis, deadline);
    }
  }

  private Http2Connection connect(Endpoint endpoint, Deadline deadline) throws IOException {
    if (!endpoint.usable()) {
      throw new IOException("unusable endpoint " + endpoint.text());
    }
    Deadline dial = deadline.orAfterMillis(settings.dialTimeoutMillis());
    Transport transport;
    String host = endpoint.host();
    if (host == null) {
      transport = new UnixTransport(endpoint.authority());
    } else {
      java.net.Socket socket = SocketTransport.connect(host, endpoint.port(), dial);
      if (usesTls(endpoint)) {
        Tls tls = settings.tls() == null ? Tls.systemDefault() : settings.tls();
        socket = tls.handshake(socket, host, endpoint.port(), dial, "h2");
      }
      transport = new SocketTransport(socket);
    }
    return new Http2Connection(
        transport, settings.keepAliveMillis(), settings.keepAliveTimeoutMillis());
  }

  private boolean usesTls(Endpoint endpoint) {
    Tls tls = settings.tls();
    return switch (endpoint.tls()) {
      case ALWAYS -> true;
      case NEVER -> false;
      case IF_CONFIGURED -> tls != null && !tls.onlyForHttps();
    };
  }

  /** Gives up the endpoint that calls go to now, if there is another. */
  public synchronized void turnToTheNextEndpoint() {
    if (endpoints.length > 1) {
      closeConnection();
      current = (current + 1) % endpoints.length;
    }
  }

  private synchronized void turnToTheNextEndpoint(Http2Connection from) {
    if (connection == from) {
      turnToTheNextEndpoint();
    }
  }

  private static long pause(long millis, Deadline deadline) throws RpcException {
    if (deadline.expired()) {
      throw RpcException.deadlineExceeded();
    }
    try {
      Thread.sleep(Math.min(millis, deadline.remainingMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RpcException(GrpcCode.CANCELED, "context canceled");
    }
    if (deadline.expired()) {
      throw RpcException.deadlineExceeded();
    }
    return Math.min(millis * 2, LONGEST_PAUSE_MILLIS);
  }

  private void closeConnection() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  @Override
  public synchronized void close() {
    closeConnection();
  }
}
