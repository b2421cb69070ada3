package io.etcdj.server.front.grpc;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.server.front.rpc.EventLoopRef;
import io.etcdj.server.front.rpc.RpcTable;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One event loop's share of the gRPC server: its connections and the way to its methods. */
public final class GrpcServer {
  private static final String CONTENT_TYPE_PREFIX = "application/grpc";

  private final Vertx vertx;
  private final EventLoopRef loop;
  private final RpcTable table;
  private final GrpcOptions options;
  private final Map<HttpConnection, GrpcConnection> connections = new HashMap<>();

  public GrpcServer(Vertx vertx, EventLoopRef loop, RpcTable table, GrpcOptions options) {
    this.vertx = vertx;
    this.loop = loop;
    this.table = table;
    this.options = options;
  }

  /** Whether a request is gRPC at all. */
  public static boolean accepts(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      return false;
    }
    String contentType = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return contentType != null && contentType.startsWith(CONTENT_TYPE_PREFIX);
  }

  /** A connection came; only HTTP/2 ones matter here. */
  public void connected(HttpConnection connection) {
    if (connection.protocolVersion() == HttpVersion.HTTP_2) {
      GrpcConnection state = new GrpcConnection(vertx, connection, options);
      connections.put(connection, state);
      connection.closeHandler(
          unused -> {
            connections.remove(connection);
            state.closed();
          });
    }
  }

  /** One call. */
  public void handle(HttpServerRequest request) {
    GrpcConnection connection = connections.get(request.connection());
    if (connection == null) {
      request.connection().close(); // closed while the request was on its way
      return;
    }
    try {
      RpcTable.Row<?, ?> row = table.find(request.uri());
      if (row == null) {
        throw unknown(request.uri());
      }
      start(row, request, connection);
    } catch (EtcdException refusal) {
      if (!request.method().equals(HttpMethod.POST)) {
        request.response().setStatusCode(405);
      }
      GrpcCall.refuse(request.response(), refusal.code(), refusal.wireMessage())
          .onComplete(
              unused -> {
                if (!request.isEnded()) {
                  request.response().reset(GrpcCall.NO_ERROR);
                }
              });
    }
  }

  private <Q extends Message, R extends Message> void start(
      RpcTable.Row<Q, R> row, HttpServerRequest request, GrpcConnection connection) {
    if (!request.method().equals(HttpMethod.POST)) {
      throw EtcdException.of(
          GrpcCode.INTERNAL,
          "Received a HEADERS frame with :method \""
              + request.method().name()
              + "\" which should be POST");
    }
    boolean gzip = gzip(request.getHeader("grpc-encoding"));
    String timeout = request.getHeader("grpc-timeout");
    long timeoutNanos = timeout == null ? Long.MAX_VALUE : GrpcText.timeoutNanos(timeout);
    long deadlineNanos =
        timeoutNanos == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + timeoutNanos;
    new GrpcCall<>(row, loop, request, connection, options.maxReceiveBytes(), gzip, deadlineNanos)
        .start();
  }

  private static boolean gzip(@Nullable String encoding) {
    if (encoding == null || encoding.equals("identity")) {
      return false;
    }
    if (encoding.equals("gzip")) {
      return true;
    }
    throw EtcdException.of(
        GrpcCode.UNIMPLEMENTED,
        "grpc: Decompressor is not installed for grpc-encoding \"" + encoding + '"');
  }

  private EtcdException unknown(String path) {
    int slash = path.lastIndexOf('/');
    if (slash <= 0) {
      return EtcdException.of(GrpcCode.UNIMPLEMENTED, "malformed method name: \"" + path + '"');
    }
    String service = path.substring(1, slash);
    return EtcdException.of(
        GrpcCode.UNIMPLEMENTED,
        table.hasService(service)
            ? "unknown method " + path.substring(slash + 1) + " for service " + service
            : "unknown service " + service);
  }
}
