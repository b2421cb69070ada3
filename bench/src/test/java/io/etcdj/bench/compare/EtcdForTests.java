package io.etcdj.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Go's etcd as packaged by Debian, one member in a directory of the test's. */
public final class EtcdForTests implements AutoCloseable {
  public static final Path PATH = Path.of("/usr/bin/etcd");

  private final Cluster cluster;

  private EtcdForTests(Cluster cluster) {
    this.cluster = cluster;
  }

  public static boolean isInstalled() {
    return Files.isExecutable(PATH);
  }

  public static EtcdForTests start(Path directory) throws IOException, InterruptedException {
    Subject subject = new Subject("etcd", List.of(PATH.toString()), List.of());
    return new EtcdForTests(Cluster.start(subject, directory, 1));
  }

  /** The options that aim the load tool at it. */
  public List<String> options() {
    return List.of(
        "--endpoints=" + Run.join(cluster.endpoints()), "--pid=" + Run.join(cluster.pids()));
  }

  @Override
  public void close() throws IOException {
    cluster.close();
  }
}
