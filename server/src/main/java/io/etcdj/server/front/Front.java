package io.etcdj.server.front;

import io.etcdj.server.front.grpc.GrpcServer;
import io.etcdj.server.front.http.Answers;
import io.etcdj.server.front.http.HttpFront;
import io.etcdj.server.front.json.JsonGateway;
import io.etcdj.server.front.rpc.EventLoopRef;
import io.etcdj.server.front.vertx.VertxInternals;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;

/** One event loop's share of the front: decides what each request is. Confined to its loop. */
final class Front {
  private final EventLoopRef loop;
  private final GrpcServer grpc;
  private final Handler<HttpServerRequest> http;
  private final Handler<HttpServerRequest> metrics;

  private Front(
      EventLoopRef loop,
      GrpcServer grpc,
      Handler<HttpServerRequest> http,
      Handler<HttpServerRequest> metrics) {
    this.loop = loop;
    this.grpc = grpc;
    this.http = http;
    this.metrics = metrics;
  }

  static Front of(Vertx vertx, EventLoopRef loop, FrontOptions options, FrontContent content) {
    JsonGateway gateway =
        options.jsonGateway()
            ? new JsonGateway(vertx, loop, content.rpcs(), options.grpc().maxReceiveBytes())
            : null;
    return new Front(
        loop,
        new GrpcServer(vertx, loop, content.rpcs(), options.grpc()),
        new HttpFront(options.access(), content.routes(), gateway),
        request -> HttpFront.route(content.monitoring(), request));
  }

  EventLoopRef loop() {
    return loop;
  }

  void connected(HttpConnection connection) {
    VertxInternals.consolidateFlushes(connection);
    VertxInternals.dropStrangeAuthorities(connection);
    grpc.connected(connection);
  }

  Handler<HttpServerRequest> handler(Listener.Role role) {
    return switch (role) {
      case EVERYTHING -> this::grpcOrHttp;
      case GRPC_ONLY -> this::grpcOnly;
      case HTTP_ONLY -> http;
      case METRICS -> metrics;
    };
  }

  private void grpcOrHttp(HttpServerRequest request) {
    if (GrpcServer.accepts(request)) {
      grpc.handle(request);
    } else {
      http.handle(request);
    }
  }

  private void grpcOnly(HttpServerRequest request) {
    if (GrpcServer.accepts(request)) {
      grpc.handle(request);
    } else {
      Answers.notFound(request.response());
    }
  }
}
