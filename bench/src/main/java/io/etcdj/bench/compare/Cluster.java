package io.etcdj.bench.compare;

import io.etcdj.bench.ProcessUsage;
import io.etcdj.bench.h2.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The members of one subject on free ports of the loopback address, each with a fresh directory.
 */
final class Cluster implements AutoCloseable {
  private static final String QUOTA_BYTES = "8589934592"; // neither side is to stop for space

  /** What a member at rest takes of a processor in a second, at most. */
  private static final double REST_CPU_SECONDS = 0.05;

  private static final int MAX_REST_SECONDS = 20;

  private record Ports(int client, int peer) {}

  private final Subject subject;
  private final Path directory;
  private final List<Ports> ports;
  private final List<Server> servers = new ArrayList<>();

  private Cluster(Subject subject, Path directory, List<Ports> ports) {
    this.subject = subject;
    this.directory = directory;
    this.ports = ports;
  }

  static Cluster start(Subject subject, Path parent, int members)
      throws IOException, InterruptedException {
    Files.createDirectories(parent);
    Path directory = Files.createTempDirectory(parent, subject.name() + "-");
    Cluster cluster = new Cluster(subject, directory, freePorts(members));
    try {
      cluster.startServers();
      cluster.awaitReady();
      return cluster;
    } catch (IOException | InterruptedException e) {
      cluster.close();
      throw e;
    }
  }

  private void startServers() throws IOException {
    for (int i = 0; i < ports.size(); i++) {
      servers.add(Server.start(command(i), directory.resolve("m" + i + ".log")));
    }
  }

  private List<String> command(int i) {
    String all =
        IntStream.range(0, ports.size())
            .mapToObj(member -> "m" + member + "=" + url(ports.get(member).peer()))
            .collect(Collectors.joining(","));
    List<String> command = new ArrayList<>(subject.server());
    command.addAll(List.of("--name", "m" + i));
    command.addAll(List.of("--data-dir", directory.resolve("m" + i).toString()));
    command.addAll(List.of("--listen-client-urls", url(ports.get(i).client())));
    command.addAll(List.of("--advertise-client-urls", url(ports.get(i).client())));
    command.addAll(List.of("--listen-peer-urls", url(ports.get(i).peer())));
    command.addAll(List.of("--initial-advertise-peer-urls", url(ports.get(i).peer())));
    command.addAll(List.of("--initial-cluster", all));
    command.addAll(List.of("--quota-backend-bytes", QUOTA_BYTES));
    return command;
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  private static List<Ports> freePorts(int members) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      List<Ports> ports = new ArrayList<>();
      for (int i = 0; i < members; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        ports.add(new Ports(held.get(2 * i).getLocalPort(), held.get(2 * i + 1).getLocalPort()));
      }
      return ports;
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  /** Waits for all members; returns the seconds that the slowest took. */
  double awaitReady() throws IOException, InterruptedException {
    double seconds = 0;
    for (Server server : servers) {
      seconds = Math.max(seconds, server.awaitReady());
    }
    return seconds;
  }

  /**
   * Waits until the members do next to nothing by themselves: a compiler or a collector that is
   * still at work for the load before would count for the next one. Goes on after a while anyway.
   */
  void awaitRest() throws IOException, InterruptedException {
    double before = ProcessUsage.of(pids()).cpuSeconds();
    for (int look = 0; look < MAX_REST_SECONDS; look++) {
      TimeUnit.SECONDS.sleep(1);
      double now = ProcessUsage.of(pids()).cpuSeconds();
      if (now - before < REST_CPU_SECONDS * ports.size()) {
        return;
      }
      before = now;
    }
  }

  /** Stops all members and starts them on the same data, without waiting for them. */
  void restart() throws IOException {
    stop();
    startServers();
  }

  Subject subject() {
    return subject;
  }

  List<Endpoint> endpoints() {
    return ports.stream().map(port -> new Endpoint("127.0.0.1", port.client())).toList();
  }

  List<Long> pids() {
    return servers.stream().map(Server::pid).toList();
  }

  double secondsSinceStart() {
    return servers.get(0).secondsSinceStart();
  }

  /** Resident memory of all members in MiB. */
  double rssMebibytes() throws IOException {
    return ProcessUsage.of(pids()).rssBytes() / (double) (1 << 20);
  }

  private void stop() {
    servers.forEach(Server::close);
    servers.clear();
  }

  /** Stops the members and removes their directories. */
  @Override
  public void close() throws IOException {
    stop();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
