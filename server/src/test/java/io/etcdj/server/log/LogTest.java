package io.etcdj.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LogTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @TempDir Path dir;

  private Log log(Level level) {
    return Log.to(out, level, LogFormat.JSON, Clock.systemUTC());
  }

  private List<String> lines() {
    return out.toString(UTF_8).lines().toList();
  }

  @Test
  void aLineNamesItsCaller() {
    try (Log log = log(Level.INFO)) {
      log.info("here");
    }
    assertThat(lines().get(0))
        .matches(".*\"caller\":\"log/LogTest\\.java:\\d+\",\"msg\":\"here\"}");
  }

  @Test
  void linesBelowTheLevelAreLeftOut() {
    try (Log log = log(Level.WARN)) {
      log.debug("a");
      log.info("b", "k", 1);
      log.warn("c");
      log.error("d");
      log.log(Entry.info("e"));
      assertThat(log.isEnabled(Level.INFO)).isFalse();
    }
    assertThat(lines()).hasSize(2);
  }

  @Test
  void afterAFatalLineReturnsItIsWritten() {
    try (Log log = log(Level.INFO)) {
      log.fatal("discovery failed", "error", "x");
      assertThat(lines().get(0)).contains("\"level\":\"fatal\"", "\"error\":\"x\"");
    }
  }

  @Test
  void closingWritesEverythingThatManyThreadsLogged() throws Exception {
    int threads = 4;
    int each = 500;
    try (Log log = log(Level.INFO)) {
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int id = i;
        Thread writer =
            new Thread(
                () -> {
                  for (int n = 0; n < each; n++) {
                    log.info("line", "thread", id, "n", n);
                  }
                });
        writer.start();
        writers.add(writer);
      }
      for (Thread writer : writers) {
        writer.join();
      }
    }
    assertThat(lines()).hasSize(threads * each).allMatch(line -> line.endsWith("}"));
  }

  @Test
  void linesAfterTheEndStillGoOut() {
    Log log = log(Level.INFO);
    log.close();
    log.info("last words");

    assertThat(lines().get(0)).contains("last words");
  }

  @Test
  void aStuckOutputDropsLinesInsteadOfHoldingUpItsCallersAndSaysSo() {
    CountDownLatch unstick = new CountDownLatch(1);
    OutputStream stuck =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("not used");
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
              unstick.await();
            } catch (InterruptedException interrupted) {
              throw new IOException(interrupted);
            }
            out.write(bytes, offset, length);
          }
        };
    int lines = 1000;
    try (Log log = Log.to(stuck, Clock.systemUTC(), 1000)) {
      for (int i = 0; i < lines; i++) {
        log.info("line"); // returns although nothing can be written
      }
      unstick.countDown();
    }
    assertThat(lines()).hasSizeBetween(2, lines / 2);
    assertThat(lines()).anyMatch(line -> line.contains("log lines were dropped"));
  }

  /** A process that has much to say while it ends. */
  static final class EndingProcess {
    static final int LINES = 500;

    public static void main(String[] args) throws IOException {
      Log log = Log.open(LogOptions.defaults(), Clock.systemUTC());
      Thread lastWords =
          new Thread(
              () -> {
                for (int i = 0; i < LINES; i++) {
                  log.info("closing", "n", i);
                }
              });
      Runtime.getRuntime().addShutdownHook(lastWords);
      log.info("started");
    }
  }

  @Test
  void whatIsLoggedWhileTheProcessEndsIsWritten() throws Exception {
    Path err = dir.resolve("err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EndingProcess.class.getName())
            .redirectError(err.toFile())
            .start();

    assertThat(process.waitFor()).isZero();
    assertThat(Files.readAllLines(err))
        .hasSize(EndingProcess.LINES + 1)
        .allMatch(line -> line.startsWith("{") && line.endsWith("}"));
  }

  @Test
  void filesAreAppendedTo() throws Exception {
    Path file = dir.resolve("etcd.log");
    for (String message : List.of("first", "second")) {
      LogOptions options = new LogOptions(Level.INFO, LogFormat.CONSOLE, List.of(file.toString()));
      try (Log log = Log.open(options, Clock.systemUTC())) {
        log.info(message);
      }
    }
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void librariesAreHeardFromWarningsUp() {
    try (Log log = log(Level.INFO)) {
      LibraryLogs.routeTo(log);
      Logger library = Logger.getLogger("io.netty.example");
      library.info("chatter");
      library.warning("trouble");
      library.log(java.util.logging.Level.SEVERE, "worse", new IOException("why"));
    } finally {
      LogManager.getLogManager().reset();
    }
    assertThat(lines()).hasSize(2);
    assertThat(lines().get(0))
        .contains("\"level\":\"warn\"", "\"caller\":\"io.netty.example\"", "\"msg\":\"trouble\"");
    assertThat(lines().get(1)).contains("\"level\":\"error\"", "java.io.IOException: why");
  }
}
