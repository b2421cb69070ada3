package io.etcdj.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.cluster.Await;
import io.etcdj.proof.cluster.Cluster;
import io.etcdj.proof.cluster.Lineup;
import io.etcdj.proof.cluster.Member;
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

  private static List<String> etcdctl(String endpoints, String... words) {
    List<String> all = new ArrayList<>(Command.OUR_ETCDCTL);
    all.add("--endpoints=" + endpoints);
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
          Command.run(null, Map.of(), etcdctl(first.endpoint(), "lease", "grant", "20"))
              .orFail()
              .split(" ", -1)[1];
      keeper =
          new ProcessBuilder(etcdctl(first.endpoint(), "lease", "keep-alive", id))
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      Await.that(SOON, "a renewal", () -> lines(said).size() >= 1);
      first.kill();
      try (ServerProcess second = ServerProcess.start(settings)) {
        int before = lines(said).size();
        Await.that(SOON, "renewals go on", () -> lines(said).size() >= before + 2);
        assertThat(lines(said)).containsOnly("lease " + id + " keepalived with TTL(20)");
        Command.run(null, Map.of(), etcdctl(second.endpoint(), "lease", "revoke", id)).orFail();
        assertThat(keeper.waitFor()).isZero();
        assertThat(lines(said)).last().isEqualTo("lease " + id + " expired or revoked.");
      }
    } finally {
      if (keeper != null) {
        keeper.destroyForcibly();
      }
    }
  }

  /** The first endpoint takes calls, but has no majority and cannot renew anything. */
  @Test
  void aLeaseIsRenewedByAnotherEndpointThanOneThatCannot() throws Exception {
    Path said = directory.resolve("said");
    Process keeper = null;
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(3))) {
      cluster.awaitSettled();
      Member alone = cluster.members().get(0);
      Member other = cluster.members().get(1);
      String id = String.format("%016x", other.control().grant(30));
      cluster.network().cut(List.of(alone.name()), cluster.network().others(alone.name()));
      Await.that(
          SOON,
          alone + " is alone",
          () -> alone.status().map(status -> status.getLeader() == 0).orElse(false));
      List<String> command =
          etcdctl("127.0.0.1:" + alone.clientPort() + ",127.0.0.1:" + other.clientPort());
      command.addAll(List.of("--dial-timeout=20s", "lease", "keep-alive", id));
      keeper =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      Await.that(SOON, "a renewal", () -> lines(said).size() >= 1);
      assertThat(lines(said)).containsOnly("lease " + id + " keepalived with TTL(30)");
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
