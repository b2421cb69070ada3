package io.etcdj.server.front.grpc;

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
import io.etcdj.server.front.vertx.VertxInternals;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC call: an HTTP/2 stream on one side, {@link ServerCall} on the other.
 *
 * <p>Confined to its event loop. Vert.x tells of a client's reset on the response after the request
 * has ended and on the request before that, so both lead to {@link #peerGone}, which counts once.
 */
final class GrpcCall<Q extends Message, R extends Message> extends ServerCall<Q, R>
    implements MessageReader.Sink {
  private static final CharSequence CONTENT_TYPE_GRPC =
      HttpHeaders.createOptimized("application/grpc");
  private static final CharSequence STATUS = HttpHeaders.createOptimized("grpc-status");
  private static final CharSequence MESSAGE = HttpHeaders.createOptimized("grpc-message");
  private static final CharSequence OK = HttpHeaders.createOptimized("0");

  static final long NO_ERROR = 0; // RFC 9113, section 7
  private static final long INTERNAL_ERROR = 2;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final GrpcConnection connection;
  private final MessageReader reader;
  private final long deadlineNanos;
  private boolean opened;
  private boolean heldBack;
  private boolean goneEarly;
  private boolean firstMessageTaken;
  private boolean halfClosed;
  private boolean headSent;
  private @Nullable Pieces pieces;
  private final WriteQueue queue = new WriteQueue();

  GrpcCall(
      RpcTable.Row<Q, R> row,
      EventLoopRef loop,
      HttpServerRequest request,
      GrpcConnection connection,
      int maxReceiveBytes,
      boolean gzip,
      long deadlineNanos) {
    super(row, loop);
    this.request = request;
    this.response = request.response();
    this.connection = connection;
    this.reader = new MessageReader(maxReceiveBytes, gzip, this);
    this.deadlineNanos = deadlineNanos;
  }

  /** Listens to the stream and opens the call. */
  void start() {
    connection.callOpened();
    request.handler(this::data);
    request.endHandler(unused -> requestEnded());
    request.exceptionHandler(unused -> gone());
    response.exceptionHandler(unused -> gone());
    if (rpc().kind() == Rpc.Kind.UNARY) {
      connection.whenRead(this::openNow);
      if (!opened) {
        heldBack = true;
        request.pause();
      }
    } else {
      openNow();
    }
  }

  private void openNow() {
    if (goneEarly) {
      return;
    }
    opened = true;
    open();
    if (heldBack) {
      request.resume();
    }
  }

  // ---- What arrives -----------------------------------------------------------------------------

  private void data(Buffer data) {
    connection.read();
    if (isClosed()) {
      return; // answered already: what still comes is read only to be forgotten
    }
    try {
      reader.feed(data);
    } catch (EtcdException refusal) {
      receiveFailed(refusal);
    }
  }

  @Override
  public void message(byte[] bytes) {
    if (rpc().kind() != Rpc.Kind.BIDI) {
      if (firstMessageTaken) {
        return; // a method that takes one message hears the first
      }
      firstMessageTaken = true;
    }
    receive(parse(bytes), bytes.length);
  }

  @Override
  public boolean done() {
    return isClosed();
  }

  @SuppressWarnings("unchecked") // the default instance's parser makes instances of its own type
  private Q parse(byte[] bytes) {
    try {
      return (Q) rpc().requestDefault().getParserForType().parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      String what =
          rpc().kind() == Rpc.Kind.UNARY
              ? "grpc: error unmarshalling request: "
              : "grpc: failed to unmarshal the received message: ";
      throw EtcdException.of(
          GrpcCode.INTERNAL, what + "proto: cannot parse invalid wire-format data");
    }
  }

  private void requestEnded() {
    halfClosed = true;
    if (reader.midMessage() && !isClosed()) {
      receiveFailed(EtcdException.of(GrpcCode.INTERNAL, "unexpected EOF"));
    } else if (rpc().kind() != Rpc.Kind.BIDI && !firstMessageTaken) {
      fail(EtcdException.of(GrpcCode.INTERNAL, "received no data"));
    } else {
      halfClose();
    }
  }

  private void gone() {
    if (!opened) {
      if (!goneEarly) {
        goneEarly = true;
        connection.callEnded();
      }
    } else if (!isClosed()) {
      connection.callEnded();
      peerGone();
    }
  }

  // ---- What leaves ------------------------------------------------------------------------------

  @Override
  protected int writeOnly(R message) {
    byte[] frame = EncodedMessage.frame(message);
    head();
    response.trailers().set(STATUS, OK);
    Future<Void> written = response.end(VertxInternals.wrap(frame));
    connection.answering(written, frame.length);
    ended(written);
    return frame.length - EncodedMessage.HEAD_BYTES;
  }

  @Override
  protected int writeMessage(R message) {
    byte[] frame = EncodedMessage.frame(message);
    write(frame);
    return frame.length - EncodedMessage.HEAD_BYTES;
  }

  @Override
  protected void writeEncoded(EncodedMessage<R> message) {
    write(message.frame());
  }

  @Override
  protected void writeEnd(GrpcCode code, String message) {
    Pieces underway = pieces;
    if (underway != null) {
      underway.close();
      // Half a message is out; a status after it would read as a complete answer to some clients.
      connection.callEnded();
      response.reset(INTERNAL_ERROR);
      return;
    }
    if (headSent) {
      response.trailers().set(STATUS, Integer.toString(code.number()));
      if (!message.isEmpty()) {
        response.trailers().set(MESSAGE, GrpcText.percentEncode(message));
      }
      ended(response.end());
    } else {
      headSent = true;
      ended(refuse(response, code, message));
    }
  }

  /** The answer in one header frame, for calls that end before they begin. */
  static Future<Void> refuse(HttpServerResponse response, GrpcCode code, String message) {
    response.putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE_GRPC);
    response.putHeader(STATUS, Integer.toString(code.number()));
    if (!message.isEmpty()) {
      response.putHeader(MESSAGE, GrpcText.percentEncode(message));
    }
    // Vert.x announces an empty body by its length, which has no place in a header-only answer.
    response.headersEndHandler(unused -> response.headers().remove(HttpHeaders.CONTENT_LENGTH));
    return response.end();
  }

  private void head() {
    if (!headSent) {
      headSent = true;
      response.putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE_GRPC);
    }
  }

  private void write(byte[] bytes) {
    head();
    if (queue.grow(bytes.length) && !halfClosed) {
      request.pause(); // who does not read the answers shall not ask more questions
    }
    Future<Void> done = response.write(VertxInternals.wrap(bytes));
    connection.sending(done);
    done.onComplete(unused -> written(bytes.length));
  }

  private void ended(Future<Void> written) {
    connection.sending(written);
    connection.callEnded();
    if (!halfClosed) {
      // The client may go on sending to a call that is over; this tells it to stop (RFC 9113, 8.1).
      // Only once the end is out: a reset overtakes what is queued.
      written.onComplete(
          unused -> {
            if (!halfClosed) {
              response.reset(NO_ERROR);
            }
          });
    }
  }

  private void written(long bytes) {
    if (queue.shrink(bytes)) {
      if (!halfClosed) {
        request.resume();
      }
      if (pieces != null) {
        pieces.pump();
      }
      drained();
    }
  }

  @Override
  protected void writePieces(long totalLength, PieceSource source) {
    Pieces sending = new Pieces(totalLength, source);
    pieces = sending;
    onCancel(sending::close);
    byte[] head = new byte[EncodedMessage.HEAD_BYTES];
    EncodedMessage.putLength(head, totalLength);
    write(head);
    sending.pump();
  }

  /** A large message on its way out: pulled while there is room, one piece at a time. */
  private final class Pieces implements PieceSource.Sink {
    private final long totalLength;
    private final PieceSource source;
    private final int counted = connection.streaming();
    private long remaining;
    private boolean awaiting;
    private boolean pumping;
    private boolean closed;

    Pieces(long totalLength, PieceSource source) {
      this.totalLength = totalLength;
      this.source = source;
      this.remaining = totalLength;
    }

    void pump() {
      if (pumping) {
        return; // a source that answers at once is asked again by the loop below, not from within
      }
      pumping = true;
      while (remaining > 0 && !awaiting && !queue.full() && !isClosed()) {
        awaiting = true;
        source.next(this);
      }
      pumping = false;
      if (remaining == 0 && !isClosed()) {
        close();
        pieces = null;
        end(GrpcCode.OK);
        countSent(totalLength);
        writeEnd(GrpcCode.OK, "");
      }
    }

    @Override
    public void piece(ByteString bytes) {
      if (!loop().inLoop()) {
        loop().execute(() -> piece(bytes));
        return;
      }
      awaiting = false;
      if (isClosed()) {
        return;
      }
      if (bytes.size() > remaining) {
        fail(EtcdException.of(GrpcCode.INTERNAL, "more bytes than announced"));
        return;
      }
      remaining -= bytes.size();
      write(bytes.toByteArray());
      pump();
    }

    @Override
    public void fail(EtcdException reason) {
      if (!loop().inLoop()) {
        loop().execute(() -> fail(reason));
        return;
      }
      close();
      GrpcCall.this.fail(reason);
    }

    void close() {
      if (!closed) {
        closed = true;
        source.close();
        connection.answered(counted);
      }
    }
  }

  // ---- What the handler may ask -----------------------------------------------------------------

  @Override
  public @Nullable String metadata(String name) {
    return request.getHeader(name);
  }

  @Override
  public byte @Nullable [] binaryMetadata(String name) {
    String value = request.getHeader(name);
    if (value == null) {
      return null;
    }
    try {
      return Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public String peer() {
    return connection.peer().address();
  }

  @Override
  public @Nullable String clientCommonName() {
    return connection.peer().commonName();
  }

  @Override
  public boolean fromGateway() {
    return false;
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
