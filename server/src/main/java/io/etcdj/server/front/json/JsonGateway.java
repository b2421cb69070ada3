package io.etcdj.server.front.json;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.server.front.grpc.GrpcText;
import io.etcdj.server.front.rpc.EventLoopRef;
import io.etcdj.server.front.rpc.RpcTable;
import io.etcdj.server.front.vertx.GoHeaders;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/** One event loop's share of the gateway: requests under {@code /v3/}. */
public final class JsonGateway {
  /** Every path of the gateway begins so. */
  public static final String PREFIX = "/v3/";

  /** What etcd 3.3 called it, and 3.4 and newer still take. */
  public static final String OLD_PREFIX = "/v3beta/";

  static final String CONTENT_TYPE = "application/json";

  private static final String BEARER = "Bearer ";

  private final Vertx vertx;
  private final EventLoopRef loop;
  private final Bindings bindings;
  private final int maxReceiveBytes;

  public JsonGateway(Vertx vertx, EventLoopRef loop, RpcTable table, int maxReceiveBytes) {
    this.vertx = vertx;
    this.loop = loop;
    this.bindings = new Bindings(table);
    this.maxReceiveBytes = maxReceiveBytes;
  }

  /** Answers a request whose path begins with {@link #PREFIX} or {@link #OLD_PREFIX}. */
  public void handle(HttpServerRequest request, String path) {
    RpcTable.Row<?, ?> row =
        bindings.find(
            path.startsWith(OLD_PREFIX) ? PREFIX + path.substring(OLD_PREFIX.length()) : path);
    if (row == null) {
      refuse(request.response(), GrpcCode.NOT_FOUND, "Not Found");
    } else if (!request.method().equals(HttpMethod.POST)) {
      refuse(request.response(), GrpcCode.UNIMPLEMENTED, "Method Not Allowed");
    } else {
      start(row, request);
    }
  }

  private <Q extends Message, R extends Message> void start(
      RpcTable.Row<Q, R> row, HttpServerRequest request) {
    long deadlineNanos = Long.MAX_VALUE;
    String timeout = request.getHeader("grpc-timeout");
    if (timeout != null) {
      try {
        long nanos = GrpcText.timeoutNanos(timeout);
        deadlineNanos = nanos == Long.MAX_VALUE ? nanos : System.nanoTime() + nanos;
      } catch (EtcdException malformed) {
        refuse(request.response(), GrpcCode.INVALID_ARGUMENT, "invalid grpc-timeout: " + timeout);
        return;
      }
    }
    new JsonCall<>(vertx, row, loop, request, maxReceiveBytes, deadlineNanos).start();
  }

  private static void refuse(HttpServerResponse response, GrpcCode code, String message) {
    error(response, code, message, JsonMessages.error(code, message));
  }

  static void error(HttpServerResponse response, GrpcCode code, String message, String body) {
    response.setStatusCode(code.httpStatus());
    response.putHeader(GoHeaders.CONTENT_TYPE, CONTENT_TYPE);
    if (code == GrpcCode.UNAUTHENTICATED) {
      response.putHeader("Www-Authenticate", message);
    }
    GoHeaders.end(response, body);
  }

  /** The auth token that a request carries, or null. */
  static @Nullable String token(HttpServerRequest request) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    return header != null && header.startsWith(BEARER) ? header.substring(BEARER.length()) : header;
  }
}
