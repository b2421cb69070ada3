package io.etcdj.server.front;

import io.etcdj.server.front.grpc.GrpcOptions;

/**
 * How the front treats its clients.
 *
 * @param maxConcurrentStreams calls at a time per connection; 4294967295 is etcd's "no limit"
 */
public record FrontOptions(GrpcOptions grpc, long maxConcurrentStreams) {
  /** etcd's default of {@code --max-concurrent-streams}, and the most that HTTP/2 can say. */
  public static final long UNLIMITED_STREAMS = 0xffff_ffffL;

  public static FrontOptions defaults() {
    return new FrontOptions(GrpcOptions.defaults(3 * 512 * 1024), UNLIMITED_STREAMS);
  }
}
