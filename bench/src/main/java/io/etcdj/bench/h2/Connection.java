package io.etcdj.bench.h2;

import com.google.protobuf.ByteString;
import io.etcdj.bench.h2.AnswerHeads.Head;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection that carries many gRPC calls.
 *
 * <p>Confined to its event loop. What calls write gathers in one buffer, which leaves when a batch
 * of input has been read to its end, or soon after when nothing is being read.
 *
 * <p>Our own windows are as wide as the protocol allows: a load generator wants to see the server's
 * pace, not its own.
 */
public final class Connection extends ByteToMessageDecoder {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int TOP_UP_BYTES = Frames.MAX_WINDOW / 2;
  private static final int BUFFER_BYTES = 16 * 1024;

  private record Waiting(Method method, ByteString message, boolean last, Call call) {}

  private final Channel channel;
  private final Promise<Connection> ready;
  private final RequestHeads requestHeads;
  private final AnswerHeads answerHeads = new AnswerHeads();
  private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private final ArrayDeque<Call> blocked = new ArrayDeque<>();

  private int nextStreamId = 1;
  private long maxStreams = Long.MAX_VALUE;
  private int maxFrame = Frames.DEFAULT_MAX_FRAME;
  private int initialWindow = Frames.DEFAULT_WINDOW;
  private long window = Frames.DEFAULT_WINDOW;
  private int unacknowledged;

  private @Nullable ByteBuf out;
  private boolean reading;
  private boolean flushScheduled;

  /** A header block whose CONTINUATION frames are still to come, and the flags of its start. */
  private @Nullable ByteBuf block;

  private int blockFlags;
  private @Nullable String closed;

  Connection(Channel channel, String authority, Promise<Connection> ready) {
    this.channel = channel;
    this.ready = ready;
    this.requestHeads = new RequestHeads(authority);
  }

  /** False once the connection can carry no further call. */
  public boolean isOpen() {
    return closed == null;
  }

  /** Ends all calls. */
  public void close() {
    var unused = channel.close();
  }

  /**
   * Starts a call with its first message.
   *
   * @param message copied before this returns
   * @param last whether no other message will follow
   */
  public void start(Method method, byte[] message, boolean last, Call call) {
    if (closed != null) {
      call.onEnd(closed);
    } else if (calls.size() >= maxStreams || !waiting.isEmpty()) {
      waiting.add(new Waiting(method, ByteString.copyFrom(message), last, call));
    } else {
      open(method, message, last, call);
    }
  }

  private void open(Method method, byte[] message, boolean last, Call call) {
    call.streamId = nextStreamId;
    call.window = initialWindow;
    call.unacknowledged = 0;
    call.unsent = null;
    calls.put(nextStreamId, call);
    nextStreamId += 2;
    try {
      Frames.headers(out(), call.streamId, requestHeads.block(method));
    } catch (Http2Exception e) {
      throw new IllegalStateException("headers of " + method, e); // all our own and valid
    }
    send(call, message, last);
    if (nextStreamId < 0) { // a connection has about a thousand million calls
      closed = "out of stream ids";
    }
  }

  /** Sends another message on a call that was started with {@code last} false. */
  public void send(Call call, byte[] message, boolean last) {
    int length = Frames.GRPC_PREFIX_BYTES + message.length;
    if (blocked.isEmpty() && length <= window && length <= call.window && length <= maxFrame) {
      window -= length;
      call.window -= length;
      Frames.message(out(), call.streamId, message, last);
      return;
    }
    if (call.unsent == null) {
      call.unsent = Unpooled.buffer(length);
      blocked.add(call);
    }
    call.unsent.writeByte(0).writeInt(message.length).writeBytes(message);
    call.lastUnsent = last;
    sendBlocked();
  }

