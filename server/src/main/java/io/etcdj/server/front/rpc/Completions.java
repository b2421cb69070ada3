package io.etcdj.server.front.rpc;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Answers from a foreign thread, delivered with one task per event loop and batch.
 *
 * <p>Waking a loop costs more than answering a call, and flushing a socket more than both: a thread
 * that finishes many calls collects them here and flushes once. Owned by one thread.
 *
 * <pre>
 *   for (Applied a : batch) completions.respond(a.call(), a.response());
 *   completions.flush();
 * </pre>
 */
public final class Completions {
  /** By the loop's index; null where a loop has nothing to deliver. */
  private @Nullable Batch[] batches = new @Nullable Batch[0];

  private static final class Batch implements Runnable {
    private final EventLoopRef loop;
    private final List<Runnable> deliveries = new ArrayList<>();

    Batch(EventLoopRef loop) {
      this.loop = loop;
    }

    @Override
    public void run() {
      for (Runnable delivery : deliveries) {
        delivery.run();
      }
    }
  }

  public <R extends Message> void respond(Call<?, R> call, R response) {
    add(call.loop(), () -> call.respond(response));
  }

  public void fail(Call<?, ?> call, EtcdException refusal) {
    add(call.loop(), () -> call.fail(refusal));
  }

  public <R extends Message> void send(Call<?, R> call, EncodedMessage<R> message) {
    add(call.loop(), () -> call.send(message));
  }

  /** Anything else that is to run on this loop, in order with the rest. It must not throw. */
  public void add(EventLoopRef loop, Runnable delivery) {
    if (loop.index() >= batches.length) {
      batches = java.util.Arrays.copyOf(batches, loop.index() + 1);
    }
    Batch batch = batches[loop.index()];
    if (batch == null) {
      batch = new Batch(loop);
      batches[loop.index()] = batch;
    }
    batch.deliveries.add(delivery);
  }

  /** The same for a place that may be no event loop; then it is handed over at once. */
  public void add(Executor place, Runnable delivery) {
    if (place instanceof EventLoopRef loop) {
      add(loop, delivery);
    } else {
      place.execute(delivery);
    }
  }

  /** Hands over all that was collected. */
  public void flush() {
    for (int i = 0; i < batches.length; i++) {
      Batch batch = batches[i];
      if (batch != null) {
        batches[i] = null;
        batch.loop.execute(batch);
      }
    }
  }
}
