package io.etcdj.bench.compare;

import java.io.IOException;

/** From process start to {@code ready to serve client requests}, each time in a new directory. */
record StartUp(int starts) implements Section {
  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    for (int i = 0; i < starts; i++) {
      run.alone(
          cluster ->
              run.add(
                  cluster,
                  "start with an empty directory",
                  "ms to ready",
                  cluster.awaitReady() * 1000));
    }
  }
}
