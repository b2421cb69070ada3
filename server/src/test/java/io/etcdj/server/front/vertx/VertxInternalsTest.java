package io.etcdj.server.front.vertx;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fails when a new Vert.x no longer lets us do what we do to it. */
@Timeout(20)
class VertxInternalsTest {
  private static final int CHUNKS = 50;

  @Test
  void manyWritesOfOneRoundBecomeFewFlushes() throws Exception {
    assertThat(flushes(false)).isGreaterThanOrEqualTo(CHUNKS);
    assertThat(flushes(true)).isBetween(1, CHUNKS / 5);
  }

  @Test
  void theHandlerIsTheFirstOfThePipelineAndThereOnce() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>("");
    Vertx vertx = Vertx.vertx();
    try {
      HttpServer server =
          vertx
              .createHttpServer()
              .connectionHandler(
                  connection -> {
                    VertxInternals.consolidateFlushes(connection);
                    VertxInternals.consolidateFlushes(connection);
                    var handlers = VertxInternals.channel(connection).pipeline().toMap().values();
                    seen.set(
                        handlers.iterator().next().getClass().getSimpleName()
                            + ' '
                            + handlers.stream()
                                .filter(FlushConsolidationHandler.class::isInstance)
                                .count());
                  })
              .requestHandler(request -> request.response().end());
      get(listen(server));
      assertThat(seen.get()).isEqualTo("FlushConsolidationHandler 1");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
    }
  }

  @Test
  void aWrappedArrayIsNotCopied() {
    byte[] bytes = {1, 2, 3};
    Buffer buffer = VertxInternals.wrap(bytes);
    bytes[0] = 9;
    assertThat(buffer.getBytes()).containsExactly(9, 2, 3);
  }

  /** Flushes that reach the socket when a task answers in many chunks, as completions do. */
  private static int flushes(boolean consolidated) throws Exception {
    AtomicInteger flushes = new AtomicInteger();
    Vertx vertx = Vertx.vertx();
    try {
      HttpServer server =
          vertx
              .createHttpServer()
              .connectionHandler(
                  connection -> {
                    if (consolidated) {
                      VertxInternals.consolidateFlushes(connection);
                    }
                    VertxInternals.channel(connection)
                        .pipeline()
                        .addFirst(
                            new ChannelOutboundHandlerAdapter() {
                              @Override
                              public void flush(ChannelHandlerContext ctx) {
                                flushes.incrementAndGet();
                                ctx.flush();
                              }
                            });
                  })
              .requestHandler(
                  request ->
                      vertx.runOnContext(
                          unused -> {
                            request.response().setChunked(true);
                            for (int i = 0; i < CHUNKS; i++) {
                              request.response().write("x");
                            }
                            request.response().end();
                          }));
      get(listen(server));
      return flushes.get();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
    }
  }

  private static int listen(HttpServer server) throws Exception {
    return server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, SECONDS)
        .actualPort();
  }

  private static void get(int port) throws Exception {
    HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .build()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build(),
            BodyHandlers.ofString());
  }
}
