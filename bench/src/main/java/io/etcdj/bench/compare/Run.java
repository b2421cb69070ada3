package io.etcdj.bench.compare;

import io.etcdj.bench.Load;
import io.etcdj.bench.LoadOptions;
import io.etcdj.bench.LoadResult;
import io.etcdj.bench.h2.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a section works with: the two subjects, how much to do, and the table.
 *
 * @param subjects etcd first
 * @param members of each cluster
 * @param rounds how often each subject has its turn
 * @param scale 1 for a real run; smaller makes every count smaller, for trying the tool
 */
record Run(
    List<Subject> subjects, Path directory, int members, int rounds, double scale, Table table) {

  /** Something measured on one subject in its turn. */
  @FunctionalInterface
  interface Turn {
    void on(Cluster cluster) throws IOException, InterruptedException;
  }

  long count(long whole) {
    return Math.max(Math.round(whole * scale), 10);
  }

  /** Starts a cluster of each subject, does something with them, and removes them. */
  void withBoth(Clusters use) throws IOException, InterruptedException {
    List<Cluster> clusters = new ArrayList<>();
    try {
      for (Subject subject : subjects) {
        clusters.add(Cluster.start(subject, directory, members));
      }
      use.on(clusters);
    } finally {
      for (Cluster cluster : clusters) {
        cluster.close();
      }
    }
  }

  /** Both clusters, up at the same time. */
  @FunctionalInterface
  interface Clusters {
    void on(List<Cluster> clusters) throws IOException, InterruptedException;
  }

  /** Gives each cluster its turn, so many times: A B A B A B. */
  void inTurn(List<Cluster> clusters, int rounds, Turn turn)
      throws IOException, InterruptedException {
    for (int round = 0; round < rounds; round++) {
      for (Cluster cluster : clusters) {
        turn.on(cluster);
      }
    }
  }

  /** For what takes a fresh cluster each time, or may not have the other one beside it. */
  void alone(Turn turn) throws IOException, InterruptedException {
    for (Subject subject : subjects) {
      try (Cluster cluster = Cluster.start(subject, directory, members)) {
        turn.on(cluster);
      }
    }
  }

  /** Runs the load tool; any failed operation fails the comparison. */
  LoadResult load(Cluster cluster, String commandLine) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(Arrays.asList(commandLine.split(" ", -1)));
    arguments.add("--endpoints=" + join(cluster.endpoints()));
    arguments.add("--pid=" + join(cluster.pids()));
    LoadResult result = Load.run(LoadOptions.parse(arguments));
    say(
        "%s: %s: %.0f ops/s"
            .formatted(cluster.subject().name(), commandLine, result.opsPerSecond()));
    if (result.errorCount() > 0) {
      throw new IOException(cluster.subject().name() + ": " + commandLine + ": " + result.errors());
    }
    return result;
  }

  static String join(List<?> values) {
    return values.stream().map(Object::toString).collect(Collectors.joining(","));
  }

  static Endpoint first(Cluster cluster) {
    return cluster.endpoints().get(0);
  }

  void add(Cluster cluster, String workload, String measure, double value) {
    table.add(workload, measure, cluster.subject().name(), value);
  }

  static void say(String line) {
    System.err.println(line);
  }
}
