package io.etcdj.server.front.vertx;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.AsciiString;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.ByteBuffer;

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

  private static final int NO_PORT = -1;

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

  /**
   * Lets requests in whose {@code :authority} is no host and port, without that header. Vert.x
   * resets them; but clients of etcd write whole URLs there, the original etcdctl among them
   * wherever it asks one member, and Go's servers do not look at it.
   */
  public static void dropStrangeAuthorities(HttpConnection connection) {
    Http2ConnectionHandler http2 = channel(connection).pipeline().get(Http2ConnectionHandler.class);
    if (http2 == null) {
      return; // HTTP/1.1, which Vert.x lets pass
    }
    Http2FrameListener listener = http2.decoder().frameListener();
    if (!(listener instanceof AuthorityFilter)) { // an upgraded connection is announced twice
      http2.decoder().frameListener(new AuthorityFilter(listener));
    }
  }

  private static final class AuthorityFilter extends Http2FrameListenerDecorator {
    /** The last good one: a client has the same in all its requests. */
    private CharSequence known = "";

    AuthorityFilter(Http2FrameListener listener) {
      super(listener);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int streamId,
        Http2Headers headers,
        int padding,
        boolean endOfStream)
        throws Http2Exception {
      filter(headers);
      super.onHeadersRead(context, streamId, headers, padding, endOfStream);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int streamId,
        Http2Headers headers,
        int streamDependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean endOfStream)
        throws Http2Exception {
      filter(headers);
      super.onHeadersRead(
          context, streamId, headers, streamDependency, weight, exclusive, padding, endOfStream);
    }

    private void filter(Http2Headers headers) {
      CharSequence authority = headers.authority();
      if (authority == null || AsciiString.contentEquals(authority, known)) {
        return;
      }
      if (HostAndPort.parseAuthority(authority.toString(), NO_PORT) == null) {
        headers.remove(Http2Headers.PseudoHeaderName.AUTHORITY.value());
      } else {
        known = authority;
      }
    }
  }

  /** A buffer over the array itself. The array must not change until it is written. */
  public static Buffer wrap(byte[] bytes) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
  }

  /** The same over what is left of another kind of buffer. */
  public static Buffer wrap(ByteBuffer bytes) {
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
