package io.etcdj.proof.chaos;

import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveRequest;
import io.etcdj.api.etcdserverpb.LeaseKeepAliveResponse;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Member;
import io.etcdj.proof.history.Call;
import io.etcdj.proof.history.WatchLog;
import io.etcdj.proof.history.WatchLog.Item;
import io.grpc.CallOptions;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Takes a lease, hangs a key on it, keeps it alive for a while, lets go, and so on.
 *
 * <p>A lease that was granted or kept alive lasts at least its TTL from when that was asked for:
 * whoever sees its key vanish earlier has seen it expire too early, whatever member was asked.
 */
final class LeaseHolder implements Runnable {
  static final int TTL_SECONDS = 3;
  static final String PREFIX = "lease/";

  private static final Duration DEADLINE = Duration.ofSeconds(1);
  private static final long PAUSE_MILLIS = 400;

  /** Clocks of server and client are the same, but it tells whole milliseconds. */
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final int number;
  private final Cluster cluster;
  private final History history;
  private final Random random;

  /** Until when each key must be there. */
  private final Map<String, Long> dueNanos = new HashMap<>();

  private final List<String> findings = new ArrayList<>();
  private int kept;
  private volatile boolean stopped;

  LeaseHolder(int number, Cluster cluster, History history, long seed) {
    this.number = number;
    this.cluster = cluster;
    this.history = history;
    this.random = new Random(seed * 1_000 + number);
  }

  void stop() {
    stopped = true;
  }

  synchronized int leases() {
    return dueNanos.size();
  }

  /** How many times a lease was kept alive. */
  synchronized int kept() {
    return kept;
  }

  @Override
  public void run() {
    try (Caller caller = new Caller(number, history, false)) {
      for (int i = 0; !stopped; i++) {
        hold(caller, PREFIX + number + "-" + i);
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Member pick() {
    List<Member> members = cluster.members();
    return members.get(random.nextInt(members.size()));
  }

  private void hold(Caller caller, String key) throws InterruptedException {
    long askedNanos = System.nanoTime();
    long id;
    try {
      LeaseGrantResponse granted =
          caller
              .connection(pick())
              .call(
                  GrpcClient.GRANT,
                  LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build(),
                  DEADLINE);
      id = granted.getID();
    } catch (StatusRuntimeException failure) {
      return; // perhaps there is a lease, but without a key
    }
    if (caller.make(pick(), key, new Call.Put("of " + key), id, false, DEADLINE) == null) {
      return;
    }
    note(key, askedNanos);
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(8_000));
    while (!stopped && System.nanoTime() < untilNanos) {
      Thread.sleep(PAUSE_MILLIS);
      long sentNanos = System.nanoTime();
      OptionalLong ttl = keepAlive(caller.connection(pick()), id);
      if (ttl.isEmpty()) {
        continue; // nobody knows
      }
      if (ttl.getAsLong() > 0) {
        note(key, sentNanos);
      } else {
        complainIfEarly(key, System.nanoTime(), "a member said that it was gone");
        return;
      }
    }
  }

  private synchronized void note(String key, long askedNanos) {
    dueNanos.merge(key, askedNanos + TimeUnit.SECONDS.toNanos(TTL_SECONDS), Math::max);
    kept++;
  }

  private synchronized void complainIfEarly(String key, long atNanos, String what) {
    Long due = dueNanos.get(key);
    long early = due == null ? 0 : due - GRACE_NANOS - atNanos;
    if (early > 0) {
      findings.add(
          String.format(
              "the lease of %s was kept alive, but %d ms early %s", key, early / 1_000_000, what));
    }
  }

  private static OptionalLong keepAlive(GrpcClient client, long id) throws InterruptedException {
    CompletableFuture<Long> ttl = new CompletableFuture<>();
    StreamObserver<LeaseKeepAliveRequest> requests =
        ClientCalls.asyncBidiStreamingCall(
            client
                .channel()
                .newCall(
                    GrpcClient.KEEP_ALIVE,
                    CallOptions.DEFAULT.withDeadlineAfter(
                        DEADLINE.toMillis(), TimeUnit.MILLISECONDS)),
            new StreamObserver<>() {
              @Override
              public void onNext(LeaseKeepAliveResponse response) {
                ttl.complete(response.getTTL());
              }

              @Override
              public void onError(Throwable failure) {
                ttl.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                ttl.completeExceptionally(new IllegalStateException("no answer"));
              }
            });
    try {
      requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
      requests.onCompleted();
      return OptionalLong.of(ttl.get(2 * DEADLINE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException | IllegalStateException failure) {
      return OptionalLong.empty();
    }
  }

  /** Keys that vanished before they were allowed to, by what watchers saw and when. */
  synchronized List<String> findings(Collection<WatchLog> logs) {
    for (WatchLog log : logs) {
      for (Item item : log.items()) {
        if (item instanceof Item.Told told) {
          told.events().stream()
              .filter(event -> event.value() == null && dueNanos.containsKey(event.key()))
              .forEach(
                  event ->
                      complainIfEarly(event.key(), told.atNanos(), log.name() + " saw " + event));
        }
      }
    }
    return List.copyOf(findings);
  }
}
