package io.etcdj.proof.hard;

import io.etcdj.proof.GrpcClient;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Many unary calls on one connection, some of them under way at once. */
final class Load implements AutoCloseable {
  private final GrpcClient client;
  private final int outstanding;
  private final Semaphore free;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  Load(GrpcClient client, int outstanding) {
    this.client = client;
    this.outstanding = outstanding;
    this.free = new Semaphore(outstanding);
  }

  /** Makes a call as soon as there is room for one; its answer is only counted. */
  <Q, R> void call(MethodDescriptor<Q, R> method, Q request) {
    acquire(1);
    ClientCalls.asyncUnaryCall(
        client.channel().newCall(method, CallOptions.DEFAULT),
        request,
        new StreamObserver<R>() {
          @Override
          public void onNext(R response) {}

          @Override
          public void onError(Throwable broken) {
            failure.compareAndSet(null, broken);
            free.release();
          }

          @Override
          public void onCompleted() {
            free.release();
          }
        });
  }

  /** Waits until all calls are answered; fails if one of them failed. */
  @Override
  public void close() {
    acquire(outstanding);
    free.release(outstanding);
    check();
  }

  private void acquire(int permits) {
    check();
    try {
      if (!free.tryAcquire(permits, 120, TimeUnit.SECONDS)) {
        throw new AssertionError("calls are not answered");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void check() {
    Throwable broken = failure.get();
    if (broken != null) {
      throw new AssertionError("a call failed", broken);
    }
  }
}
