package io.etcdj.server.front;

import io.etcdj.server.front.grpc.GrpcOptions;
import io.etcdj.server.front.http.AccessRules;

/**
 * How the front treats its clients.
 *
 * @param maxConcurrentStreams calls at a time per connection; 4294967295 is etcd's "no limit"
 * @param jsonGateway whether the methods are served as JSON as well
 */
public record FrontOptions(
    GrpcOptions grpc, long maxConcurrentStreams, boolean jsonGateway, AccessRules access) {
  /** etcd's default of {@code --max-concurrent-streams}, and the most that HTTP/2 can say. */
  public static final long UNLIMITED_STREAMS = 0xffff_ffffL;

  private static final int MAX_REQUEST_BYTES = 1536 * 1024;

  /** etcd's defaults. */
  public static FrontOptions defaults() {
    return new FrontOptions(
        GrpcOptions.defaults(MAX_REQUEST_BYTES), UNLIMITED_STREAMS, true, AccessRules.open());
  }
}
