package io.etcdj.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.cluster.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our {@code etcdctl lease keep-alive}, while the server comes and goes. */
@Timeout(180)
class LeaseKeepAliveTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private static List<String> etcdctl(ServerProcess server, String... words) {
    List<String> all =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.etcdj.ctl.Etcdctl",
                "--endpoints=" + server.endpoint()));
    all.addAll(List.of(words));
    return all;
  }

  @Test
  void aLeaseIsRenewedOverConnectionsThatBreakUntilItIsRevoked() throws Exception {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    Path said = directory.resolve("said");
    Process keeper = null;
    try (ServerProcess first = ServerProcess.start(settings)) {
      String id =
          Command.run(null, Map.of(), etcdctl(first, "lease", "grant", "20"))
              .orFail()
              .split(" ", -1)[1];
      keeper =
          new ProcessBuilder(etcdctl(first, "lease", "keep-alive", id))
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      Await.that(SOON, "a renewal", () -> lines(said).size() >= 1);
      first.kill();
      try (ServerProcess second = ServerProcess.start(settings)) {
        int before = lines(said).size();
        Await.that(SOON, "renewals go on", () -> lines(said).size() >= before + 2);
        assertThat(lines(said)).containsOnly("lease " + id + " keepalived with TTL(20)");
        Command.run(null, Map.of(), etcdctl(second, "lease", "revoke", id)).orFail();
        assertThat(keeper.waitFor()).isZero();
        assertThat(lines(said)).last().isEqualTo("lease " + id + " expired or revoked.");
      }
    } finally {
      if (keeper != null) {
        keeper.destroyForcibly();
      }
    }
  }

  private static List<String> lines(Path said) {
    try {
      return Files.readAllLines(said);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
