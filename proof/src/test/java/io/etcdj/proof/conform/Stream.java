package io.etcdj.proof.conform;

import com.google.protobuf.Message;
import io.etcdj.proof.GrpcClient;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A call of many requests and many answers, taken one at a time. */
final class Stream<Q extends Message, R extends Message> implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private final ClientCall<Q, R> call;
  private final LinkedBlockingQueue<Object> heard = new LinkedBlockingQueue<>();

  Stream(GrpcClient client, MethodDescriptor<Q, R> method) {
    call = client.channel().newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<R>() {
          @Override
          public void onMessage(R message) {
            heard.add(message);
            call.request(1);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            heard.add(status);
          }
        },
        new Metadata());
    call.request(1);
  }

  void send(Q request) {
    call.sendMessage(request);
  }

  void halfClose() {
    call.halfClose();
  }

  /** The next answer; fails if the call ends or is silent. */
  @SuppressWarnings("unchecked") // what is no status is an answer
  R next() {
    Object next = take();
    if (next instanceof Status status) {
      throw new AssertionError("the call ended: " + status);
    }
    return (R) next;
  }

  /** How the call ended; fails if there is another answer instead. */
  Status.Code end() {
    Object next = take();
    if (next instanceof Status status) {
      return status.getCode();
    }
    throw new AssertionError("another answer: " + next);
  }

  private Object take() {
    try {
      Object next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing was heard for " + PATIENCE_SECONDS + " s");
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    call.cancel("the test is done", null);
  }
}
