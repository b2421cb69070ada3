package io.etcdj.server.front.rpc;

import com.google.protobuf.Message;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every method that the server offers, by its path. Never changes; any thread. */
public final class RpcTable {
  /** A method and its counters. */
  public record Row<Q extends Message, R extends Message>(
      Rpc<Q, R> rpc, RpcMetrics.OfMethod metrics) {}

  private final Map<String, Row<?, ?>> rows = new HashMap<>();
  private final Set<String> services = new HashSet<>();

  public RpcTable(Iterable<? extends Rpc<?, ?>> rpcs, RpcMetrics metrics) {
    for (Rpc<?, ?> rpc : rpcs) {
      if (rows.put(rpc.path(), row(rpc, metrics)) != null) {
        throw new IllegalArgumentException("two methods at " + rpc.path());
      }
      services.add(rpc.service());
    }
  }

  private static <Q extends Message, R extends Message> Row<Q, R> row(
      Rpc<Q, R> rpc, RpcMetrics metrics) {
    return new Row<>(rpc, metrics.of(rpc));
  }

  /** The method at {@code /package.Service/Method}, or null. */
  public @Nullable Row<?, ?> find(@Nullable String path) {
    return rows.get(path);
  }

  public boolean hasService(String service) {
    return services.contains(service);
  }
}
