package io.etcdj.server.front.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** Bodies of requests, taken in whole. */
public final class Bodies {
  private Bodies() {}

  /** Hands over the body when all of it is there; a longer one is answered with 413. */
  public static void read(HttpServerRequest request, int maxBytes, Consumer<Buffer> next) {
    read(
        request,
        maxBytes,
        next,
        () -> Answers.error(request.response(), 413, "http: request body too large"));
  }

  /**
   * Hands over the body when all of it is there.
   *
   * @param tooLong answers a longer one, of which no more is kept
   */
  public static void read(
      HttpServerRequest request, int maxBytes, Consumer<Buffer> next, Runnable tooLong) {
    Buffer all = Buffer.buffer();
    request
        .handler(
            piece -> {
              if (all.length() <= maxBytes) {
                all.appendBuffer(piece);
              }
            })
        .endHandler(
            end -> {
              if (all.length() > maxBytes) {
                tooLong.run();
              } else {
                next.accept(all);
              }
            });
  }
}
