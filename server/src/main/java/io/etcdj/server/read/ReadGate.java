package io.etcdj.server.read;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.raft.ReadState;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.propose.RequestIds;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets reads pass once they may see the store.
 *
 * <p>A member that is the only voter, leads, and has applied an entry of its own term passes them
 * at once: only it can commit, and it publishes what it applied before it acknowledges it. Any
 * thread; its own lock.
 */
public final class ReadGate {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final RequestIds ids;
  private final Executor member;
  private final Consumer<ByteString> askIndex;
  private final long timeoutNanos;
  private final LongSupplier clock;

  /** Whether reads pass without a round; see the class comment. */
  private volatile boolean open;

  private volatile boolean stopped;
  private List<Waiting> next = new ArrayList<>();
  private @Nullable Round underWay;
  private final PriorityQueue<Round> answered =
      new PriorityQueue<>((a, b) -> Long.compareUnsigned(a.index, b.index));
  private long appliedIndex;

  private record Waiting(
      Executor loop, Runnable read, Consumer<EtcdException> refuse, long startNanos) {}

  /** Reads that share an index; each try to get it has a context of its own. */
  private static final class Round {
    private final List<Waiting> reads;
    private final Set<ByteString> contexts = new HashSet<>();
    private long askedNanos;
    private long index;

    Round(List<Waiting> reads) {
      this.reads = reads;
    }
  }

  /**
   * @param member runs tasks on the member thread
   * @param askIndex asks the core for a read index with this context, on the member thread
   */
  public ReadGate(
      RequestIds ids, Executor member, Consumer<ByteString> askIndex, long timeoutMillis) {
    this(ids, member, askIndex, timeoutMillis, System::nanoTime);
  }

  /**
   * @param clock as {@link System#nanoTime}
   */
  public ReadGate(
      RequestIds ids,
      Executor member,
      Consumer<ByteString> askIndex,
      long timeoutMillis,
      LongSupplier clock) {
    this.ids = ids;
    this.member = member;
    this.askIndex = askIndex;
    this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    this.clock = clock;
  }

  /** Told when the only voter leads and has applied an entry of its term, and when that ends. */
  public void setOpen(boolean onlyVoterLeads) {
    open = onlyVoterLeads;
  }

  /**
   * Runs {@code read} on {@code loop}, at once or later; or {@code refuse} with the reason why not.
   * The caller is on that loop.
   */
  public void pass(Executor loop, Runnable read, Consumer<EtcdException> refuse) {
    if (stopped) {
      refuse.accept(EtcdError.STOPPED.exception());
      return;
    }
    if (open) {
      read.run();
      return;
    }
    boolean first;
    synchronized (this) {
      next.add(new Waiting(loop, read, refuse, clock.getAsLong()));
      first = underWay == null && next.size() == 1;
    }
    if (first) {
      member.execute(this::startRound);
    }
  }

  /** On the member thread. */
  private void startRound() {
    ByteString context;
    synchronized (this) {
      if (underWay != null || next.isEmpty()) {
        return;
      }
      underWay = new Round(next);
      next = new ArrayList<>();
      context = newContext(underWay);
    }
    askIndex.accept(context);
  }

  private ByteString newContext(Round round) {
    ByteString context =
        ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(0, ids.next()));
    round.contexts.add(context);
    round.askedNanos = clock.getAsLong();
    return context;
  }

  /** The core answered; on the member thread. */
  public void answered(List<ReadState> states) {
    boolean done = false;
    synchronized (this) {
      for (ReadState state : states) {
        Round round = underWay;
        if (round != null && round.contexts.contains(state.context())) {
          round.index = state.index();
          underWay = null;
          answered.add(round);
          done = true;
        }
      }
    }
    if (done) {
      Completions completions = new Completions();
      release(completions);
      completions.flush();
      startRound();
    }
  }

  /** The store shows everything up to {@code index}; on the apply thread. */
  public void applied(long index, Completions completions) {
    synchronized (this) {
      appliedIndex = index;
    }
    release(completions);
  }

  private void release(Completions completions) {
    while (true) {
      Round ready;
      synchronized (this) {
        ready = answered.peek();
        if (ready == null || Long.compareUnsigned(ready.index, appliedIndex) > 0) {
          return;
        }
        answered.poll();
      }
      for (Waiting waiting : ready.reads) {
        completions.add(waiting.loop(), waiting.read());
      }
    }
  }

  /** Whether some reads may have to be asked for again or given up; see {@link #tick}. */
  public synchronized boolean hasWaiting() {
    return underWay != null || !next.isEmpty() || !answered.isEmpty();
  }

  /** Asks again where no answer came, and gives up what is too old; each tick, member thread. */
  public void tick() {
    ByteString again = null;
    List<Waiting> tooOld = new ArrayList<>();
    synchronized (this) {
      long now = clock.getAsLong();
      Round round = underWay;
      if (round != null) {
        removeOld(round.reads, now, tooOld);
        if (round.reads.isEmpty()) {
          underWay = null;
        } else if (now - round.askedNanos > RETRY_NANOS) {
          again = newContext(round);
        }
      }
      removeOld(next, now, tooOld);
      answered.forEach(late -> removeOld(late.reads, now, tooOld));
    }
    refuse(tooOld, EtcdError.TIMEOUT.exception());
    if (again != null) {
      askIndex.accept(again);
    } else {
      startRound();
    }
  }

  private void removeOld(List<Waiting> reads, long now, List<Waiting> into) {
    reads.removeIf(
        waiting -> {
          boolean old = now - waiting.startNanos() > timeoutNanos;
          if (old) {
            into.add(waiting);
          }
          return old;
        });
  }

  /** Another leader may have committed since: whoever waits must ask again. Member thread. */
  public void leaderChanged() {
    List<Waiting> lost = new ArrayList<>();
    synchronized (this) {
      if (underWay != null) {
        lost.addAll(underWay.reads);
        underWay = null;
      }
    }
    refuse(lost, EtcdError.LEADER_CHANGED.exception());
  }

  public void stop() {
    stopped = true;
    open = false;
    List<Waiting> all = new ArrayList<>();
    synchronized (this) {
      all.addAll(next);
      next = new ArrayList<>();
      if (underWay != null) {
        all.addAll(underWay.reads);
        underWay = null;
      }
      answered.forEach(round -> all.addAll(round.reads));
      answered.clear();
    }
    refuse(all, EtcdError.STOPPED.exception());
  }

  private static void refuse(List<Waiting> reads, EtcdException reason) {
    Completions completions = new Completions();
    for (Waiting waiting : reads) {
      completions.add(waiting.loop(), () -> waiting.refuse().accept(reason));
    }
    completions.flush();
  }
}
