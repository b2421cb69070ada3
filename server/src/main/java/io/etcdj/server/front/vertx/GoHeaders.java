package io.etcdj.server.front.vertx;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * Header names spelled as Go spells them. HTTP does not care, but scripts that grep the output of
 * curl do. On HTTP/2 Vert.x makes them lower case, as it must.
 */
public final class GoHeaders {
  public static final String ALLOW = "Allow";
  public static final String ALLOW_HEADERS = "Access-Control-Allow-Headers";
  public static final String ALLOW_METHODS = "Access-Control-Allow-Methods";
  public static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";
  public static final String CONTENT_LENGTH = "Content-Length";
  public static final String CONTENT_TYPE = "Content-Type";

  private GoHeaders() {}

  /** Ends a response with a body whose length is announced. */
  public static void end(HttpServerResponse response, String body) {
    Buffer buffer = Buffer.buffer(body);
    response.putHeader(CONTENT_LENGTH, Integer.toString(buffer.length()));
    response.end(buffer);
  }
}
