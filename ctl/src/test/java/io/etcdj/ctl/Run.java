package io.etcdj.ctl;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcdj.ctl.cli.Environment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What one command printed and how it ended. */
record Run(int exitCode, String out, String err) {
  interface Main {
    int run(String[] args, Environment environment);
  }

  /** Runs one of ours within this process. */
  static Run ours(Main main, Map<String, String> variables, String input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        main.run(
            args,
            new Environment(
                variables,
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                new PrintStream(out, false, UTF_8),
                new PrintStream(err, false, UTF_8)));
    return new Run(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** Runs the original; its log line about retries, which says nothing new, is left out. */
  static Run original(String input, String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("etcdctl"));
    command.addAll(Arrays.asList(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ETCDCTL_API", "3");
    Path err = Files.createTempFile("etcdctl", "err");
    builder.redirectError(err.toFile());
    Process process = builder.start();
    process.getOutputStream().write(input.getBytes(UTF_8));
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    int exitCode = process.waitFor();
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(err)) {
      if (!line.contains("retrying of unary invoker failed")) {
        lines.add(line + "\n");
      }
    }
    Files.delete(err);
    return new Run(exitCode, out, String.join("", lines));
  }
}
