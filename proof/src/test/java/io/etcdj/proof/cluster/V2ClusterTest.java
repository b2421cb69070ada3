package io.etcdj.proof.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.ServerProcess.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The v2 API of clusters, by the original's own client. */
@Timeout(240)
final class V2ClusterTest {
  private static final Duration SOON = Duration.ofSeconds(40);

  @TempDir private Path directory;

  @BeforeAll
  static void needsTheOriginal() {
    assumeTrue(Files.isExecutable(Command.ETCDCTL), "no " + Command.ETCDCTL);
  }

  private static String endpoint(Member member) {
    return "http://127.0.0.1:" + member.clientPort();
  }

  private static Command at(Member member, String... words) {
    List<String> all = new ArrayList<>(List.of("--endpoints=" + endpoint(member)));
    all.addAll(List.of(words));
    return Command.etcdctl(2, all.toArray(String[]::new));
  }

  private static String hex(Member member) {
    return Long.toHexString(Cluster.id(member));
  }

  /** Keys, lists and watches, whichever member is asked. */
  private static void session(Cluster cluster) throws Exception {
    List<Member> members = cluster.members();
    Member first = members.get(0);
    Member last = members.get(2);
    assertThat(at(first, "mkdir", "testdir").orFail()).isEmpty();
    for (Member member : members) {
      Await.that(SOON, "/testdir", () -> at(member, "ls").said().equals("/testdir\n"));
    }
    assertThat(at(first, "set", "/testdir/testkey", "Hello world").orFail())
        .isEqualTo("Hello world\n");
    assertThat(at(last, "get", "--quorum", "/testdir/testkey").orFail()).isEqualTo("Hello world\n");
    Command missing = at(last, "get", "/testdir/testkey2");
    assertThat(missing.exitCode()).isEqualTo(4);
    assertThat(missing.said()).startsWith("Error:  100: Key not found (/testdir/testkey2) [");
    assertThat(at(last, "update", "/testdir/testkey", "Hello").orFail()).isEqualTo("Hello\n");
    assertThat(at(first, "mk", "/testdir/testkey", "x").said())
        .startsWith("Error:  105: Key already exists (/testdir/testkey) [");
    CompletableFuture<Command> watch =
        CompletableFuture.supplyAsync(() -> at(last, "watch", "/testdir/testkey"));
    Await.that(
        SOON,
        "the watcher is told",
        () -> {
          at(first, "set", "/testdir/testkey", "Hello watch").orFail();
          return watch.isDone();
        });
    assertThat(watch.get().orFail()).isEqualTo("Hello watch\n");
    assertThat(at(last, "rm", "/testdir/testkey").orFail())
        .isEqualTo("PrevNode.Value: Hello watch\n");
    assertThat(at(first, "rmdir", "/testdir").orFail()).isEmpty();
    // A time to live passes on all members, whoever leads.
    assertThat(at(last, "set", "--ttl", "1", "/short", "x").orFail()).isEqualTo("x\n");
    for (Member member : members) {
      Await.that(SOON, "/short has gone", () -> at(member, "get", "/short").exitCode() == 4);
    }
  }

  private static void settleOnIndexes(Cluster cluster) throws InterruptedException {
    Await.that(
        SOON,
        "one v2 index on all members",
        () ->
            cluster.members().stream()
                    .map(member -> at(member, "-o", "extended", "get", "/end").said())
                    .map(said -> said.replaceAll("(?s).*\\nIndex: (\\d+).*", "$1"))
                    .distinct()
                    .count()
                == 1);
  }

