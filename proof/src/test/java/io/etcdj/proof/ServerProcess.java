package io.etcdj.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A server as a process of its own: ours, from the class path of the test, or the original.
 *
 * <p>What it writes is kept ({@link #log}) and can be waited for ({@link #awaitLog}). It is ended
 * through its own handle only.
 *
 * <pre>
 *   Settings settings = Settings.ours(directory);
 *   try (ServerProcess server = ServerProcess.start(settings)) {
 *     ... server.endpoint() ...
 *     server.kill();                                   // SIGKILL
 *   }
 *   try (ServerProcess again = ServerProcess.start(settings)) { ... }   // same ports, same data
 * </pre>
 */
public final class ServerProcess implements AutoCloseable {
  /** Where the original is, if it is installed. */
  public static final Path ORIGINAL = Path.of("/usr/bin/etcd");

  private static final String READY = "ready to serve client requests";
  private static final Duration START = Duration.ofSeconds(60);
  private static final int KEPT_LINES = 20_000;

  /** Below what Linux takes for outgoing connections (net.ipv4.ip_local_port_range). */
  private static final int FIRST_PORT = 12_000;

  private static final int LAST_PORT = 32_000;

  /** Ports that were found: nobody may listen on them yet. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  /**
   * How to start one.
   *
   * @param prefix words in front of the command, such as those of a tool that limits it
   * @param jvmFlags for our server: flags of its JVM
   * @param flags of the server, after those that name directory and URLs
   */
  public record Settings(
      boolean original,
      Path dataDirectory,
      int clientPort,
      int peerPort,
      List<String> prefix,
      List<String> jvmFlags,
      List<String> flags) {

    /** Our server on free ports, with a heap of 512 MB. */
    public static Settings ours(Path dataDirectory) {
      int[] ports = freePorts(2);
      return new Settings(
          false, dataDirectory, ports[0], ports[1], List.of(), List.of("-Xmx512m"), List.of());
    }

    /** The original on free ports; see {@link #ORIGINAL}. */
    public static Settings original(Path dataDirectory) {
      int[] ports = freePorts(2);
      return new Settings(true, dataDirectory, ports[0], ports[1], List.of(), List.of(), List.of());
    }

    /** The same with further flags of the server. */
    public Settings withFlags(String... more) {
      List<String> all = new ArrayList<>(flags);
      all.addAll(List.of(more));
      return new Settings(
          original, dataDirectory, clientPort, peerPort, prefix, jvmFlags, List.copyOf(all));
    }

    /** The same with other flags of the JVM than the heap of 512 MB. */
    public Settings withJvmFlags(String... only) {
      return new Settings(
          original, dataDirectory, clientPort, peerPort, prefix, List.of(only), flags);
    }

    /**
     * The same for one of several members beside their load on a small machine: quick to start
     * rather than quick to serve.
     */
    public Settings withSmallJvm() {
      return withJvmFlags("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    }

    /** The same with these words in front of the command. */
    public Settings withPrefix(String... words) {
      return new Settings(
          original, dataDirectory, clientPort, peerPort, List.of(words), jvmFlags, flags);
    }

    /** The same with other data, on ports of its own. */
    public Settings onPorts(int client, int peer) {
      return new Settings(original, dataDirectory, client, peer, prefix, jvmFlags, flags);
    }

    private List<String> command() {
      List<String> command = new ArrayList<>(prefix);
      if (original) {
        command.add(ORIGINAL.toString());
      } else {
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
        command.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(jvmFlags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.etcdj.server.Main");
      }
      String client = "http://127.0.0.1:" + clientPort;
      String peer = "http://127.0.0.1:" + peerPort;
      command.addAll(
          List.of(
              "--name=proof",
              "--data-dir=" + dataDirectory,
              "--listen-client-urls=" + client,
              "--advertise-client-urls=" + client,
              "--listen-peer-urls=" + peer,
              "--initial-advertise-peer-urls=" + peer,
              "--initial-cluster=proof=" + peer));
      command.addAll(flags);
      return command;
    }
  }

  /** Those that run; a test run that is interrupted must leave none behind. */
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
  }

  private final Settings settings;
  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final Thread reader;
  private boolean ended;

  private ServerProcess(Settings settings, Process process) {
    this.settings = settings;
    this.process = process;
    RUNNING.add(process);
    this.reader = new Thread(this::read, "log of " + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts one and waits until it serves. */
  public static ServerProcess start(Settings settings) {
    ServerProcess server = launch(settings);
    try {
      server.awaitLog(READY, START);
      return server;
    } catch (RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  /** Starts one without waiting for anything. */
  public static ServerProcess launch(Settings settings) {
    try {
      ProcessBuilder builder = new ProcessBuilder(settings.command()).redirectErrorStream(true);
      builder.environment().keySet().removeIf(name -> name.startsWith("ETCD"));
      return new ServerProcess(settings, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Ports that nobody listens on now, that nobody else was given, and that the kernel does not give
   * to outgoing connections: else one could be taken while a server is down that is to come back.
   */
  public static int[] freePorts(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      while (sockets.size() < count) {
        int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
        try {
          ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
          if (GIVEN.add(port)) {
            sockets.add(socket);
          } else {
            socket.close();
          }
        } catch (BindException taken) {
          // try another
        }
      }
      return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      for (ServerSocket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          // it was only to find a number
        }
      }
    }
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        synchronized (lines) {
          if (lines.size() < KEPT_LINES) {
            lines.add(line);
          }
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      // its end was closed: it was killed
    }
    synchronized (lines) {
      ended = true;
      lines.notifyAll();
    }
  }

  public Settings settings() {
    return settings;
  }

  public int clientPort() {
    return settings.clientPort();
  }

  /** The client URL. */
  public String endpoint() {
    return "http://127.0.0.1:" + settings.clientPort();
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has written so far, both streams. */
  public String log() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  /** Waits until it has written a line with this text; fails when it ends without. */
  public void awaitLog(String text, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    int seen = 0;
    synchronized (lines) {
      while (true) {
        for (; seen < lines.size(); seen++) {
          if (lines.get(seen).contains(text)) {
            return;
          }
        }
        long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (ended || leftMillis <= 0) {
          throw new AssertionError(
              (ended ? "it ended" : "it waits") + " without saying '" + text + "':\n" + log());
        }
        try {
          lines.wait(leftMillis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /** Waits for its end by itself; returns its exit code. */
  public int awaitExit(Duration timeout) {
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("it still runs:\n" + log());
      }
      RUNNING.remove(process);
      reader.join(timeout.toMillis());
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** SIGKILL, and waits until it is gone. */
  public void kill() {
    process.destroyForcibly();
    awaitExit(Duration.ofSeconds(30));
  }

  /** SIGSTOP: it keeps its memory and its connections, and time passes without it. */
  public void pause() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    Command.run(null, Map.of(), List.of("kill", "-" + name, Long.toString(pid()))).orFail();
  }

  /** SIGTERM; does not wait. */
  public void terminate() {
    process.destroy();
  }

  /** Bytes of memory that it holds now, without the pages of files that it has mapped. */
  public long anonymousBytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith("RssAnon:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
      throw new IllegalStateException("no RssAnon for " + process.pid());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it if it still runs. */
  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}
