package io.etcdj.storage.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** One member of Go etcd on a data directory, and its command line. */
final class GoEtcd implements AutoCloseable {
  private static final Path SERVER = Path.of("/usr/bin/etcd");
  private static final Path CLIENT = Path.of("/usr/bin/etcdctl");
  private static final Pattern PAIR =
      Pattern.compile("\"key\":\"([^\"]*)\",[^}]*?\"value\":\"([^\"]*)\"");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final String endpoint;

  /** A permit for each that it said it has written. */
  private final Semaphore snapshots = new Semaphore(0);

  private GoEtcd(Process process, String endpoint, BufferedReader log) {
    this.process = process;
    this.endpoint = endpoint;
    Thread reader = new Thread(() -> read(log), "etcd-log");
    reader.setDaemon(true);
    reader.start();
  }

  /** Skips the test where etcd is not installed. */
  static void assumeInstalled() {
    Assumptions.assumeTrue(
        Files.isExecutable(SERVER) && Files.isExecutable(CLIENT),
        "needs /usr/bin/etcd and /usr/bin/etcdctl (on Debian: etcd-server, etcd-client)");
  }

  /** Starts a member and returns when it serves. */
  static GoEtcd start(Path dataDirectory, String... more) throws IOException {
    String client = "http://127.0.0.1:" + freePort();
    String peer = "http://127.0.0.1:" + freePort();
    List<String> command =
        new ArrayList<>(
            List.of(
                SERVER.toString(),
                "--name=go",
                "--data-dir=" + dataDirectory,
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=go=" + peer));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader log = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    StringBuilder said = new StringBuilder();
    String line = "";
    while (line != null
        && !line.contains("ready to serve client requests")
        && !line.contains("serving insecure client requests")) {
      line = log.readLine();
      said.append(line).append('\n');
    }
    if (line == null) {
      throw new AssertionError("etcd did not start:\n" + said);
    }
    return new GoEtcd(process, client, log);
  }

  private void read(BufferedReader log) {
    log.lines()
        .filter(line -> line.contains("saved snapshot"))
        .forEach(line -> snapshots.release());
  }

  /** Waits until it has written so many snapshots since it started. */
  void awaitSnapshots(int count) throws InterruptedException {
    if (!snapshots.tryAcquire(count, 60, TimeUnit.SECONDS)) {
      throw new AssertionError("etcd wrote fewer than " + count + " snapshots");
    }
  }

  /** Runs etcdctl and returns what it says; fails unless it succeeds. */
  static String etcdctl(String api, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(CLIENT.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", api);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + " failed:\n" + said);
    }
    return said;
  }

  String endpoint() {
    return endpoint;
  }

  void put(String key, String value) throws IOException, InterruptedException {
    post(
        "/v3/kv/put",
        String.format("{\"key\":\"%s\",\"value\":\"%s\"}", base64(key), base64(value)));
  }

  void delete(String key) throws IOException, InterruptedException {
    post("/v3/kv/deleterange", String.format("{\"key\":\"%s\"}", base64(key)));
  }

  Map<String, String> all() throws IOException, InterruptedException {
    String answer = post("/v3/kv/range", "{\"key\":\"AA==\",\"range_end\":\"AA==\"}");
    Map<String, String> pairs = new TreeMap<>();
    Matcher matcher = PAIR.matcher(answer);
    while (matcher.find()) {
      pairs.put(text(matcher.group(1)), text(matcher.group(2)));
    }
    return pairs;
  }

  /** SIGTERM: it closes its files in order. */
  void stop() {
    process.toHandle().destroy(); // Process.destroy would close the pipe, and etcd die of its log
    process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
  }

  /** SIGKILL: its files stay as they are. */
  void kill() {
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  private String post(String path, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(endpoint + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), UTF_8);
  }
}
