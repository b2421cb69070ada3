package io.etcdj.server.front.rpc;

import io.etcdj.api.EtcdException;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * One event loop: a place to run things, and the calls that live there.
 *
 * <p>Any thread may {@link #execute}; the rest belongs to the loop's own thread. Tasks run in the
 * order in which they came from one thread.
 */
public final class EventLoopRef implements Executor {
  private final int index;
  private final Context context;
  private final Thread thread;
  private final Deadlines deadlines;

  /** Calls with no natural end, which a stopping server must end itself. */
  private final Set<ServerCall<?, ?>> streams = new LinkedHashSet<>();

  private EventLoopRef(int index, Context context, Thread thread) {
    this.index = index;
    this.context = context;
    this.thread = thread;
    this.deadlines = new Deadlines(context.owner());
  }

  /** The loop that this code runs on. {@code index} tells it from its siblings, from 0. */
  public static EventLoopRef current(int index, Context context) {
    if (!Context.isOnEventLoopThread()) {
      throw new IllegalStateException("not on an event loop: " + Thread.currentThread());
    }
    return new EventLoopRef(index, context, Thread.currentThread());
  }

  /** A small number, from 0 up, that no other loop of the server has. */
  public int index() {
    return index;
  }

  /** Whether this code runs on this loop. */
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(unused -> task.run());
  }

  Deadlines deadlines() {
    return deadlines;
  }

  void opened(ServerCall<?, ?> stream) {
    streams.add(stream);
  }

  void closed(ServerCall<?, ?> stream) {
    streams.remove(stream);
  }

  /** Ends every stream on this loop; unary calls are left to finish by themselves. */
  public void stopStreams(EtcdException reason) {
    for (ServerCall<?, ?> stream : new ArrayList<>(streams)) {
      stream.stop(reason);
    }
  }
}