  @Test
  void theirClientWorksWithOurClusterAndChangesItsMembers() throws Exception {
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(3), "--enable-v2=true")) {
      cluster.awaitSettled();
      Member first = cluster.members().get(0);
      session(cluster);
      at(first, "set", "/end", "x").orFail();
      settleOnIndexes(cluster);
      String list = at(first, "member", "list").orFail();
      for (Member member : cluster.members()) {
        assertThat(list)
            .contains(
                hex(member)
                    + ": name="
                    + member.name()
                    + " peerURLs="
                    + member.peerUrl()
                    + " clientURLs="
                    + endpoint(member)
                    + " isLeader=");
      }
      assertThat(list.lines().filter(line -> line.endsWith("isLeader=true"))).hasSize(1);
      String health = at(first, "cluster-health").orFail();
      assertThat(health).endsWith("cluster is healthy\n");
      assertThat(health.lines().filter(line -> line.contains("got healthy result"))).hasSize(3);
      removeAMember(cluster);
    }
  }

  private static void removeAMember(Cluster cluster) throws InterruptedException {
    Member leaving = cluster.members().get(2);
    Member asked = cluster.members().get(0);
    String id = hex(leaving);
    Await.that(
        SOON,
        "members are steady enough",
        () ->
            at(asked, "member", "remove", id)
                .said()
                .equals("Removed member " + id + " from cluster\n"));
    assertThat(leaving.process().awaitExit(SOON)).isZero();
    assertThat(at(asked, "member", "remove", id).said())
        .isEqualTo("Couldn't find a member in the cluster with an ID of " + id + ".\n");
    assertThat(at(asked, "cluster-health").orFail()).endsWith("cluster is healthy\n");
  }

  @Test
  void aMemberThatTheirClientAddsStartsAsItSays() {
    Settings first = Settings.ours(directory.resolve("first")).withFlags("--enable-v2=true");
    try (ServerProcess server = ServerProcess.start(first)) {
      String at = "--endpoints=" + server.endpoint();
      Command.etcdctl(2, at, "set", "/k", "x").orFail();
      Settings free = Settings.ours(directory.resolve("second"));
      String url = "http://127.0.0.1:" + free.peerPort();
      String added = Command.etcdctl(2, at, "member", "add", "etcd-2", url).orFail();
      assertThat(added).startsWith("Added member named etcd-2 with ID ");
      Map<String, String> told =
          added
              .lines()
              .filter(line -> line.startsWith("ETCD_"))
              .map(line -> line.split("=", 2))
              .collect(Collectors.toMap(words -> words[0], words -> words[1].replace("\"", "")));
      Settings second =
          free.withFlags(
              "--enable-v2=true",
              "--name=" + told.get("ETCD_NAME"),
              "--initial-advertise-peer-urls=" + url,
              "--initial-cluster=" + told.get("ETCD_INITIAL_CLUSTER"),
              "--initial-cluster-state=" + told.get("ETCD_INITIAL_CLUSTER_STATE"));
      try (ServerProcess joined = ServerProcess.start(second)) {
        String list = Command.etcdctl(2, at, "member", "list").orFail();
        assertThat(list.lines().filter(line -> line.contains("name="))).hasSize(2);
        assertThat(list).doesNotContain("[unstarted]");
        Command get =
            Command.etcdctl(2, "--endpoints=" + joined.endpoint(), "get", "--quorum", "/k");
        assertThat(get.orFail()).isEqualTo("x\n");
      }
    }
  }

  @Test
  void membersOfOursAndOfTheirsHoldTheSameKeys() throws Exception {
    Lineup lineup = Lineup.mixed(2, 1).orSkip();
    try (Cluster cluster =
        Cluster.start(directory, lineup, "--enable-v2=true", "--snapshot-count=100")) {
      cluster.awaitSettled();
      session(cluster);
      Member ours = cluster.members().get(0);
      Member theirs = cluster.members().get(2);
      theirs.kill();
      for (int i = 0; i < 150; i++) {
        at(ours, "set", "/away/" + i % 7, "v" + i).orFail();
      }
      theirs.launch();
      theirs.awaitReady();
      at(ours, "set", "/end", "x").orFail();
      settleOnIndexes(cluster);
      String expected = at(ours, "ls", "--sort", "--recursive", "/").orFail();
      assertThat(expected).contains("/away/6\n");
      assertThat(at(theirs, "ls", "--sort", "--recursive", "/").orFail()).isEqualTo(expected);
      assertThat(at(theirs, "get", "/away/" + 149 % 7).orFail()).isEqualTo("v149\n");
    }
  }
}
