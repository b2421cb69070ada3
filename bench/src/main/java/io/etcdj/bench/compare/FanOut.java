package io.etcdj.bench.compare;

import io.etcdj.bench.LoadResult;
import java.io.IOException;

/** One event to ten thousand watchers on a hundred connections. */
record FanOut(int streams, int connections, long events) implements Section {
  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    String workload = "one event to %d streams on %d connections".formatted(streams, connections);
    run.withBoth(
        clusters -> {
          run.inTurn(clusters, 1, cluster -> Throughput.warmUp(run, cluster));
          run.inTurn(clusters, run.rounds(), cluster -> measure(run, cluster, workload));
        });
  }

  private void measure(Run run, Cluster cluster, String workload)
      throws IOException, InterruptedException {
    long total = run.count(events);
    LoadResult result =
        run.load(
            cluster,
            "watch-fanout --streams %d --connections %d --total %d --warmup %d"
                .formatted(streams, connections, total, total / 2));
    run.add(cluster, workload, "events delivered/s", result.opsPerSecond());
    run.add(cluster, workload, "p50 ms to a watcher", result.main().millis(50));
    run.add(cluster, workload, "p99 ms to a watcher", result.main().millis(99));
    run.add(
        cluster,
        workload,
        "p50 ms to the last watcher",
        result.series("put sent to last watcher").millis(50));
    run.add(cluster, workload, "server CPU-s per 100k events", result.serverCpuPer100k());
    double mebibyte = 1 << 20;
    run.add(cluster, workload, "RSS MiB with all streams", result.serverRssBytes() / mebibyte);
    // Only a server that has not had the streams before grows: one round tells, more hide it.
    run.add(
        cluster,
        workload,
        "RSS MiB grown by",
        (result.serverRssBytes() - result.serverRssBeforeBytes()) / mebibyte);
  }
}
