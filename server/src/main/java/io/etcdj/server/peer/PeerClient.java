package io.etcdj.server.peer;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Plain HTTP calls to the peer URLs of members. Any thread. */
public final class PeerClient implements AutoCloseable {
  @SuppressWarnings("unused")
  public PeerClient(Vertx vertx, @Nullable PeerTls tls, long connectTimeoutMillis) {}

  /**
   * Makes one call. The future fails with an {@link java.io.IOException} or another exception when
   * there is no whole answer in time; any status is an answer.
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
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
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
  public void close() {}
}
