package io.etcdj.server.front.rpc;

/**
 * What a client says within one call. All methods run on the call's event loop.
 *
 * <p>While the call's write queue is full, no message is delivered: a client that does not read the
 * answers cannot pile up questions either.
 */
@FunctionalInterface
public interface RequestObserver<Q> {
  void onMessage(Q message);

  /** The client will send nothing more; answers may still be sent. */
  default void onHalfClose() {}

  /** The call ended without {@link Call#complete} or {@link Call#fail}: nobody listens any more. */
  default void onCancel() {}
}
