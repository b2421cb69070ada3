package io.etcdj.server.front.rpc;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one call.
 *
 * <p>Confined to its event loop, except for what says otherwise. A call ends once: by {@link
 * #respond}, {@link #complete}, {@link #fail}, the client's going, its deadline or the server's
 * stop. Whatever comes after the end is dropped without a word, so that an answer that loses a race
 * with a cancellation needs no care.
 */
public interface Call<Q extends Message, R extends Message> {

  /** The method that was called. Any thread. */
  Rpc<Q, R> rpc();

  /**
   * A value of the request's metadata, or null. Names are lower case. In calls from the gateway the
   * Authorization header appears as {@code token}, without {@code Bearer}. Any thread.
   */
  @Nullable String metadata(String name);

  /** The bytes of a metadata value whose name ends in {@code -bin}, or null. Any thread. */
  byte @Nullable [] binaryMetadata(String name);

  /** When the client stops waiting, on {@link System#nanoTime}'s scale, or Long.MAX_VALUE. */
  long deadlineNanos();

  /** The client's address, as {@code 127.0.0.1:41234}. Any thread. */
  String peer();

  /** The common name of the client's verified certificate, or null. Any thread. */
  @Nullable String clientCommonName();

  /** Whether the call came as JSON, where a certificate does not speak for the user. Any thread. */
  boolean fromGateway();

  /** The event loop that this call belongs to. Any thread. */
  EventLoopRef loop();

  /**
   * Answers a unary call and ends it. From another thread this costs a hop of its own: use {@link
   * Completions} where there are many.
   */
  void respond(R response);

  /**
   * Answers a unary call with a message too large to hold: {@code totalLength} bytes of its
   * protobuf encoding, pulled from {@code source} as the client reads. Any thread. The gateway does
   * hold the whole message, as JSON needs it; it refuses one above its limit.
   */
  void respondStreamed(long totalLength, PieceSource source);

  /** Sends one message of a stream. From another thread this costs a hop. */
  void send(R message);

  /** Sends a message that many streams share. From another thread this costs a hop. */
  void send(EncodedMessage<R> message);

  /** Whether so much is waiting for the client that senders should stop until {@link #onDrain}. */
  boolean writeQueueFull();

  /** Called each time the write queue was full and has room again. */
  void onDrain(Runnable action);

  /** Bytes sent to this call and not yet taken by the socket. Any thread. */
  long pendingBytes();

  /** Ends a stream as it should end. From another thread this costs a hop. */
  void complete();

  /** Ends the call with a refusal. From another thread this costs a hop. */
  void fail(EtcdException refusal);

  /**
   * Ends the call from outside its handler, which learns of it as of a cancellation. From another
   * thread this costs a hop.
   */
  void abort(EtcdException reason);

  /** Called once if the call ends by the client's going, its deadline or the server's stop. */
  void onCancel(Runnable action);

  /** Whether the call has ended: answers are no longer worth computing. Any thread. */
  boolean isClosed();
}
