package io.etcdj.bench.h2;

import io.etcdj.api.GrpcCode;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.collection.LongObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header blocks of one connection's answers, each different one only once.
 *
 * <p>After a few answers a server sends the same two or three indexes for every one, and those are
 * looked up instead of decoded. A block that may change the HPACK table empties the look-up.
 */
final class AnswerHeads {
  /**
   * What matters of a block.
   *
   * @param error null if the block does not tell of one
   * @param status whether it carries the call's gRPC status
   */
  record Head(boolean status, @Nullable String error) {}

  private static final int MAX_KEPT_BYTES = 7; // and the length: eight bytes of key

  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private final LongObjectHashMap<Head> known = new LongObjectHashMap<>();

  /** Reads one whole block and consumes it. */
  Head read(int streamId, ByteBuf block) throws Http2Exception {
    int length = block.readableBytes();
    boolean settled = Hpack.onlyIndexes(block);
    if (!settled) {
      known.clear();
      return decode(streamId, block);
    }
    if (length > MAX_KEPT_BYTES) {
      return decode(streamId, block);
    }
    long key = length;
    for (int i = 0; i < length; i++) {
      key = key << 8 | block.getUnsignedByte(block.readerIndex() + i);
    }
    Head head = known.get(key);
    if (head == null) {
      head = decode(streamId, block);
      known.put(key, head);
    }
    return head;
  }

  private Head decode(int streamId, ByteBuf block) throws Http2Exception {
    Http2Headers headers = decoder.decodeHeaders(streamId, block);
    CharSequence code = headers.get("grpc-status");
    if (code != null) {
      return new Head(true, error(code.toString(), headers.get("grpc-message")));
    }
    CharSequence http = headers.status();
    boolean refused = http != null && !http.toString().equals("200");
    return new Head(false, refused ? "HTTP status " + http : null);
  }

  private static @Nullable String error(String code, @Nullable CharSequence message) {
    if (code.equals("0")) {
      return null;
    }
    String name = GrpcCode.of(Integer.parseInt(code)).name();
    return message == null || message.isEmpty() ? name : name + ": " + message;
  }
}
