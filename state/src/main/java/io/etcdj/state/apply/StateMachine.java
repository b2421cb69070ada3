package io.etcdj.state.apply;

import com.google.protobuf.ByteString;
import io.etcdj.state.alarm.Alarms;
import io.etcdj.state.lease.Leases;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.v2.V2Store;
import io.etcdj.storage.backend.Backend;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * All that the log changes, over one backend.
 *
 * <p>Its parts say which thread may do what; {@link #reload} is for the apply thread, after the
 * backend got other rows.
 */
public final class StateMachine {
  private final Backend backend;
  private final Leases leases;
  private final MvccStore store;
  private final Alarms alarms;
  private final Membership membership;
  private final V2Store v2;
  private final Quota quota;

  /**
   * What is local to a member: none of it changes what the members agree on.
   *
   * @param minLeaseTtlSeconds shorter leases are made so long
   * @param maxLearners learners beyond this are refused
   * @param quotaBytes space quota, 0 for the default, negative for none
   */
  public record Options(long minLeaseTtlSeconds, int maxLearners, long quotaBytes) {}

  /**
   * Loads what the backend holds.
   *
   * @param readAhead reads rows while others are put into the index; null for one after the other
   */
  public StateMachine(
      Backend backend, Options options, Leases.Observer observer, @Nullable Executor readAhead) {
    this.backend = backend;
    this.leases = new Leases(backend, options.minLeaseTtlSeconds(), observer);
    this.store = new MvccStore(backend, this::attach, readAhead);
    this.alarms = new Alarms(backend);
    this.membership = new Membership(backend, options.maxLearners());
    this.v2 = new V2Store(backend);
    this.quota =
        new Quota(backend, options.quotaBytes() == 0 ? Quota.DEFAULT_BYTES : options.quotaBytes());
  }

  private void attach(ByteString key, long lease) {
    if (leases.exists(lease)) {
      leases.attach(lease, key);
    }
  }

  /** Starts over from what the backend holds now, as after an installed snapshot. */
  public void reload() {
    leases.reload();
    store.reload(this::attach);
    alarms.reload();
    membership.reload();
    v2.reload();
  }

  public Backend backend() {
    return backend;
  }

  public Leases leases() {
    return leases;
  }

  public MvccStore store() {
    return store;
  }

  public Alarms alarms() {
    return alarms;
  }

  public Membership membership() {
    return membership;
  }

  public V2Store v2() {
    return v2;
  }

  public Quota quota() {
    return quota;
  }
}
