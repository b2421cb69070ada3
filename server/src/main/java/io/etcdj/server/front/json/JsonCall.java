package io.etcdj.server.front.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.server.front.rpc.EncodedMessage;
import io.etcdj.server.front.rpc.EventLoopRef;
import io.etcdj.server.front.rpc.PieceSource;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.front.rpc.RpcTable;
import io.etcdj.server.front.rpc.ServerCall;
import io.etcdj.server.front.rpc.WriteQueue;
import io.etcdj.server.front.vertx.GoHeaders;
import io.etcdj.server.front.vertx.Peer;
import io.etcdj.server.front.vertx.VertxInternals;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One call that came as JSON. Confined to its event loop. */
final class JsonCall<Q extends Message, R extends Message> extends ServerCall<Q, R>
    implements JsonReader.Sink {
  /** Base64 and field names make JSON longer than what it encodes; this much is read at all. */
  private static final int JSON_PER_MESSAGE_BYTE = 16;

  /** A streamed answer is held whole, twice, to become JSON. */
  private static final long MAX_ANSWER_BYTES = 512L * 1024 * 1024;

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Peer peer;
  private final int maxReceiveBytes;
  private final long deadlineNanos;
  private final JsonReader reader;
  private final WriteQueue queue = new WriteQueue();
  private boolean requestEnded;
  private boolean headSent;

  JsonCall(
      Vertx vertx,
      RpcTable.Row<Q, R> row,
      EventLoopRef loop,
      HttpServerRequest request,
      int maxReceiveBytes,
      long deadlineNanos) {
    super(row, loop);
    this.vertx = vertx;
    this.request = request;
    this.response = request.response();
    this.peer = Peer.of(request.connection());
    this.maxReceiveBytes = maxReceiveBytes;
    this.deadlineNanos = deadlineNanos;
    long mostJson = (long) maxReceiveBytes * JSON_PER_MESSAGE_BYTE;
    this.reader =
        new JsonReader(row.rpc().kind() == Rpc.Kind.BIDI, (int) Math.min(mostJson, 1 << 30), this);
  }

  /** Listens to the request and opens the call. */
  void start() {
    request.handler(this::data);
    request.endHandler(unused -> requestEnded());
    request.exceptionHandler(unused -> peerGone());
    response.exceptionHandler(unused -> peerGone());
    response.closeHandler(unused -> peerGone()); // also after a normal end, when it is too late
    open();
  }

  // ---- What arrives -----------------------------------------------------------------------------

  private void data(Buffer data) {
    try {
      reader.feed(data);
    } catch (EtcdException refusal) {
      fail(refusal);
    }
  }

  private void requestEnded() {
    requestEnded = true;
    try {
      reader.end();
      one();
      halfClose();
    } catch (EtcdException refusal) {
      fail(refusal);
    }
  }

  private byte @Nullable [] only;

  @Override
  public void value(byte[] text) {
    if (rpc().kind() == Rpc.Kind.BIDI) {
      receive(text);
    } else {
      only = text; // not before the body's end: what follows may still spoil it
    }
  }

  private void one() {
    byte[] text = only;
    if (text != null) {
      only = null;
      receive(text);
    }
  }

  private void receive(byte[] text) {
    Q message = JsonMessages.parse(text, rpc().requestDefault());
    int bytes = message.getSerializedSize();
    if (bytes > maxReceiveBytes) {
      throw EtcdException.of(
          GrpcCode.RESOURCE_EXHAUSTED,
          "grpc: received message larger than max (" + bytes + " vs. " + maxReceiveBytes + ")");
    }
    receive(message, bytes);
  }

  @Override
  public boolean done() {
    return isClosed();
  }

  // ---- What leaves ------------------------------------------------------------------------------

  @Override
  protected int writeOnly(R message) {
    success();
    GoHeaders.end(response, JsonMessages.print(message));
    return message.getSerializedSize();
  }

  @Override
  protected int writeMessage(R message) {
    write(JsonMessages.line(message));
    return message.getSerializedSize();
  }

  @Override
  protected void writeEncoded(EncodedMessage<R> message) {
    write(message.alternative(JsonMessages::line));
  }

  private void write(byte[] line) {
    if (!headSent) {
      chunkedHead();
    }
    if (queue.grow(line.length) && !requestEnded) {
      request.pause(); // who does not read the answers shall not ask more questions
    }
    response.write(VertxInternals.wrap(line)).onComplete(unused -> written(line.length));
  }

  private void written(int bytes) {
    if (queue.shrink(bytes)) {
      if (!requestEnded) {
        request.resume();
      }
      drained();
    }
  }

  private void chunkedHead() {
    success();
    if (request.version() != HttpVersion.HTTP_2) {
      response.setChunked(true);
    }
  }

  private void success() {
    headSent = true;
    response.putHeader(GoHeaders.CONTENT_TYPE, JsonGateway.CONTENT_TYPE);
    response.putHeader("Grpc-Metadata-Content-Type", "application/grpc");
  }

  @Override
  protected void writeEnd(GrpcCode code, String message) {
    if (code == GrpcCode.OK) {
      if (!headSent) {
        chunkedHead();
      }
      response.end();
      return;
    }
    String error = JsonMessages.error(code, message);
    String body = rpc().kind() == Rpc.Kind.UNARY ? error : "{\"error\":" + error + "}\n";
    if (headSent) {
      response.end(body);
    } else {
      JsonGateway.error(response, code, message, body);
    }
  }

  /**
   * JSON needs the whole message, so the pieces are gathered, and turned into JSON away from the
   * event loop.
   */
  @Override
  protected void writePieces(long totalLength, PieceSource source) {
    if (totalLength > MAX_ANSWER_BYTES) {
      source.close();
      fail(
          EtcdException.of(
              GrpcCode.RESOURCE_EXHAUSTED,
              "grpc: trying to send message larger than max ("
                  + totalLength
                  + " vs. "
                  + MAX_ANSWER_BYTES
                  + ")"));
      return;
    }
    new Gathering(totalLength, source).next();
  }

  private final class Gathering implements PieceSource.Sink {
    private final long totalLength;
    private final PieceSource source;
    private ByteString gathered = ByteString.EMPTY;
    private boolean asking;

    Gathering(long totalLength, PieceSource source) {
      this.totalLength = totalLength;
      this.source = source;
      onCancel(source::close);
    }

    void next() {
      if (asking) {
        return; // the loop below goes on when a source answers at once
      }
      asking = true;
      boolean more = gathered.size() < totalLength;
      while (more && !isClosed()) {
        int before = gathered.size();
        source.next(this);
        more = gathered.size() > before && gathered.size() < totalLength;
      }
      asking = false;
      if (gathered.size() >= totalLength && !isClosed()) {
        source.close();
        print();
      }
    }

    private void print() {
      ByteString encoded = gathered;
      vertx
          .executeBlocking(() -> JsonMessages.print(rpc(), encoded))
          .onSuccess(json -> answer(json, encoded.size()))
          .onFailure(this::broken);
    }

    private void answer(String json, int bytes) {
      if (!isClosed()) {
        end(GrpcCode.OK);
        countSent(bytes);
        success();
        GoHeaders.end(response, json);
      }
    }

    private void broken(Throwable cause) {
      String what =
          cause instanceof InvalidProtocolBufferException ? "bad message" : "internal error";
      JsonCall.this.fail(EtcdException.of(GrpcCode.INTERNAL, what));
    }

    @Override
    public void piece(ByteString bytes) {
      if (!loop().inLoop()) {
        loop().execute(() -> piece(bytes));
        return;
      }
      gathered = gathered.concat(bytes);
      next();
    }

    @Override
    public void fail(EtcdException reason) {
      if (!loop().inLoop()) {
        loop().execute(() -> fail(reason));
        return;
      }
      source.close();
      JsonCall.this.fail(reason);
    }
  }

  // ---- What the handler may ask -----------------------------------------------------------------

  @Override
  public @Nullable String metadata(String name) {
    return switch (name) {
      case "token", "authorization" -> JsonGateway.token(request);
      default -> request.getHeader("grpc-metadata-" + name);
    };
  }

  @Override
  public byte @Nullable [] binaryMetadata(String name) {
    String value = metadata(name);
    return value == null ? null : value.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public String peer() {
    return peer.address();
  }

  @Override
  public @Nullable String clientCommonName() {
    return peer.commonName();
  }

  @Override
  public boolean fromGateway() {
    return true;
  }

  @Override
  public boolean writeQueueFull() {
    return queue.full();
  }

  @Override
  public long pendingBytes() {
    return queue.pendingBytes();
  }
}