  /** Sends what the windows allow now, each blocked call in its turn. */
  private void sendBlocked() {
    for (int turns = blocked.size(); turns > 0; turns--) {
      Call call = blocked.remove();
      ByteBuf unsent = call.unsent;
      if (unsent == null) {
        continue; // ended meanwhile
      }
      while (unsent.isReadable() && window > 0 && call.window > 0) {
        int length = (int) Math.min(Math.min(unsent.readableBytes(), maxFrame), window);
        length = Math.min(length, call.window);
        window -= length;
        call.window -= length;
        boolean last = call.lastUnsent && length == unsent.readableBytes();
        Frames.header(out(), length, Frames.DATA, last ? Frames.END_STREAM : 0, call.streamId);
        out().writeBytes(unsent, length);
      }
      if (unsent.isReadable()) {
        blocked.add(call);
      } else {
        call.unsent = null;
      }
    }
  }

  private ByteBuf out() {
    if (out == null) {
      out = channel.alloc().directBuffer(BUFFER_BYTES);
      if (!reading && !flushScheduled) {
        flushScheduled = true;
        channel.eventLoop().execute(this::flush);
      }
    }
    return out;
  }

  private void flush() {
    flushScheduled = false;
    ByteBuf written = out;
    if (written != null) {
      out = null;
      var unused = channel.writeAndFlush(written, channel.voidPromise());
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    out().writeBytes(PREFACE);
    Frames.settings(
        out(),
        Frames.SETTING_ENABLE_PUSH,
        0,
        Frames.SETTING_INITIAL_WINDOW_SIZE,
        Frames.MAX_WINDOW);
    Frames.windowUpdate(out(), 0, Frames.MAX_WINDOW - Frames.DEFAULT_WINDOW);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    reading = true;
    super.channelRead(context, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    reading = false;
    flush();
    super.channelReadComplete(context);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> unused)
      throws Http2Exception {
    while (in.readableBytes() >= Frames.HEADER_BYTES) {
      int start = in.readerIndex();
      int length = in.getUnsignedMedium(start);
      if (in.readableBytes() < Frames.HEADER_BYTES + length) {
        return;
      }
      int type = in.getUnsignedByte(start + 3);
      int flags = in.getUnsignedByte(start + 4);
      int streamId = in.getInt(start + 5) & 0x7fffffff;
      int payload = start + Frames.HEADER_BYTES;
      take(type, flags, streamId, in.slice(payload, length));
      in.readerIndex(payload + length);
    }
  }

  private void take(int type, int flags, int streamId, ByteBuf payload) throws Http2Exception {
    switch (type) {
      case Frames.DATA -> data(flags, streamId, payload);
      case Frames.HEADERS -> headers(flags, streamId, payload);
      case Frames.CONTINUATION -> continuation(flags, streamId, payload);
      case Frames.RST_STREAM ->
          end(streamId, "stream reset, HTTP/2 error code " + payload.readInt());
      case Frames.SETTINGS -> settings(flags, payload);
      case Frames.PING -> ping(flags, payload);
      case Frames.GOAWAY -> goAway(payload);
      case Frames.WINDOW_UPDATE -> windowUpdate(streamId, payload.readInt());
      default -> {} // PRIORITY and types of the future are to be ignored
    }
  }

  private void data(int flags, int streamId, ByteBuf payload) {
    int length = payload.readableBytes();
    unacknowledged += length;
    if (unacknowledged > TOP_UP_BYTES) {
      Frames.windowUpdate(out(), 0, unacknowledged);
      unacknowledged = 0;
    }
    Call call = calls.get(streamId);
    if (call == null) {
      return;
    }
    call.unacknowledged += length;
    if (call.unacknowledged > TOP_UP_BYTES) {
      Frames.windowUpdate(out(), streamId, call.unacknowledged);
      call.unacknowledged = 0;
    }
    call.onData(unpad(flags, payload));
    if ((flags & Frames.END_STREAM) != 0) {
      end(streamId, "stream ended without a gRPC status");
    }
  }

  private void headers(int flags, int streamId, ByteBuf payload) throws Http2Exception {
    ByteBuf content = unpad(flags, payload);
    if ((flags & Frames.PRIORITY) != 0) {
      content.skipBytes(5);
    }
    if ((flags & Frames.END_HEADERS) != 0) {
      wholeHeaders(flags, streamId, content);
    } else {
      block = Unpooled.buffer().writeBytes(content);
      blockFlags = flags;
    }
  }

  private void continuation(int flags, int streamId, ByteBuf payload) throws Http2Exception {
    ByteBuf started = block;
    if (started == null) {
      throw new IllegalStateException("CONTINUATION without HEADERS");
    }
    started.writeBytes(payload);
    if ((flags & Frames.END_HEADERS) != 0) {
      block = null;
      wholeHeaders(blockFlags, streamId, started);
    }
  }

  private void wholeHeaders(int flags, int streamId, ByteBuf content) throws Http2Exception {
    Head head = answerHeads.read(streamId, content); // even for a stream that we have forgotten
    if ((flags & Frames.END_STREAM) == 0) {
      return;
    }
    if (head.status() || head.error() != null) {
      end(streamId, head.error());
    } else {
      end(streamId, "stream ended without a gRPC status");
    }
  }

  private static ByteBuf unpad(int flags, ByteBuf payload) {
    if ((flags & Frames.PADDED) == 0) {
      return payload;
    }
    int padding = payload.readUnsignedByte();
    return payload.readSlice(payload.readableBytes() - padding);
  }

  private void end(int streamId, @Nullable String error) {
    Call call = calls.remove(streamId);
    if (call == null) {
      return; // ended before; a server may reset what it has answered
    }
    call.unsent = null;
    call.onEnd(error);
    while (!waiting.isEmpty() && calls.size() < maxStreams && closed == null) {
      Waiting next = waiting.remove();
      open(next.method(), next.message().toByteArray(), next.last(), next.call());
    }
  }

  private void settings(int flags, ByteBuf payload) throws Http2Exception {
    if ((flags & Frames.ACK) != 0) {
      return;
    }
    while (payload.isReadable()) {
      int id = payload.readUnsignedShort();
      long value = payload.readUnsignedInt();
      switch (id) {
        case Frames.SETTING_HEADER_TABLE_SIZE ->
            requestHeads.tableSize(Math.min(value, 4096)); // never more than we began with
        case Frames.SETTING_MAX_CONCURRENT_STREAMS -> maxStreams = value;
        case Frames.SETTING_MAX_FRAME_SIZE -> maxFrame = (int) value;
        case Frames.SETTING_INITIAL_WINDOW_SIZE -> {
          int change = (int) value - initialWindow;
          initialWindow = (int) value;
          calls.values().forEach(call -> call.window += change); // RFC 9113, section 6.9.2
        }
        default -> {}
      }
    }
    Frames.header(out(), 0, Frames.SETTINGS, Frames.ACK, 0);
    sendBlocked();
    ready.trySuccess(this);
  }

  private void ping(int flags, ByteBuf payload) {
    if ((flags & Frames.ACK) == 0) {
      Frames.header(out(), payload.readableBytes(), Frames.PING, Frames.ACK, 0);
      out().writeBytes(payload);
    }
  }

  private void goAway(ByteBuf payload) {
    payload.skipBytes(4);
    int code = payload.readInt();
    fail("server went away, HTTP/2 error code " + code + " " + text(payload));
  }

  private static String text(ByteBuf payload) {
    return payload.toString(StandardCharsets.UTF_8);
  }

  private void windowUpdate(int streamId, int bytes) {
    if (streamId == 0) {
      window += bytes;
    } else {
      Call call = calls.get(streamId);
      if (call != null) {
        call.window += bytes;
      }
    }
    if (!blocked.isEmpty()) {
      sendBlocked();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail("connection closed");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail("connection failed: " + cause.getMessage());
  }

  private void fail(String why) {
    if (closed == null) {
      closed = why.strip();
    }
    ready.tryFailure(new IOException(why));
    var unused = channel.close();
    List<Call> ended = List.copyOf(calls.values());
    calls.clear();
    List<Waiting> never = List.copyOf(waiting);
    waiting.clear();
    ended.forEach(call -> call.onEnd(why));
    never.forEach(start -> start.call().onEnd(why));
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    if (out != null) {
      out.release();
      out = null;
    }
  }
}
