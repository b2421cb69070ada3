package io.etcdj.proof.cluster;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.etcdserverpb.MemberAddRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code --strict-reconfig-check} refuses. */
final class StrictChangeTest {
  private static final Duration SOON = Duration.ofSeconds(15);

  @TempDir private Path directory;

  /** With a fourth member that has yet to start, the two that are left would not be a quorum. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nobodyIsAddedWhileAMemberIsDown(boolean learner) throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Member leader = cluster.awaitLeader();
      Member follower =
          cluster.members().stream().filter(m -> m != leader).findFirst().orElseThrow();
      follower.kill();
      MemberAddRequest request =
          MemberAddRequest.newBuilder()
              .addPeerURLs("http://127.0.0.1:1")
              .setIsLearner(learner)
              .build();
      assertThatThrownBy(() -> leader.control().call(Cluster.ADD, request, SOON))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessage("UNAVAILABLE: etcdserver: unhealthy cluster");
    }
  }
}
