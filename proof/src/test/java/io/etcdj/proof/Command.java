package io.etcdj.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program run to its end: what it said, both streams together, and how it ended. */
public record Command(int exitCode, String said) {
  private static final Duration LONGEST = Duration.ofMinutes(3);

  /** Where the original client is, if it is installed. */
  public static final Path ETCDCTL = Path.of("/usr/bin/etcdctl");

  /** What starts our client, from the class path of the test and rather soon than fast. */
  public static final List<String> OUR_ETCDCTL =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Dfile.encoding=UTF-8",
          "-cp",
          System.getProperty("java.class.path"),
          "io.etcdj.ctl.Etcdctl");

  /** Runs a program with further variables; it is ended if it takes minutes. */
  public static Command run(
      @Nullable Path directory, Map<String, String> variables, List<String> words) {
    try {
      Path said = Files.createTempFile("proof", ".out"); // a pipe would have to be read meanwhile
      try {
        ProcessBuilder builder =
            new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(said.toFile());
        if (directory != null) {
          builder.directory(directory.toFile());
        }
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCD"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
          throw new AssertionError("it took too long: " + words + "\n" + Files.readString(said));
        }
        return new Command(process.exitValue(), new String(Files.readAllBytes(said), UTF_8));
      } finally {
        Files.delete(said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs the original etcdctl. */
  public static Command etcdctl(int api, String... arguments) {
    List<String> words = new ArrayList<>(List.of(ETCDCTL.toString()));
    words.addAll(List.of(arguments));
    return run(null, Map.of("ETCDCTL_API", Integer.toString(api)), words);
  }

  /** Fails unless it succeeded; returns what it said. */
  public String orFail() {
    if (exitCode != 0) {
      throw new AssertionError("exit " + exitCode + ":\n" + said);
    }
    return said;
  }
}
