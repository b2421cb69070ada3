package io.etcdj.server.propose;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.Request;
import io.etcdj.api.etcdserverpb.RequestHeader;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.apply.Commands;
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

  /** Which error a request gets that was made at {@code startNanos} and not answered in time. */
  @FunctionalInterface
  public interface Cause {
    EtcdException of(long startNanos);
  }

  private record Pending(Waiter waiter, long startNanos) {}

  private final RequestIds ids;
  private final Consumer<Entry> member;
  private final Consumer<Entry> leader;
  private final int maxRequestBytes;
  private final long timeoutNanos;
  private final LongSupplier applyLag;
  private final Cause cause;
  private final LongSupplier clock;
  private final ConcurrentHashMap<Long, Pending> pending = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  /**
   * @param member takes entries to the member loop
   * @param leader takes them there only for a member that leads
   * @param timeoutMillis how long a waiter waits: 5 s and two election timeouts in etcd
   * @param applyLag entries committed but not applied
   * @param cause says why a request may have got no answer in time
   */
  public Proposals(
      RequestIds ids,
      Consumer<Entry> member,
      Consumer<Entry> leader,
      int maxRequestBytes,
      long timeoutMillis,
      LongSupplier applyLag,
      Cause cause) {
    this(ids, member, leader, maxRequestBytes, timeoutMillis, applyLag, cause, System::nanoTime);
  }

  /**
   * @param clock as {@link System#nanoTime}
   */
  public Proposals(
      RequestIds ids,
      Consumer<Entry> member,
      Consumer<Entry> leader,
      int maxRequestBytes,
      long timeoutMillis,
      LongSupplier applyLag,
      Cause cause,
      LongSupplier clock) {
    this.ids = ids;
    this.member = member;
    this.leader = leader;
    this.maxRequestBytes = maxRequestBytes;
    this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    this.applyLag = applyLag;
    this.cause = cause;
    this.clock = clock;
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
    InternalRaftRequest named = admit(request);
    send(named.getHeader().getID(), EntryType.EntryNormal, named.toByteString(), waiter);
  }

  /** As {@link #propose}, for members of etcd 3.4; see {@link Commands#inOldForm}. */
  public void proposeInOldForm(InternalRaftRequest.Builder request, Waiter waiter) {
    InternalRaftRequest named = admit(request);
    send(named.getHeader().getID(), EntryType.EntryNormal, Commands.inOldForm(named), waiter);
  }

  /**
   * Proposes a request of the v2 API; its id is set here.
   *
   * @throws EtcdException when it is refused at once
   */
  public void proposeV2(Request.Builder request, Waiter waiter) {
    checkLoad();
    Request named = request.setID(ids.next()).build();
    checkSize(named.getSerializedSize());
    send(named.getID(), EntryType.EntryNormal, named.toByteString(), waiter);
  }

  /** As {@link #proposeAsLeader}, of the v2 API. */
  public void proposeV2AsLeader(Request.Builder request) {
    if (!stopped) {
      leader.accept(entry(EntryType.EntryNormal, request.setID(ids.next()).build().toByteString()));
    }
  }

  /**
   * Proposes what only a leader may say, and nobody waits for. It is dropped if this member does
   * not lead when its turn comes: passed on, it would have another leader say it, which may know
   * better.
   */
  public void proposeAsLeader(InternalRaftRequest.Builder request) {
    if (!stopped) {
      request.setHeader(RequestHeader.newBuilder().setID(ids.next()));
      leader.accept(entry(EntryType.EntryNormal, request.build().toByteString()));
    }
  }

  private InternalRaftRequest admit(InternalRaftRequest.Builder request) {
    checkLoad();
    request.setHeader(RequestHeader.newBuilder().setID(ids.next()));
    InternalRaftRequest built = request.build();
    checkSize(built.getSerializedSize());
    return built;
  }

  private void checkLoad() {
    if (stopped) {
      throw EtcdError.STOPPED.exception();
    }
    if (applyLag.getAsLong() > MAX_APPLY_LAG) {
      throw EtcdError.REQUEST_TOO_MANY_REQUESTS.exception();
    }
  }

  private void checkSize(int bytes) {
    if (bytes > maxRequestBytes) {
      throw EtcdError.REQUEST_TOO_LARGE.because(bytes + " bytes");
    }
  }

  /**
   * Proposes a change of the configuration; its id is set here. One that comes while another is not
   * applied is lost and times out.
   *
   * @throws EtcdException when it is refused at once
   */
  public void proposeChange(ConfChange.Builder change, Waiter waiter) {
    if (stopped) {
      throw EtcdError.STOPPED.exception();
    }
    long id = ids.next();
    send(id, EntryType.EntryConfChange, change.setId(id).build().toByteString(), waiter);
  }

  private void send(long id, EntryType type, ByteString data, Waiter waiter) {
    pending.put(id, new Pending(waiter, clock.getAsLong()));
    member.accept(entry(type, data));
    if (stopped) {
      fail(id, EtcdError.STOPPED.exception());
    }
  }

  private static Entry entry(EntryType type, ByteString data) {
    return Entry.newBuilder().setType(type).setData(data).build();
  }

  /** The waiter for a request of this id, which then waits no more; null if nobody does. */
  public @Nullable Waiter take(long id) {
    Pending found = pending.remove(id);
    return found == null ? null : found.waiter();
  }

  /** Ends the waits that have lasted too long; called every tick or so. */
  public void expire() {
    if (pending.isEmpty()) {
      return;
    }
    long now = clock.getAsLong();
    pending.forEach(
        (id, waiting) -> {
          if (now - waiting.startNanos() > timeoutNanos) {
            fail(id, cause.of(waiting.startNanos()));
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
