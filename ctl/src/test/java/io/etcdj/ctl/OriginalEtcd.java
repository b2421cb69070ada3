package io.etcdj.ctl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The system's etcd, as one member on free ports; ready when the constructor returns. */
final class OriginalEtcd implements Closeable {
  private final Process process;
  private final String endpoint;

  static boolean installed() {
    return Files.isExecutable(Path.of("/usr/bin/etcd"))
        && Files.isExecutable(Path.of("/usr/bin/etcdctl"));
  }

  OriginalEtcd(Path dataDirectory, int peerPort) throws IOException {
    endpoint = "127.0.0.1:" + freePort();
    String client = "http://" + endpoint;
    String peer = "http://127.0.0.1:" + peerPort;
    process =
        new ProcessBuilder(
                "/usr/bin/etcd",
                "--name=m1",
                "--data-dir=" + dataDirectory,
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=m1=" + peer)
            .redirectErrorStream(true)
            .start();
    BufferedReader log = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    StringBuilder seen = new StringBuilder();
    for (String line = log.readLine(); ; line = log.readLine()) {
      if (line == null) {
        throw new IOException("etcd did not start:\n" + seen);
      }
      seen.append(line).append('\n');
      if (line.contains("ready to serve client requests")) {
        break;
      }
    }
    Thread drain =
        new Thread(
            () -> {
              try {
                while (log.readLine() != null) {}
              } catch (IOException e) {
                // etcd has gone: so has its log
              }
            });
    drain.setDaemon(true);
    drain.start();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String endpoint() {
    return endpoint;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
