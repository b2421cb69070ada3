package io.etcdj.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One member as a child process; its log goes to a file beside its data directory. */
final class Server implements AutoCloseable {
  private static final String READY = "ready to serve client requests";
  private static final int START_SECONDS = 60;
  private static final int STOP_SECONDS = 30;

  private final Process process;
  private final long startNanos = System.nanoTime();
  private final CompletableFuture<Long> readyNanos = new CompletableFuture<>();

  private Server(Process process) {
    this.process = process;
  }

  static Server start(List<String> command, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("ETCD_"));
    PrintWriter copy = new PrintWriter(Files.newBufferedWriter(log));
    Server server = new Server(builder.start());
    Thread reader = new Thread(() -> server.readLog(copy), "log of " + log.getFileName());
    reader.setDaemon(true);
    reader.start();
    return server;
  }

  private void readLog(PrintWriter copy) {
    try (copy;
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains(READY)) {
          readyNanos.complete(System.nanoTime());
        }
        copy.println(line);
        copy.flush();
      }
    } catch (IOException e) {
      copy.println("log ended: " + e.getMessage());
    }
    readyNanos.completeExceptionally(new IOException("the server ended before it was ready"));
  }

  /** Waits for the log line that says so; returns seconds since the process was started. */
  double awaitReady() throws IOException, InterruptedException {
    try {
      return (readyNanos.get(START_SECONDS, TimeUnit.SECONDS) - startNanos) / 1e9;
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("no \"" + READY + "\" within " + START_SECONDS + " s: " + e, e);
    }
  }

  long pid() {
    return process.pid();
  }

  double secondsSinceStart() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  /** Ends it without a word, as a crash would. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void signal(String name) throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    if (code != 0) {
      throw new IOException("kill -" + name + " failed with " + code);
    }
  }

  /** Asks it to end, as an operator would, and insists after a while. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
