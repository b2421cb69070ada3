package io.etcdj.server.front.rpc;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call's life, the same for every transport: opened, messages, and exactly one end.
 *
 * <p>The transport reports what arrives ({@link #open}, {@link #receive}, {@link #receiveFailed},
 * {@link #halfClose}, {@link #peerGone}) and carries out what {@link #writeMessage} and its
 * siblings ask. Confined to its event loop; the methods of {@link Call} that allow other threads
 * hop here by themselves.
 */
public abstract class ServerCall<Q extends Message, R extends Message> implements Call<Q, R> {
  private static final Logger LOG = System.getLogger("io.etcdj.server.front");

  /** What a broken handler looks like to a client; the cause is for our log. */
  private static final String BROKEN = "internal error";

  private final RpcTable.Row<Q, R> row;
  private final EventLoopRef loop;
  private long startNanos;
  private @Nullable RequestObserver<Q> observer;
  private @Nullable Object cancelActions; // one Runnable or a List of them: most calls have one
  private @Nullable Runnable drainAction;
  private Deadlines.@Nullable Entry deadline;
  private volatile boolean closed;

  protected ServerCall(RpcTable.Row<Q, R> row, EventLoopRef loop) {
    this.row = row;
    this.loop = loop;
  }

  // ---- What arrives -----------------------------------------------------------------------------

  /** The call has begun: counts it, watches its deadline and opens its handler. */
  protected final void open() {
    startNanos = row.metrics().started();
    if (row.rpc().kind() != Rpc.Kind.UNARY) {
      loop.opened(this);
    }
    long deadlineNanos = deadlineNanos();
    if (deadlineNanos != Long.MAX_VALUE) {
      deadline = loop.deadlines().add(deadlineNanos, this::expire);
    }
    guarded(() -> observer = row.rpc().handler().open(this));
  }

  /** A request message of {@code bytes} encoded bytes. */
  protected final void receive(Q message, int bytes) {
    RequestObserver<Q> to = observer;
    if (closed || to == null) {
      return;
    }
    row.metrics().received(bytes);
    guarded(() -> to.onMessage(message));
  }

  /** What came is no request message. */
  protected final void receiveFailed(EtcdException refusal) {
    if (!closed) {
      row.metrics().receiveFailed();
      fail(refusal);
    }
  }

  /** The client will send nothing more. */
  protected final void halfClose() {
    RequestObserver<Q> to = observer;
    if (!closed && to != null) {
      guarded(to::onHalfClose);
    }
  }

  /** The client reset the call or its connection is gone: there is nobody to answer. */
  protected final void peerGone() {
    if (closed) {
      return;
    }
    end(GrpcCode.CANCELED);
    cancelled();
  }

  /** Room again in the write queue. */
  protected final void drained() {
    Runnable action = drainAction;
    if (!closed && action != null) {
      guarded(action);
    }
  }

  private void expire() {
    stop(EtcdException.deadlineExceeded());
  }

  /** Ends the call from outside: the handler learns of it as a cancellation. */
  final void stop(EtcdException reason) {
    if (closed) {
      return;
    }
    end(reason.code());
    writeEnd(reason.code(), reason.wireMessage());
    cancelled();
  }

  private void cancelled() {
    Object actions = cancelActions;
    cancelActions = null;
    RequestObserver<Q> to = observer;
    if (to != null) {
      logged(to::onCancel);
    }
    if (actions instanceof Runnable action) {
      logged(action);
    } else if (actions instanceof List<?> many) {
      many.forEach(action -> logged((Runnable) action));
    }
  }

  /** Refuses the call with what a handler throws; a bug of ours must not hang the client. */
  private void guarded(Runnable action) {
    try {
      action.run();
    } catch (EtcdException refusal) {
      fail(refusal);
    } catch (RuntimeException bug) {
      LOG.log(Level.ERROR, "handler of " + row.rpc().path() + " failed", bug);
      fail(EtcdException.of(GrpcCode.INTERNAL, BROKEN));
    }
  }

  private void logged(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException bug) {
      LOG.log(Level.ERROR, "cancellation of " + row.rpc().path() + " failed", bug);
    }
  }

  // ---- What the handler says --------------------------------------------------------------------

  @Override
  public final Rpc<Q, R> rpc() {
    return row.rpc();
  }

  @Override
  public final EventLoopRef loop() {
    return loop;
  }

  @Override
  public final boolean isClosed() {
    return closed;
  }

  @Override
  public final void respond(R response) {
    if (!loop.inLoop()) {
      loop.execute(() -> respond(response));
      return;
    }
    if (closed) {
      return;
    }
    end(GrpcCode.OK);
    row.metrics().sent(writeOnly(response));
  }

  @Override
  public final void respondStreamed(long totalLength, PieceSource source) {
    if (!loop.inLoop()) {
      loop.execute(() -> respondStreamed(totalLength, source));
      return;
    }
    if (closed) {
      source.close();
      return;
    }
    writePieces(totalLength, source);
  }

  @Override
  public final void send(R message) {
    if (!loop.inLoop()) {
      loop.execute(() -> send(message));
    } else if (!closed) {
      row.metrics().sent(writeMessage(message));
    }
  }

  @Override
  public final void send(EncodedMessage<R> message) {
    if (!loop.inLoop()) {
      loop.execute(() -> send(message));
    } else if (!closed) {
      row.metrics().sent(message.messageBytes());
      writeEncoded(message);
    }
  }

  @Override
  public final void complete() {
    if (!loop.inLoop()) {
      loop.execute(this::complete);
    } else if (!closed) {
      end(GrpcCode.OK);
      writeEnd(GrpcCode.OK, "");
    }
  }

  @Override
  public final void fail(EtcdException refusal) {
    if (!loop.inLoop()) {
      loop.execute(() -> fail(refusal));
    } else if (!closed) {
      end(refusal.code());
      writeEnd(refusal.code(), refusal.wireMessage());
    }
  }

  @Override
  public final void abort(EtcdException reason) {
    if (loop.inLoop()) {
      stop(reason);
    } else {
      loop.execute(() -> stop(reason));
    }
  }

  @Override
  public final void onDrain(Runnable action) {
    drainAction = action;
  }

  @Override
  @SuppressWarnings("unchecked") // a list is only ever made here
  public final void onCancel(Runnable action) {
    Object known = cancelActions;
    if (known == null) {
      cancelActions = action;
    } else if (known instanceof List) {
      ((List<Runnable>) known).add(action);
    } else {
      cancelActions = new ArrayList<>(List.of((Runnable) known, action));
    }
  }

  /** The one end: after this nothing is delivered and nothing is sent. */
  protected final void end(GrpcCode code) {
    closed = true;
    if (deadline != null) {
      loop.deadlines().remove(deadline);
    }
    if (row.rpc().kind() != Rpc.Kind.UNARY) {
      loop.closed(this);
    }
    row.metrics().ended(code, startNanos);
  }

  /** Counts a message that the transport sent by itself. */
  protected final void countSent(long bytes) {
    row.metrics().sent(bytes);
  }

  // ---- What the transport does ------------------------------------------------------------------

  /** Sends the only message of a call and ends it well. Returns the message's encoded bytes. */
  protected abstract int writeOnly(R message);

  /** Sends one message of a stream. Returns its encoded bytes. */
  protected abstract int writeMessage(R message);

  protected abstract void writeEncoded(EncodedMessage<R> message);

  /** Sends a large message piece by piece and then ends the call, through {@link #end}. */
  protected abstract void writePieces(long totalLength, PieceSource source);

  /** Sends the status, after whatever was sent before. */
  protected abstract void writeEnd(GrpcCode code, String message);
}
