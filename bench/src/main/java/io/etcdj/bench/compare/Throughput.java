package io.etcdj.bench.compare;

import io.etcdj.bench.LoadResult;
import java.io.IOException;
import java.util.List;

/**
 * One kind of request at several numbers of clients, on warm servers.
 *
 * <p>Both clusters stay up; the one that is not being measured only ticks.
 *
 * @param mode of the load tool, with options if it needs some
 */
record Throughput(String mode, List<Shape> shapes) implements Section {
  private static final int WARM_UP = 60_000;

  /** How a load is spread, and how long a run of it is. */
  record Shape(int clients, int connections, long total) {
    String workload(String mode) {
      return "%s, %d clients on %d connections".formatted(mode, clients, connections);
    }
  }

  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    run.withBoth(
        clusters -> {
          run.inTurn(clusters, 1, cluster -> warmUp(run, cluster));
          for (Shape shape : shapes) {
            // Other numbers of clients take other ways through the code: each has its own warm-up.
            long warmUp = Math.max(WARM_UP, shape.total());
            run.inTurn(clusters, 1, cluster -> load(run, cluster, shape, warmUp));
            run.inTurn(clusters, 1, Cluster::awaitRest);
            run.inTurn(clusters, run.rounds(), cluster -> measure(run, cluster, shape));
          }
        });
  }

  static void warmUp(Run run, Cluster cluster) throws IOException, InterruptedException {
    String load = " --clients 64 --connections 16 --total " + run.count(WARM_UP);
    var puts = run.load(cluster, "put --sequential-keys" + load);
    var ranges = run.load(cluster, "range --sequential-keys" + load);
    Run.say("warm: " + (puts.operations() + ranges.operations()) + " requests");
  }

  private LoadResult load(Run run, Cluster cluster, Shape shape, long requests)
      throws IOException, InterruptedException {
    long total = run.count(requests);
    return run.load(
        cluster,
        "%s --clients %d --connections %d --total %d --warmup %d"
            .formatted(mode, shape.clients(), shape.connections(), total, total / 10));
  }

  private void measure(Run run, Cluster cluster, Shape shape)
      throws IOException, InterruptedException {
    LoadResult result = load(run, cluster, shape, shape.total());
    String workload = shape.workload(mode);
    run.add(cluster, workload, "ops/s", result.opsPerSecond());
    run.add(cluster, workload, "p50 ms", result.main().millis(50));
    run.add(cluster, workload, "p99 ms", result.main().millis(99));
    run.add(cluster, workload, "p99.9 ms", result.main().millis(99.9));
    run.add(cluster, workload, "server CPU-s per 100k", result.serverCpuPer100k());
  }
}
