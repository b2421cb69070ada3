package io.etcdj.bench.compare;

import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.bench.LoadResult;
import io.etcdj.bench.Series;
import io.etcdj.bench.h2.Endpoint;
import io.etcdj.bench.h2.Method;
import io.etcdj.bench.h2.Transport;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * What writers notice of a member that comes back and needs the whole database: it was away for so
 * many writes that the log no longer reaches back.
 *
 * @param writes while it is away
 * @param ratePerSecond of the writers whose delays are looked at
 */
record MemberReturn(long writes, int valueSizeBytes, long ratePerSecond) implements Section {
  private static final int MIN_MEMBERS = 3;
  private static final int GIVE_UP_SECONDS = 300;

  /** Seldom enough that the questions do not show in the delays of the writers. */
  private static final int POLL_MILLIS = 500;

  private static final int CALL_SECONDS = 10;

  /**
   * More than the log of either keeps, wherever it begins: etcd 3.4 takes a snapshot after every
   * 100,000 entries and keeps 5,000 before it.
   */
  private static final long BEYOND_THE_LOG = 220_000;

  private static final long CHUNK_OF_PUTS = 20_000;
  private static final long CHUNK_SECONDS = 2;

  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    if (run.members() < MIN_MEMBERS) {
      Run.say("left out: it takes --members " + MIN_MEMBERS);
      return;
    }
    run.alone(
        cluster -> {
          Throughput.warmUp(run, cluster);
          run.add(
              cluster,
              returning(run),
              "puts/s of all members",
              puts(run, cluster, 3 * CHUNK_OF_PUTS).opsPerSecond());
          cluster.killLast();
          var unused = puts(run, cluster, run.count(writes));
          underFullLoad(run, cluster);
          cluster.pauseLast(); // starting a process would take from the cores that all share
          var unusedToo = puts(run, cluster, BEYOND_THE_LOG);
          atASteadyRate(run, cluster);
        });
  }

  private String returning(Run run) {
    return "member back after %d writes".formatted(run.count(writes));
  }

  private void underFullLoad(Run run, Cluster cluster) throws IOException, InterruptedException {
    String workload = returning(run);
    double before = puts(run, cluster, 3 * CHUNK_OF_PUTS).opsPerSecond();
    CompletableFuture<Double> back = level(Run.first(cluster), cluster.startLast());
    long done = 0;
    double seconds = 0; // without the time that a new load takes to connect
    do {
      done += CHUNK_OF_PUTS;
      seconds += CHUNK_OF_PUTS / puts(run, cluster, CHUNK_OF_PUTS).opsPerSecond();
    } while (!back.isDone());
    double meanwhile = done / seconds;
    run.add(cluster, workload, "puts/s while it is away", before);
    run.add(cluster, workload, "puts/s until it has caught up", meanwhile);
    run.add(cluster, workload, "s to catch up", back.join());
    double after = puts(run, cluster, 3 * CHUNK_OF_PUTS).opsPerSecond();
    run.add(cluster, workload, "puts/s once it has caught up", after);
  }

  private void atASteadyRate(Run run, Cluster cluster) throws IOException, InterruptedException {
    String workload =
        "put at %d/s, a snapshot of %d MB under way"
            .formatted(ratePerSecond, run.count(writes) * valueSizeBytes / 1_000_000);
    LoadResult before = steadyPuts(run, cluster, 5 * CHUNK_SECONDS);
    run.add(cluster, workload, "p99 ms, before", before.main().millis(99));
    CompletableFuture<Double> back = level(Run.first(cluster), cluster.resumeLast());
    Series whole = new Series("until it has caught up");
    double worst = 0;
    do {
      Series chunk = steadyPuts(run, cluster, CHUNK_SECONDS).main();
      whole.nanos().add(chunk.nanos());
      worst = Math.max(worst, chunk.millis(99));
    } while (!back.isDone());
    run.add(cluster, workload, "p99 ms until it has caught up", whole.millis(99));
    run.add(cluster, workload, "p99 ms, the worst 2 s of that", worst);
    run.add(cluster, workload, "s to catch up", back.join());
  }

  private LoadResult puts(Run run, Cluster cluster, long total)
      throws IOException, InterruptedException {
    return run.load(
        cluster,
        "put --clients 256 --connections 16 --sequential-keys --key-space %d --value-size %d --total %d"
            .formatted(run.count(writes), valueSizeBytes, total));
  }

  private LoadResult steadyPuts(Run run, Cluster cluster, long seconds)
      throws IOException, InterruptedException {
    return run.load(
        cluster,
        "put --clients 1000 --connections 16 --value-size %d --rate %d --total %d"
            .formatted(valueSizeBytes, ratePerSecond, ratePerSecond * seconds));
  }

  /** Completes with the seconds until a member is level with the leader. */
  private static CompletableFuture<Double> level(Endpoint leader, Endpoint back) {
    long startNanos = System.nanoTime();
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            awaitLevel(leader, back);
            return (System.nanoTime() - startNanos) / 1e9;
          } catch (IOException e) {
            throw new CompletionException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
          }
        });
  }

  private static void awaitLevel(Endpoint leader, Endpoint back)
      throws IOException, InterruptedException {
    long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(GIVE_UP_SECONDS);
    try (Transport transport = new Transport(1)) {
      while (true) {
        long goal = appliedIndex(transport, leader);
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        try {
          if (appliedIndex(transport, back) >= goal) {
            return;
          }
        } catch (IOException notUpYet) {
          if (System.nanoTime() > giveUpNanos) {
            throw notUpYet;
          }
        }
        if (System.nanoTime() > giveUpNanos) {
          throw new IOException("not caught up within " + GIVE_UP_SECONDS + " s");
        }
      }
    }
  }

  private static long appliedIndex(Transport transport, Endpoint endpoint)
      throws IOException, InterruptedException {
    return StatusResponse.parseFrom(
            transport.call(endpoint, Method.STATUS, new byte[0], CALL_SECONDS))
        .getRaftAppliedIndex();
  }
}
