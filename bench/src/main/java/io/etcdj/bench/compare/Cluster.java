package io.etcdj.bench.compare;

import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.bench.ProcessUsage;
import io.etcdj.bench.h2.Endpoint;
import io.etcdj.bench.h2.Method;
import io.etcdj.bench.h2.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The members of one subject on free ports of the loopback address, each with a fresh directory.
 */
final class Cluster implements AutoCloseable {
  private static final String QUOTA_BYTES = "8589934592"; // neither side is to stop for space

  /** What a member at rest takes of a processor in a second, at most. */
  private static final double REST_CPU_SECONDS = 0.05;

  private static final int MAX_REST_SECONDS = 20;
  private static final int FIRST_PORT = 20_000;
  private static final int LAST_PORT = 32_000;

  /** A member's name, which its data directory has too, and where it listens. */
  private record Place(String name, int client, int peer) {}

  private final Subject subject;
  private final Path directory;
  private final List<Place> places;
  private final List<Server> servers = new ArrayList<>();
  private int endpoints;

  private Cluster(Subject subject, Path directory, List<Place> places) {
    this.subject = subject;
    this.directory = directory;
    this.places = places;
    this.endpoints = places.size();
  }

  static Cluster start(Subject subject, Path parent, int members)
      throws IOException, InterruptedException {
    Files.createDirectories(parent);
    Path directory = Files.createTempDirectory(parent, subject.name() + "-");
    Cluster cluster = new Cluster(subject, directory, freePlaces(members));
    try {
      cluster.startServers();
      cluster.awaitReady();
      cluster.putLeaderFirst();
      return cluster;
    } catch (IOException | InterruptedException e) {
      cluster.close();
      throw e;
    }
  }

  private void startServers() throws IOException {
    for (Place place : places) {
      servers.add(Server.start(command(place), directory.resolve(place.name() + ".log")));
    }
  }

  private List<String> command(Place place) {
    String all =
        places.stream()
            .map(member -> member.name() + "=" + url(member.peer()))
            .collect(Collectors.joining(","));
    List<String> command = new ArrayList<>(subject.server());
    command.addAll(List.of("--name", place.name()));
    command.addAll(List.of("--data-dir", directory.resolve(place.name()).toString()));
    command.addAll(List.of("--listen-client-urls", url(place.client())));
    command.addAll(List.of("--advertise-client-urls", url(place.client())));
    command.addAll(List.of("--listen-peer-urls", url(place.peer())));
    command.addAll(List.of("--initial-advertise-peer-urls", url(place.peer())));
    command.addAll(List.of("--initial-cluster", all));
    command.addAll(List.of("--quota-backend-bytes", QUOTA_BYTES));
    return command;
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  private static List<Place> freePlaces(int members) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      List<Place> places = new ArrayList<>();
      for (int i = 0; i < members; i++) {
        places.add(new Place("m" + i, hold(held), hold(held)));
      }
      return places;
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  /**
   * A port that nobody listens on, and that the kernel does not give to outgoing connections: else
   * one could be taken while a member is down that is to come back.
   */
  private static int hold(List<ServerSocket> held) throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      try {
        held.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
        return port;
      } catch (BindException taken) {
        // try another
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
      if (now - before < REST_CPU_SECONDS * places.size()) {
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

  /** Kills the last member that is up, at once. It is none of the endpoints from then on. */
  void killLast() throws InterruptedException {
    servers.remove(servers.size() - 1).kill();
    endpoints = servers.size();
  }

  /** Starts the member again that was killed, without waiting for it; returns where it listens. */
  Endpoint startLast() throws IOException {
    Place place = places.get(servers.size());
    servers.add(Server.start(command(place), directory.resolve(place.name() + ".log")));
    return endpoint(place);
  }

  /** Stops the last member that is up in its tracks. It is none of the endpoints from then on. */
  void pauseLast() throws IOException, InterruptedException {
    endpoints = servers.size() - 1;
    servers.get(endpoints).signal("STOP");
  }

  /** Lets the last member go on that was paused; returns where it listens. */
  Endpoint resumeLast() throws IOException, InterruptedException {
    int last = servers.size() - 1;
    servers.get(last).signal("CONT");
    return endpoint(places.get(last));
  }

  Subject subject() {
    return subject;
  }

  /** Of the members that have been up all the time. */
  List<Endpoint> endpoints() {
    return places.stream().limit(endpoints).map(Cluster::endpoint).toList();
  }

  private static Endpoint endpoint(Place place) {
    return new Endpoint("127.0.0.1", place.client());
  }

  /**
   * Makes the leader the first of the endpoints: where a lone client connects decides how far its
   * requests travel, so both sides must have it in the same place.
   */
  private void putLeaderFirst() throws IOException, InterruptedException {
    try (Transport transport = new Transport(1)) {
      for (int i = 0; i < places.size(); i++) {
        byte[] answer = transport.call(endpoint(places.get(i)), Method.STATUS, new byte[0], 10);
        StatusResponse status = StatusResponse.parseFrom(answer);
        if (status.getLeader() == status.getHeader().getMemberId()) {
          Collections.swap(places, 0, i);
          Collections.swap(servers, 0, i);
          return;
        }
      }
    }
    throw new IOException("no member of " + subject.name() + " leads");
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
