package io.etcdj.proof.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.Metrics;
import io.etcdj.proof.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How members come into a cluster of ours, leave it, and are refused. */
@Timeout(180)
final class MembershipTest {
  private static final Duration SOON = Duration.ofSeconds(40);

  @TempDir private Path directory;

  private static Member follower(Cluster cluster, Member leader) {
    return cluster.members().stream().filter(m -> m != leader).findFirst().orElseThrow();
  }

  @Test
  void aRemovedMemberStopsInGoodOrderAndStaysOut() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(3))) {
      Member leaving = follower(cluster, cluster.awaitLeader());
      cluster.remove(leaving);
      assertThat(leaving.process().awaitExit(SOON)).isZero();
      assertThat(leaving.process().log())
          .contains("the member has been permanently removed from the cluster")
          .contains("data-dir used by this member must be removed");
      leaving.launch();
      assertThat(leaving.process().awaitExit(SOON)).isZero();
      assertThat(leaving.process().log())
          .contains("the member has been permanently removed from the cluster");
    }
  }

  @Test
  void aPromotionIsDecidedByTheLeaderWhoeverIsAsked() throws Exception {
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(2))) {
      Member leader = cluster.awaitLeader();
      Member follower = follower(cluster, leader);
      Member learner = cluster.add(Make.OURS, true);
      learner.awaitReady();
      cluster.promote(learner);
      double promoted = 0;
      for (Member member : cluster.members()) {
        promoted += Metrics.value(member.process(), "etcd_server_learner_promote_successes");
      }
      assertThat(promoted).isEqualTo(1);

      HttpRequest again =
          HttpRequest.newBuilder(
                  URI.create(
                      "http://127.0.0.1:"
                          + follower.settings().peerPort()
                          + "/members/promote/"
                          + Long.toUnsignedString(Cluster.id(learner))))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build();
      HttpResponse<String> refusal =
          HttpClient.newHttpClient().send(again, HttpResponse.BodyHandlers.ofString());
      assertThat(refusal.statusCode()).isEqualTo(412);
      assertThat(refusal.body()).contains("membership: can only promote a learner member");
    }
  }

  @Test
  void aMemberThatIsLeftAloneForgetsTheOthersWhenItIsTold() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(3))) {
      Member last = follower(cluster, cluster.awaitLeader());
      cluster.awaitLeader().control().put("k", "v");
      cluster.awaitSettled();
      cluster.members().forEach(Member::kill);
      try (ServerProcess alone =
          ServerProcess.start(last.settings().withFlags("--force-new-cluster"))) {
        assertThat(last.control().get("k").getKvs(0).getValue().toStringUtf8()).isEqualTo("v");
        last.control().put("k", "alone");
        assertThat(Cluster.list(last).getMembersList()).hasSize(1);
        assertThat(alone.isAlive()).isTrue();
      }
      // Once is enough: it is a cluster of one now.
      try (ServerProcess again = ServerProcess.start(last.settings())) {
        assertThat(last.control().get("k").getKvs(0).getValue().toStringUtf8()).isEqualTo("alone");
        assertThat(again.isAlive()).isTrue();
      }
    }
  }

  @Test
  void aMemberThatLostItsDataIsNotFoundedASecondTime() throws InterruptedException, IOException {
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(3))) {
      Member lost = follower(cluster, cluster.awaitLeader());
      cluster.awaitSettled();
      lost.kill();
      deleteAll(lost.settings().dataDirectory());
      lost.launch();
      assertThat(lost.process().awaitExit(SOON)).isEqualTo(1);
      assertThat(lost.process().log()).contains("has already been bootstrapped");
    }
  }

  @Test
  void whoWantsToJoinMustBeExpected() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(1))) {
      Member only = cluster.awaitLeader();
      int[] ports = ServerProcess.freePorts(2);
      String url = "http://127.0.0.1:" + ports[1];
      String known = "http://127.0.0.1:" + only.settings().peerPort();
      ServerProcess.Settings stranger =
          ServerProcess.Settings.ours(directory.resolve("stranger"))
              .onPorts(ports[0], ports[1])
              .withFlags(
                  "--name=stranger",
                  "--initial-advertise-peer-urls=" + url,
                  "--initial-cluster=" + only.name() + "=" + known + ",stranger=" + url,
                  "--initial-cluster-state=existing");
      try (ServerProcess refused = ServerProcess.launch(stranger)) {
        assertThat(refused.awaitExit(SOON)).isEqualTo(1);
        assertThat(refused.log())
            .contains("error validating peerURLs")
            .contains("ClientURLs:[http://127.0.0.1:" + only.clientPort() + "]}}]")
            .contains("RemovedMemberIDs:[]}: member count is unequal");
      }
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    }
  }
}
