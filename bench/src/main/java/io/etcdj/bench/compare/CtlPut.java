package io.etcdj.bench.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code etcdctl put} from process start to exit; each side's own against its own server. */
record CtlPut(int puts) implements Section {
  private static final int UNCOUNTED = 3;

  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    run.withBoth(
        clusters -> {
          run.inTurn(clusters, UNCOUNTED, CtlPut::put);
          run.inTurn(
              clusters,
              puts,
              cluster -> run.add(cluster, "etcdctl put", "ms, start to exit", put(cluster)));
        });
  }

  private static double put(Cluster cluster) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(cluster.subject().ctl());
    command.addAll(List.of("--endpoints", Run.join(cluster.endpoints()), "put", "key", "value"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("ETCDCTL_API", "3"); // the 3.4 series still asks for it
    long startNanos = System.nanoTime();
    int exit = builder.start().waitFor();
    double millis = (System.nanoTime() - startNanos) / 1e6;
    if (exit != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + exit);
    }
    return millis;
  }
}
