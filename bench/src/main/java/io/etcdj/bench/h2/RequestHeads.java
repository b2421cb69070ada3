package io.etcdj.bench.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.EnumMap;
import java.util.Map;

/**
 * The header block of each method, for one connection.
 *
 * <p>The first call of a method teaches the server's HPACK table the headers; from then on the
 * block is a handful of indexes, the same bytes each time, and need not be made again until
 * something else changes the table.
 */
final class RequestHeads {
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final Map<Method, Http2Headers> headers = new EnumMap<>(Method.class);
  private final Map<Method, byte[]> settled = new EnumMap<>(Method.class);

  RequestHeads(String authority) {
    for (Method method : Method.values()) {
      headers.put(
          method,
          new DefaultHttp2Headers(false)
              .method(AsciiString.cached("POST"))
              .scheme(AsciiString.cached("http"))
              .path(method.path())
              .authority(authority)
              .add("content-type", "application/grpc")
              .add("user-agent", "etcdj-bench")
              .add("te", "trailers"));
    }
  }

  byte[] block(Method method) throws Http2Exception {
    byte[] known = settled.get(method);
    if (known != null) {
      return known;
    }
    ByteBuf out = Unpooled.buffer();
    encoder.encodeHeaders(3, headers.get(method), out);
    byte[] block = ByteBufUtil.getBytes(out);
    if (Hpack.onlyIndexes(block)) {
      settled.put(method, block);
    } else {
      settled.clear(); // new entries have moved the indexes of all others
    }
    return block;
  }

  /** Obeys the server's limit for our table. */
  void tableSize(long bytes) throws Http2Exception {
    encoder.configuration().maxHeaderTableSize(bytes);
    settled.clear();
  }
}
