package io.etcdj.proof.chaos;

import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.history.WatchLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;

/** Clients, watchers and holders of leases at work on one cluster. */
final class Load {
  private static final long STOP_SECONDS = 30;

  /**
   * How much of it.
   *
   * @param clients that read and write
   * @param watchers each at another member, as far as there are enough
   * @param leaseHolders with a lease each
   * @param pauseMillis of a client between two calls, on average
   * @param resume where a watcher goes on, see {@link Watcher}
   */
  record Settings(
      int clients, int watchers, int leaseHolders, int pauseMillis, LongUnaryOperator resume) {
    static final Settings USUAL = new Settings(6, 4, 2, 15, LongUnaryOperator.identity());

    Settings withResume(LongUnaryOperator other) {
      return new Settings(clients, watchers, leaseHolders, pauseMillis, other);
    }
  }

  private final History history = new History();
  private final List<Client> clients = new ArrayList<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<LeaseHolder> leaseHolders = new ArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private final List<Thread> watching = new ArrayList<>();

  Load(Cluster cluster, Settings settings, long seed) {
    for (int i = 0; i < settings.clients(); i++) {
      clients.add(new Client(i, cluster, history, settings, seed));
    }
    for (int i = 0; i < settings.watchers(); i++) {
      watchers.add(new Watcher(i, cluster, i % 2 == 1, settings.resume(), seed));
    }
    for (int i = 0; i < settings.leaseHolders(); i++) {
      leaseHolders.add(new LeaseHolder(settings.clients() + i, cluster, history, seed));
    }
  }

  History history() {
    return history;
  }

  List<WatchLog> watchLogs() {
    return watchers.stream().map(Watcher::log).toList();
  }

  List<Watcher> watchers() {
    return watchers;
  }

  List<LeaseHolder> leaseHolders() {
    return leaseHolders;
  }

  void start() {
    watchers.forEach(watcher -> start(watcher, watching));
    Stream.concat(clients.stream(), leaseHolders.stream())
        .forEach(worker -> start(worker, workers));
  }

  private static void start(Runnable work, List<Thread> threads) {
    Thread thread = new Thread(work, "load");
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** Ends clients and holders of leases after their present call; watchers go on. */
  void stopWorking() throws InterruptedException {
    clients.forEach(Client::stop);
    leaseHolders.forEach(LeaseHolder::stop);
    join(workers);
  }

  void stopWatching() throws InterruptedException {
    watchers.forEach(Watcher::stop);
    join(watching);
  }

  private static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
      if (thread.isAlive()) {
        throw new AssertionError("a client does not stop");
      }
    }
  }
}
