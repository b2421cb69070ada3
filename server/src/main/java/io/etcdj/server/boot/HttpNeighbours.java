package io.etcdj.server.boot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.server.log.Log;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.state.membership.MemberJson;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Asks at {@code /members}. */
record HttpNeighbours(CompletableFuture<PeerClient> client, long timeoutMillis, Log log)
    implements Neighbours {
  private static final int MAX_BYTES = 1 << 20;

  @Override
  public @Nullable Cluster ask(List<String> peerUrls) {
    for (String url : peerUrls) {
      try {
        PeerClient.Answer answer =
            client
                .join()
                .call(
                    HttpMethod.GET,
                    url,
                    "/members",
                    Map.of(),
                    new byte[0],
                    timeoutMillis,
                    MAX_BYTES)
                .get();
        String id = answer.headers().get("X-Etcd-Cluster-ID");
        if (answer.status() == 200 && id != null) {
          return new Cluster(
              Long.parseUnsignedLong(id, 16), MemberJson.readAll(new String(answer.body(), UTF_8)));
        }
        log.warn("failed to get cluster response", "address", url, "status", answer.status());
      } catch (ExecutionException | IllegalArgumentException e) {
        log.info("failed to get cluster response", "address", url, "error", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return null;
  }
}
