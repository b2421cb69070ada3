package io.etcdj.server.front.vertx;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * What Vert.x does not offer by its public API, or no longer wants to. The first two are worth a
 * large part of the server's CPU time. A new version of Vert.x that moves them breaks the tests of
 * this class, and nothing else.
 */
public final class VertxInternals {
  private static final String CONSOLIDATION = "flush-consolidation";

  /** So many flushes at most become one; Netty's own default. */
  private static final int MAX_FLUSHES = 256;

  private static final int LAST_STREAM_SEEN = -1;

  private VertxInternals() {}

  /**
   * Turns the flushes of one round of the event loop into one write to the socket. An answer costs
   * two flushes otherwise, and a batch of answers twice as many system calls as it has members.
   */
  public static void consolidateFlushes(HttpConnection connection) {
    ChannelPipeline pipeline = channel(connection).pipeline();
    if (pipeline.get(CONSOLIDATION) == null) { // an upgraded connection is announced twice
      pipeline.addFirst(CONSOLIDATION, new FlushConsolidationHandler(MAX_FLUSHES, true));
    }
  }

  /** A buffer over the array itself. The array must not change until it is written. */
  public static Buffer wrap(byte[] bytes) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
  }

  /**
   * Sends the client away with a reason. Vert.x has deprecated the only call that carries one in
   * favour of a plain shutdown, but a gRPC client tells "too many pings" by code and text.
   */
  @SuppressWarnings("deprecation")
  public static void goAway(HttpConnection connection, long errorCode, String reason) {
    connection.goAway(errorCode, LAST_STREAM_SEEN, Buffer.buffer(reason));
  }

  static Channel channel(HttpConnection connection) {
    return ((ConnectionBase) connection).channel();
  }
}
