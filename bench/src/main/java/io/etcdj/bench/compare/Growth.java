package io.etcdj.bench.compare;

import java.io.IOException;

/** Resident memory: fresh, warm, and while the same keys are written again and again. */
record Growth(int steps, long putsPerStep) implements Section {
  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    String workload = "RSS MiB while 10,000 keys are overwritten";
    run.alone(
        cluster -> {
          run.add(cluster, workload, "fresh", cluster.rssMebibytes());
          for (int step = 1; step <= steps; step++) {
            var unused =
                run.load(
                    cluster, "put --clients 64 --connections 16 --total " + run.count(putsPerStep));
            long puts = step * run.count(putsPerStep);
            run.add(cluster, workload, "after " + puts + " puts", cluster.rssMebibytes());
          }
        });
  }
}
