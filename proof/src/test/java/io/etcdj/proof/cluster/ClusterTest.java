package io.etcdj.proof.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.proof.GrpcClient;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the harness does to members what it says. */
final class ClusterTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration BRIEFLY = Duration.ofMillis(1_500);

  @TempDir private Path directory;

  private static RangeResponse get(Member member, boolean serializable) {
    return get(member, serializable, SOON);
  }

  private static RangeResponse get(Member member, boolean serializable, Duration patience) {
    return member
        .control()
        .call(
            GrpcClient.RANGE,
            RangeRequest.newBuilder()
                .setKey(GrpcClient.bytes("k"))
                .setSerializable(serializable)
                .build(),
            patience);
  }

  @Test
  void linksAreCutStalledAndHealed() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Member leader = cluster.awaitLeader();
      leader.control().put("k", "before");
      cluster.awaitSettled();
      Member follower =
          cluster.members().stream().filter(m -> m != leader).findFirst().orElseThrow();

      // Alone it reads from its own store only, which stays as it was.
      List<String> others = cluster.network().others(follower.name());
      cluster.network().stall(List.of(follower.name()), others);
      leader.control().put("k", "after");
      assertThat(get(follower, true).getKvs(0).getValue().toStringUtf8()).isEqualTo("before");
      assertThatThrownBy(() -> get(follower, false, BRIEFLY))
          .isInstanceOf(StatusRuntimeException.class);
      cluster.network().heal();
      Await.that(
          SOON,
          "the follower catches up",
          () -> get(follower, true).getKvs(0).getValue().toStringUtf8().equals("after"));
      cluster.awaitSettled();

      // A leader that is cut off stops leading, and another one does.
      Member deposed = cluster.awaitLeader();
      cluster.network().cut(List.of(deposed.name()), cluster.network().others(deposed.name()));
      Member next =
          Await.value(SOON, "another leader", () -> cluster.leader().filter(m -> m != deposed));
      next.control().put("k", "without");
      Await.that(
          SOON,
          "the old leader knows that it leads no more",
          () -> deposed.status().map(s -> s.getLeader() == 0).orElse(false));
      cluster.network().heal();
      cluster.awaitSettled();
      assertThat(get(deposed, false).getKvs(0).getValue().toStringUtf8()).isEqualTo("without");
    }
  }

  /** What the leader says does not arrive at one follower, but what that says does. */
  @Test
  void aLinkIsStalledInOneDirection() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Member leader = cluster.awaitLeader();
      Member follower =
          cluster.members().stream().filter(m -> m != leader).findFirst().orElseThrow();
      leader.control().put("k", "before");
      cluster.awaitSettled();
      cluster.network().stall(leader.name(), follower.name());
      leader.control().put("k", "after");
      assertThat(get(follower, true).getKvs(0).getValue().toStringUtf8()).isEqualTo("before");
      cluster.network().heal();
      cluster.awaitSettled();
      assertThat(get(follower, false).getKvs(0).getValue().toStringUtf8()).isEqualTo("after");
    }
  }

  @Test
  void slowLinksMakeWritesSlow() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Member leader = cluster.awaitLeader();
      leader.control().put("k", "warm");
      for (String other : cluster.network().others(leader.name())) {
        cluster.network().slow(leader.name(), other, 150, Long.MAX_VALUE);
      }
      long startNanos = System.nanoTime();
      leader.control().put("k", "slow");
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
          .isGreaterThan(Duration.ofMillis(140));
      cluster.network().heal();
      cluster.awaitSettled();
    }
  }

  @Test
  void aPausedMemberStaysWhereItIs() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Member leader = cluster.awaitLeader();
      leader.pause();
      Member next =
          Await.value(SOON, "another leader", () -> cluster.leader().filter(m -> m != leader));
      next.control().put("k", "meanwhile");
      leader.resume();
      cluster.awaitSettled();
      assertThat(get(leader, false).getKvs(0).getValue().toStringUtf8()).isEqualTo("meanwhile");
    }
  }

  /** The words tell a client whether there was nobody to decide, or nobody to ask. */
  @Test
  void whatNeedsALeaderSaysSoWhenThereIsNone() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Member leader = cluster.awaitLeader();
      cluster.awaitSettled();
      Member left = cluster.members().stream().filter(m -> m != leader).findFirst().orElseThrow();
      cluster.members().stream().filter(member -> member != left).forEach(Member::kill);
      Await.that(
          SOON,
          left + " knows no leader",
          () -> left.status().map(status -> status.getLeader() == 0).orElse(false));
      GrpcClient client = left.control();
      List<CompletableFuture<String>> refusals =
          Stream.<Runnable>of(
                  () -> client.put("k", "v"),
                  () ->
                      client.call(
                          GrpcClient.REVOKE, LeaseRevokeRequest.newBuilder().setID(1).build()),
                  () ->
                      client.call(
                          GrpcClient.TIME_TO_LIVE,
                          LeaseTimeToLiveRequest.newBuilder().setID(1).build()),
                  () -> client.get("k"))
              .map(
                  call ->
                      CompletableFuture.supplyAsync(
                          () -> refusal(call), task -> new Thread(task, "caller").start()))
              .toList();
      assertThat(refusals.stream().map(CompletableFuture::join))
          .containsExactly(
              "context deadline exceeded",
              "context deadline exceeded",
              "etcdserver: no leader",
              "etcdserver: request timed out");
    }
  }

  private static String refusal(Runnable call) {
    try {
      call.run();
      return "none";
    } catch (StatusRuntimeException refused) {
      return String.valueOf(refused.getStatus().getDescription());
    }
  }

  @Test
  void membersComeAndGo() throws InterruptedException {
    try (Cluster cluster = Cluster.start(directory, Lineup.underTest())) {
      Member leader = cluster.awaitLeader();
      leader.control().put("k", "v");
      cluster.awaitSettled();
      Member added = cluster.add(leader.make(), true);
      added.awaitReady();
      cluster.promote(added);
      assertThat(get(added, false).getKvs(0).getValue().toStringUtf8()).isEqualTo("v");
      cluster.remove(leader);
      leader.process().awaitExit(SOON);
      cluster.awaitLeader().control().put("k", "w");
      cluster.awaitSettled();
      assertThat(Cluster.list(added).getMembersList()).hasSize(3);
    }
  }
}
