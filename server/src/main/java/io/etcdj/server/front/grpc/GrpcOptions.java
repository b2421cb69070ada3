package io.etcdj.server.front.grpc;

/**
 * How a gRPC server treats its clients.
 *
 * @param maxReceiveBytes the largest request message, after decompression
 * @param keepaliveMinTimeMillis clients that ping more often are sent away
 * @param keepaliveIntervalMillis how long a connection may be silent before we ping; 0 never
 * @param keepaliveTimeoutMillis how long we wait for the answer to our ping
 */
public record GrpcOptions(
    int maxReceiveBytes,
    long keepaliveMinTimeMillis,
    long keepaliveIntervalMillis,
    long keepaliveTimeoutMillis) {
  /** gRPC's envelope around etcd's request limit. */
  private static final int OVERHEAD_BYTES = 512 * 1024;

  /** etcd's defaults for a limit of {@code maxRequestBytes} (1.5 MiB unless told otherwise). */
  public static GrpcOptions defaults(int maxRequestBytes) {
    return new GrpcOptions(maxRequestBytes + OVERHEAD_BYTES, 5_000, 2 * 60 * 60 * 1000L, 20_000);
  }
}
