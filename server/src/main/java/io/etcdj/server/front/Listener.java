package io.etcdj.server.front;

import org.jspecify.annotations.Nullable;

/**
 * One socket to open.
 *
 * @param tls null for plain text
 */
public record Listener(Address address, Role role, @Nullable Tls tls) {

  /** Where a socket is. */
  public sealed interface Address {
    /** Port 0 takes any free one. IPv6 hosts come without brackets. */
    record Tcp(String host, int port) implements Address {
      @Override
      public String toString() {
        return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
      }
    }

    /** A socket in the file system. */
    record Unix(String path) implements Address {
      @Override
      public String toString() {
        return path;
      }
    }
  }

  /** What a socket serves. */
  public enum Role {
    /** gRPC, JSON and plain HTTP on one port, as etcd does by default. */
    EVERYTHING,
    /** The client URLs of a server that has HTTP-only ones as well. */
    GRPC_ONLY,
    /** HTTP without gRPC. */
    HTTP_ONLY,
    /** Metrics and health checks, for ports that monitoring may reach and clients may not. */
    METRICS
  }
}
