package io.etcdj.dist;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.ctl.Etcdctl;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.server.Main;
import io.etcdj.server.boot.EtcdProcess;
import io.etcdj.server.boot.StartException;
import io.etcdj.server.config.CommandLine;
import io.etcdj.server.config.DefaultRoute;
import io.etcdj.server.config.Parsed;
import io.etcdj.server.log.LibraryLogs;
import io.etcdj.server.log.Log;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two lives of a member in one process, because the recording for a start-up archive is of one: it
 * starts in an empty directory, and again from what the first life left there, with a snapshot and
 * a log behind it. In each it is asked what is on standard input, as lines for {@code etcdctl}, and
 * a few things over HTTP.
 */
public final class ServerTraining {
  private static final String RANGE = "{\"key\":\"Zm9v\"}";
  private static final String PUT = "{\"key\":\"Zm9v\",\"value\":\"YmFy\"}";

  private ServerTraining() {}

  /** Takes one argument, the data directory, which does not exist yet. */
  public static void main(String[] args) throws IOException, StartException {
    List<String[]> commands = ToolTraining.commandLines();
    String clients;
    String peers;
    try (ServerSocket first = freeSocket();
        ServerSocket second = freeSocket()) {
      clients = url(first);
      peers = url(second);
    }
    String[] flags = flags(Path.of(args[0]), clients, peers);

    EtcdProcess firstLife = start(flags);
    ask(clients, commands);
    firstLife.close();

    Main.main(flags);
    ask(clients, commands);
    System.exit(0); // which closes the second
  }

  private static ServerSocket freeSocket() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static String url(ServerSocket socket) {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  private static String[] flags(Path directory, String clients, String peers) {
    return new String[] {
      "--name=trained",
      "--data-dir=" + directory,
      "--snapshot-count=8",
      "--listen-client-urls=" + clients,
      "--advertise-client-urls=" + clients,
      "--listen-peer-urls=" + peers,
      "--initial-advertise-peer-urls=" + peers,
      "--initial-cluster=trained=" + peers
    };
  }

  private static EtcdProcess start(String[] flags) throws IOException, StartException {
    Parsed parsed =
        CommandLine.parse(
            List.of(flags), System.getenv(), DefaultRoute::address, Clock.systemUTC());
    if (!(parsed instanceof Parsed.Run run)) {
      throw new IllegalStateException("the flags were not taken: " + parsed);
    }
    Log log = Log.open(run.config().log(), Clock.systemUTC());
    LibraryLogs.routeTo(log);
    return EtcdProcess.start(run.config(), log);
  }

  private static void ask(String url, List<String[]> commands) throws IOException {
    Environment environment =
        new Environment(
            Map.of("ETCDCTL_ENDPOINTS", url),
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(OutputStream.nullOutputStream(), false, UTF_8),
            new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    for (int round = 0; round < 4; round++) { // enough entries for a snapshot
      for (String[] words : commands) {
        Etcdctl.run(words, environment);
      }
    }
    fetch(url + "/v3/kv/put", PUT);
    fetch(url + "/v3/kv/range", RANGE);
    for (String path : List.of("/health", "/livez", "/readyz", "/version", "/metrics")) {
      fetch(url + path, null);
    }
  }

  /** Reads an answer, which has to be a good one. */
  private static void fetch(String url, @Nullable String body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    if (body != null) {
      connection.setDoOutput(true);
      connection.getOutputStream().write(body.getBytes(UTF_8));
    }
    if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
      throw new IOException(url + " answered " + connection.getResponseCode());
    }
    connection.getInputStream().readAllBytes();
    connection.disconnect();
  }
}
