package io.etcdj.server.front.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask by HTTP.
 *
 * @param origins allowed origins of scripts in browsers; {@code *} allows all
 * @param hosts allowed Host headers on plain connections; empty or {@code *} allows all
 * @param certificatesNameUsers whether, at this moment, a client certificate names a user: then
 *     JSON requests with one are refused, because the gateway does not honour the name
 */
public record AccessRules(
    Set<String> origins, Set<String> hosts, BooleanSupplier certificatesNameUsers) {
  private static final String ANY = "*";

  /** etcd's defaults: everybody. */
  public static AccessRules open() {
    return new AccessRules(Set.of(ANY), Set.of(ANY), () -> false);
  }

  /** What to answer as the allowed origin, or null for none. */
  @Nullable String allowedOrigin(@Nullable String origin) {
    if (origins.contains(ANY)) {
      return ANY;
    }
    return origin != null && origins.contains(origin) ? origin : null;
  }

  boolean hostAllowed(HttpServerRequest request) {
    return hosts.isEmpty() || hosts.contains(ANY) || hosts.contains(host(request));
  }

  static String host(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    return authority == null ? "" : authority.host();
  }
}
