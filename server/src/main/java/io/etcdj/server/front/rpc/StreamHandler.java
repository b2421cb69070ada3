package io.etcdj.server.front.rpc;

import com.google.protobuf.Message;

/**
 * Opens a call of a bidirectional method.
 *
 * <p>Runs on the call's event loop, before any message is known, and must not block. A thrown
 * {@link io.etcdj.api.EtcdException} refuses the call.
 */
@FunctionalInterface
public interface StreamHandler<Q extends Message, R extends Message> {
  RequestObserver<Q> open(Call<Q, R> call);
}
