package io.etcdj.state.lease;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.EtcdError;
import io.etcdj.api.leasepb.Lease;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The leases every member agrees on, and the keys attached to each.
 *
 * <p>Changed by the apply thread only, within the backend's {@code begin} and {@code end}; asked by
 * any thread. Knows TTLs, never the time.
 *
 * <pre>
 *   grant(7, 60)    7: {}
 *   attach(7, "a")  7: {a}
 *   revoke(7)       returns {a}, for the caller to delete
 * </pre>
 */
public final class Leases {
  /** Longest TTL that is granted: about 285 years. */
  public static final long MAX_TTL_SECONDS = 9_000_000_000L;

  private final Backend backend;
  private final long minTtlSeconds;
  private final Observer observer;
  private final Map<Long, Held> leases = new HashMap<>();
  private final Map<ByteString, Long> leaseOfKey = new HashMap<>();

  /** A lease as it is now. */
  public record Terms(long id, long ttlSeconds, long remainingTtlSeconds) {}

  /** Told, by the apply thread, what the keeper of deadlines must know. */
  public interface Observer {
    void granted(Terms terms);

    void revoked(long id);

    /** What a lease has left is on record; 0 when its whole time is. */
    default void checkpointed(long id, long remainingTtlSeconds) {}

    /** All leases were replaced, as by an installed snapshot. */
    void reloaded(List<Terms> all);
  }

  private static final class Held {
    private final long ttlSeconds;
    private long remainingTtlSeconds;
    private final Set<ByteString> keys = new HashSet<>();

    Held(long ttlSeconds, long remainingTtlSeconds) {
      this.ttlSeconds = ttlSeconds;
      this.remainingTtlSeconds = remainingTtlSeconds;
    }
  }

  /**
   * Loads the leases of the backend; which keys they hold is told by {@link #attach}.
   *
   * @param minTtlSeconds shorter TTLs are raised to this
   */
  public Leases(Backend backend, long minTtlSeconds, Observer observer) {
    this.backend = backend;
    this.minTtlSeconds = minTtlSeconds;
    this.observer = observer;
    reload();
  }

  /** Starts over from what the backend holds now; the keys must be attached again after it. */
  public synchronized void reload() {
    leases.clear();
    leaseOfKey.clear();
    try (Backend.TableView tables = backend.openTables()) {
      tables.scan(Table.LEASE, (key, value) -> load(value));
    }
    observer.reloaded(list());
  }

  private void load(byte[] value) {
    try {
      Lease stored = Lease.parseFrom(value);
      long ttlSeconds = Math.max(stored.getTTL(), minTtlSeconds);
      leases.put(stored.getID(), new Held(ttlSeconds, stored.getRemainingTTL()));
    } catch (InvalidProtocolBufferException e) {
      throw new BackendCorruptException("backend table lease: a row is no lease");
    }
  }

  /** Grants a lease; returns its TTL, raised to the minimum. */
  public synchronized long grant(long id, long ttlSeconds) {
    if (id == 0) {
      throw EtcdError.LEASE_NOT_FOUND.because("a lease needs an id");
    }
    if (ttlSeconds > MAX_TTL_SECONDS) {
      throw EtcdError.LEASE_TTL_TOO_LARGE.because("ttl " + ttlSeconds + " s");
    }
    if (leases.containsKey(id)) {
      throw EtcdError.LEASE_EXIST.because("lease " + Long.toHexString(id));
    }
    Held lease = new Held(Math.max(ttlSeconds, minTtlSeconds), 0);
    leases.put(id, lease);
    store(id, lease);
    observer.granted(new Terms(id, lease.ttlSeconds, 0));
    return lease.ttlSeconds;
  }

  /** Ends a lease and returns its keys in order, for the caller to delete. */
  public synchronized List<ByteString> revoke(long id) {
    Held lease = held(id);
    leases.remove(id);
    lease.keys.forEach(leaseOfKey::remove);
    backend.delete(Table.LEASE, rowKey(id));
    observer.revoked(id);
    List<ByteString> keys = new ArrayList<>(lease.keys);
    keys.sort(ByteString.unsignedLexicographicalComparator());
    return keys;
  }

  /** Notes how long a lease still had when the leader looked. */
  public synchronized void checkpoint(long id, long remainingTtlSeconds, boolean persist) {
    Held lease = held(id);
    lease.remainingTtlSeconds = remainingTtlSeconds;
    if (persist) {
      store(id, lease);
    }
    observer.checkpointed(id, remainingTtlSeconds);
  }

  /** Binds a key to a lease, and so frees it from its former one. */
  public synchronized void attach(long id, ByteString key) {
    Held lease = held(id);
    detach(key);
    lease.keys.add(key);
    leaseOfKey.put(key, id);
  }

  /** Frees a key from its lease if it has one. */
  public synchronized void detach(ByteString key) {
    if (leaseOfKey.isEmpty()) {
      return;
    }
    Long id = leaseOfKey.remove(key);
    if (id != null) {
      Held lease = leases.get(id);
      if (lease != null) {
        lease.keys.remove(key);
      }
    }
  }

  public synchronized boolean exists(long id) {
    return leases.containsKey(id);
  }

  /** The lease that a key is bound to, or 0. */
  public synchronized long leaseOf(ByteString key) {
    Long id = leaseOfKey.get(key);
    return id == null ? 0 : id;
  }

  public synchronized @Nullable Terms terms(long id) {
    Held lease = leases.get(id);
    return lease == null ? null : new Terms(id, lease.ttlSeconds, lease.remainingTtlSeconds);
  }

  /** The keys bound to a lease, in no order; empty for an unknown one. */
  public synchronized List<ByteString> keys(long id) {
    Held lease = leases.get(id);
    return lease == null ? List.of() : List.copyOf(lease.keys);
  }

  public synchronized List<Terms> list() {
    List<Terms> all = new ArrayList<>(leases.size());
    leases.forEach(
        (id, lease) -> all.add(new Terms(id, lease.ttlSeconds, lease.remainingTtlSeconds)));
    return all;
  }

  private Held held(long id) {
    Held lease = leases.get(id);
    if (lease == null) {
      throw EtcdError.LEASE_NOT_FOUND.because("lease " + Long.toHexString(id));
    }
    return lease;
  }

  private void store(long id, Held lease) {
    backend.put(
        Table.LEASE,
        rowKey(id),
        Lease.newBuilder()
            .setID(id)
            .setTTL(lease.ttlSeconds)
            .setRemainingTTL(lease.remainingTtlSeconds)
            .build()
            .toByteArray());
  }

  private static byte[] rowKey(long id) {
    return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
  }
}
