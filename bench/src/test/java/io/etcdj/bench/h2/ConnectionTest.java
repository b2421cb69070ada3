package io.etcdj.bench.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionTest {
  private static final int PREFACE_BYTES = 24;

  /** A frame as the server would see it. */
  private record Frame(int type, int flags, int streamId, int length) {}

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Promise<Connection> ready = ImmediateEventExecutor.INSTANCE.newPromise();
  private final Connection connection = new Connection(channel, "127.0.0.1:2379", ready);
  private final DefaultHttp2HeadersEncoder serverHeaders = new DefaultHttp2HeadersEncoder();

  private static final class Recorded extends StreamCall {
    private final List<String> seen = new ArrayList<>();

    @Override
    protected void onMessage(ByteBuf message) {
      seen.add(message.toString(StandardCharsets.UTF_8));
    }

    @Override
    protected void onEnd(@Nullable String error) {
      seen.add(error == null ? "OK" : error);
    }
  }

  @BeforeEach
  void greet() {
    channel.pipeline().addLast(connection);
    connection.channelActive(channel.pipeline().context(connection));
    channel.runPendingTasks();
    ByteBuf greeting = channel.readOutbound();
    assertThat(greeting.readSlice(PREFACE_BYTES).toString(StandardCharsets.US_ASCII))
        .startsWith("PRI * HTTP/2.0");
    greeting.release();
  }

  private List<Frame> sent() {
    channel.runPendingTasks();
    List<Frame> frames = new ArrayList<>();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      while (out.isReadable()) {
        int length = out.readUnsignedMedium();
        frames.add(
            new Frame(out.readUnsignedByte(), out.readUnsignedByte(), out.readInt(), length));
        out.skipBytes(length);
      }
      out.release();
    }
    return frames;
  }

  private void receive(int type, int flags, int streamId, ByteBuf payload) {
    ByteBuf frame = Unpooled.buffer();
    Frames.header(frame, payload.readableBytes(), type, flags, streamId);
    channel.writeInbound(frame.writeBytes(payload));
  }

  private void receiveSettings(int... idsAndValues) {
    ByteBuf frame = Unpooled.buffer();
    Frames.settings(frame, idsAndValues);
    channel.writeInbound(frame);
  }

  private ByteBuf headers(String... namesAndValues) throws Http2Exception {
    DefaultHttp2Headers headers = new DefaultHttp2Headers(false);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    ByteBuf block = Unpooled.buffer();
    serverHeaders.encodeHeaders(1, headers, block);
    return block;
  }

  private void answer(int streamId, String message) throws Http2Exception {
    receive(
        Frames.HEADERS,
        Frames.END_HEADERS,
        streamId,
        headers(":status", "200", "content-type", "application/grpc"));
    receive(Frames.DATA, 0, streamId, message(message));
    receive(
        Frames.HEADERS,
        Frames.END_HEADERS | Frames.END_STREAM,
        streamId,
        headers("grpc-status", "0"));
  }

  private static ByteBuf message(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Unpooled.buffer().writeByte(0).writeInt(bytes.length).writeBytes(bytes);
  }

  private Recorded start(int messageBytes) {
    Recorded call = new Recorded();
    connection.start(Method.PUT, new byte[messageBytes], true, call);
    return call;
  }

  @Test
  void theServersSettingsMakeTheConnectionReadyAndAreAcknowledged() {
    assertThat(ready.isDone()).isFalse();

    receiveSettings();

    assertThat(ready.isSuccess()).isTrue();
    assertThat(sent()).containsExactly(new Frame(Frames.SETTINGS, Frames.ACK, 0, 0));
  }

  @Test
  void manyAnswersInARowAreAllReadThoughOnlyTheFirstIsDecoded() throws Http2Exception {
    for (int i = 0; i < 5; i++) {
      Recorded call = start(10);
      answer(1 + 2 * i, "answer " + i);
      assertThat(call.seen).containsExactly("answer " + i, "OK");
    }
  }

  @Test
  void fromTheSecondCallOnTheHeadersAreAFewIndexes() {
    var unused = List.of(start(10), start(10), start(10));

    List<Frame> headers = sent().stream().filter(frame -> frame.type() == Frames.HEADERS).toList();

    assertThat(headers.get(0).length()).isGreaterThan(60);
    assertThat(headers.get(1).length()).isLessThanOrEqualTo(8);
    assertThat(headers.get(2))
        .isEqualTo(new Frame(Frames.HEADERS, Frames.END_HEADERS, 5, headers.get(1).length()));
  }

  @Test
  void aMessageInSeveralFramesArrivesWhole() {
    Recorded call = start(10);
    ByteBuf whole = message("in pieces");

    receive(Frames.DATA, 0, 1, whole.readSlice(3));
    receive(Frames.DATA, 0, 1, whole.readSlice(5));
    assertThat(call.seen).isEmpty();
    receive(Frames.DATA, 0, 1, Unpooled.wrappedBuffer(whole, message("and another")));

    assertThat(call.seen).containsExactly("in pieces", "and another");
  }

  @Test
  void aRefusalInTheTrailersIsTheCallsError() throws Http2Exception {
    Recorded call = start(10);

    receive(
        Frames.HEADERS,
        Frames.END_HEADERS | Frames.END_STREAM,
        1,
        headers(
            ":status", "200", "grpc-status", "8", "grpc-message", "etcdserver: too many requests"));

    assertThat(call.seen).containsExactly("RESOURCE_EXHAUSTED: etcdserver: too many requests");
  }

  @Test
  void headersInSeveralFramesAreOneBlock() throws Http2Exception {
    Recorded call = start(10);
    ByteBuf block = headers(":status", "200", "grpc-status", "5");

    receive(Frames.HEADERS, Frames.END_STREAM, 1, block.readSlice(2));
    receive(Frames.CONTINUATION, Frames.END_HEADERS, 1, block);

    assertThat(call.seen).containsExactly("NOT_FOUND");
  }

  @Test
  void paddingIsNotPartOfTheMessage() {
    Recorded call = start(10);

    receive(
        Frames.DATA,
        Frames.PADDED,
        1,
        Unpooled.wrappedBuffer(
            Unpooled.buffer().writeByte(3), message("padded"), Unpooled.buffer().writeZero(3)));

    assertThat(call.seen).containsExactly("padded");
  }

  @Test
  void aLargeMessageGoesOutAsTheWindowsOpen() {
    start(100_000);
    assertThat(dataBytes()).isEqualTo(Frames.DEFAULT_WINDOW);

    receive(Frames.WINDOW_UPDATE, 0, 0, Unpooled.buffer().writeInt(50_000));
    assertThat(dataBytes()).as("the stream's own window is still shut").isZero();

    receive(Frames.WINDOW_UPDATE, 0, 1, Unpooled.buffer().writeInt(10_000));
    assertThat(dataBytes()).isEqualTo(10_000);

    receiveSettings(Frames.SETTING_INITIAL_WINDOW_SIZE, 2 * Frames.DEFAULT_WINDOW);
    assertThat(dataBytes()).isEqualTo(100_005 - Frames.DEFAULT_WINDOW - 10_000);
  }

  private int dataBytes() {
    return sent().stream()
        .filter(frame -> frame.type() == Frames.DATA)
        .mapToInt(Frame::length)
        .sum();
  }

  @Test
  void aCallBeyondTheServersLimitOfStreamsWaitsForAFreeOne() throws Http2Exception {
    receiveSettings(Frames.SETTING_MAX_CONCURRENT_STREAMS, 1);
    start(10);
    start(10);
    assertThat(streamsOpened()).containsExactly(1);

    answer(1, "free");

    assertThat(streamsOpened()).containsExactly(3);
  }

  private List<Integer> streamsOpened() {
    return sent().stream()
        .filter(frame -> frame.type() == Frames.HEADERS)
        .map(Frame::streamId)
        .toList();
  }

  @Test
  void aPingIsAnsweredWithItsOwnBytes() {
    receive(Frames.PING, 0, 0, Unpooled.buffer().writeLong(42));
    receive(Frames.PING, Frames.ACK, 0, Unpooled.buffer().writeLong(43));

    ByteBuf out = channel.readOutbound();
    assertThat(out.readableBytes()).isEqualTo(Frames.HEADER_BYTES + Long.BYTES);
    assertThat(out.getByte(4)).isEqualTo((byte) Frames.ACK);
    assertThat(out.getLong(Frames.HEADER_BYTES)).isEqualTo(42);
    out.release();
    assertThat(sent()).isEmpty();
  }

  @Test
  void whenTheServerGoesAwayEveryCallEndsAndNoneCanStart() {
    Recorded call = start(10);

    receive(
        Frames.GOAWAY,
        0,
        0,
        Unpooled.buffer()
            .writeInt(0)
            .writeInt(11)
            .writeBytes("too_many_pings".getBytes(StandardCharsets.UTF_8)));

    assertThat(call.seen).containsExactly("server went away, HTTP/2 error code 11 too_many_pings");
    assertThat(connection.isOpen()).isFalse();
    assertThat(start(10).seen).hasSize(1);
  }

  @Test
  void aResetStreamEndsItsCallAlone() {
    Recorded first = start(10);
    Recorded second = start(10);

    receive(Frames.RST_STREAM, 0, 1, Unpooled.buffer().writeInt(8));

    assertThat(first.seen).containsExactly("stream reset, HTTP/2 error code 8");
    assertThat(second.seen).isEmpty();
  }
}
