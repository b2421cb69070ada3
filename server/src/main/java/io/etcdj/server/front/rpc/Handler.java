package io.etcdj.server.front.rpc;

import com.google.protobuf.Message;

/**
 * What a unary or server-streaming method does with its one request.
 *
 * <p>Runs on the call's event loop and must not block. A thrown {@link io.etcdj.api.EtcdException}
 * refuses the call; otherwise the handler, now or later, answers through the call.
 */
@FunctionalInterface
public interface Handler<Q extends Message, R extends Message> {
  void handle(Call<Q, R> call, Q request);
}
