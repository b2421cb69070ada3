package io.etcdj.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of other languages, each with a small program of its own. */
@Timeout(240)
class OtherLanguagesTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @Test
  void node(@TempDir Path directory) throws IOException {
    Path installed = installed();
    try (ServerProcess server = ServerProcess.start(ServerProcess.Settings.ours(directory))) {
      String host = "127.0.0.1:" + server.clientPort();
      Command run = Command.run(installed, Map.of(), List.of("node", "client.js", host));
      assertThat(run.said()).endsWith("all done\n");
    }
  }

  /** Where the program is with what it needs; installed by the first run. */
  private static Path installed() throws IOException {
    assumeTrue(onPath("node") && onPath("npm"), "needs node and npm");
    Path target = Path.of("target", "js").toAbsolutePath();
    Files.createDirectories(target);
    for (String file : List.of("package.json", "client.js")) {
      Files.copy(
          Path.of("src", "test", "js", file),
          target.resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    if (!Files.isDirectory(target.resolve("node_modules/etcd3"))) {
      Command install =
          Command.run(
              target,
              Map.of(),
              List.of(
                  "npm",
                  "install",
                  "--no-audit",
                  "--no-fund",
                  "--no-package-lock",
                  "--fetch-retries=1",
                  "--fetch-timeout=30000"));
      assumeTrue(
          install.exitCode() == 0, () -> "npm cannot install the client:\n" + install.said());
    }
    return target;
  }

  private static boolean onPath(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  @Test
  void python(@TempDir Path directory) {
    assumeTrue(
        Files.isExecutable(PYTHON)
            && Command.run(null, Map.of(), List.of(PYTHON.toString(), "-c", "import etcd3"))
                    .exitCode()
                == 0,
        "needs etcd3 for /usr/bin/python3 (on Debian: python3-etcd3)");
    try (ServerProcess server = ServerProcess.start(ServerProcess.Settings.ours(directory))) {
      Command run =
          Command.run(
              Path.of("src", "test", "python"),
              Map.of("PYTHONDONTWRITEBYTECODE", "1"),
              List.of(PYTHON.toString(), "client.py", Integer.toString(server.clientPort())));
      assertThat(run.said()).endsWith("all done\n");
    }
  }
}
