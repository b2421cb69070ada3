package io.etcdj.server.propose;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.RequestHeader;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.state.apply.Applied;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests through the log and keeps who waits for them.
 *
 * <p>Any thread may propose; the apply thread {@link #take}s the waiters.
 */
public final class Proposals {
  /** Entries that may be committed but not applied before new requests are turned away. */
  private static final long MAX_APPLY_LAG = 5_000;

  /** Gets the result of a proposal once, on the apply thread or on the one that times it out. */
  @FunctionalInterface
  public interface Waiter {
    /** Takes the result; {@code completions} is for answers to calls and flushed soon after. */
    void done(Applied applied, Completions completions);
  }

  private record Pending(Waiter waiter, long startNanos) {}

  private final RequestIds ids;
  private final Consumer<ByteString> member;
  private final int maxRequestBytes;
  private final long timeoutNanos;
  private final LongSupplier applyLag;
  private final ConcurrentHashMap<Long, Pending> pending = new ConcurrentHashMap<>();
  private volatile boolean stopped;
  private volatile long lostLeaderNanos;

  /**
   * @param member takes commands to the member loop
   * @param timeoutMillis how long a waiter waits: 5 s and two election timeouts in etcd
   * @param applyLag entries committed but not applied
   */
  public Proposals(
      RequestIds ids,
      Consumer<ByteString> member,
      int maxRequestBytes,
      long timeoutMillis,
      LongSupplier applyLag) {
    this.ids = ids;
    this.member = member;
    this.maxRequestBytes = maxRequestBytes;
    this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    this.applyLag = applyLag;
    this.lostLeaderNanos = System.nanoTime() - timeoutNanos;
  }

  public RequestIds ids() {
    return ids;
  }

  /** Requests that wait for their result. */
  public int pending() {
    return pending.size();
  }

  /**
   * Proposes a request; its header is set here.
   *
   * @throws EtcdException when it is refused at once
   */
  public void propose(InternalRaftRequest.Builder request, Waiter waiter) {
    if (stopped) {
      throw EtcdError.STOPPED.exception();
    }
    if (applyLag.getAsLong() > MAX_APPLY_LAG) {
      throw EtcdError.REQUEST_TOO_MANY_REQUESTS.exception();
    }
    long id = ids.next();
    request.setHeader(RequestHeader.newBuilder().setID(id));
    InternalRaftRequest built = request.build();
    if (built.getSerializedSize() > maxRequestBytes) {
      throw EtcdError.REQUEST_TOO_LARGE.because(built.getSerializedSize() + " bytes");
    }
    pending.put(id, new Pending(waiter, System.nanoTime()));
    member.accept(built.toByteString());
    if (stopped) {
      fail(id, EtcdError.STOPPED.exception());
    }
  }

  /** The waiter for a request of this id, which then waits no more; null if nobody does. */
  public @Nullable Waiter take(long id) {
    Pending found = pending.remove(id);
    return found == null ? null : found.waiter();
  }

  /** Notes that the leader was lost, which tells later timeouts apart. */
  public void leaderLost() {
    lostLeaderNanos = System.nanoTime();
  }

  /** Ends the waits that have lasted too long; called every tick or so. */
  public void expire() {
    if (pending.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    pending.forEach(
        (id, waiting) -> {
          if (now - waiting.startNanos() > timeoutNanos) {
            boolean leaderLost = lostLeaderNanos - waiting.startNanos() > -timeoutNanos / 3;
            fail(
                id,
                (leaderLost ? EtcdError.TIMEOUT_DUE_TO_LEADER_FAIL : EtcdError.TIMEOUT)
                    .exception());
          }
        });
  }

  /** Refuses everything from now on, also what waits. */
  public void stop() {
    stopped = true;
    pending.keySet().forEach(id -> fail(id, EtcdError.STOPPED.exception()));
  }

  private void fail(long id, EtcdException reason) {
    Waiter waiter = take(id);
    if (waiter != null) {
      Completions completions = new Completions();
      waiter.done(Applied.refused(reason), completions);
      completions.flush();
    }
  }
}
