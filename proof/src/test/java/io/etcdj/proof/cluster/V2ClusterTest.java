package io.etcdj.proof.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.ServerProcess.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The v2 API of clusters, by the original's own client and by ours. */
@Timeout(240)
final class V2ClusterTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path directory;

  @BeforeAll
  static void needsTheOriginal() {
    assumeTrue(Files.isExecutable(Command.ETCDCTL), "no " + Command.ETCDCTL);
  }

  private static String endpoint(Member member) {
    return "http://127.0.0.1:" + member.clientPort();
  }

  /** A v2 client, by the words that start it. */
  private record Client(List<String> program) {
    static final Client THEIRS = new Client(List.of(Command.ETCDCTL.toString()));
    static final Client OURS = new Client(Command.OUR_ETCDCTL);

    Command at(String endpoint, String... words) {
      List<String> all = new ArrayList<>(program);
      all.addAll(List.of("--endpoints=" + endpoint, "--timeout=20s", "--total-timeout=40s"));
      all.addAll(List.of(words));
      return Command.run(null, Map.of("ETCDCTL_API", "2"), all);
    }

    Command at(Member member, String... words) {
      return at(endpoint(member), words);
    }
  }

  private static String hex(Member member) throws InterruptedException {
    return Long.toHexString(Cluster.id(member));
  }

  /** Keys, lists and watches, whichever member is asked. */
  private static void session(Client client, Cluster cluster) throws Exception {
    List<Member> members = cluster.members();
    Member first = members.get(0);
    Member last = members.get(2);
    assertThat(client.at(first, "mkdir", "testdir").orFail()).isEmpty();
    for (Member member : members) {
      Await.that(SOON, "/testdir", () -> client.at(member, "ls").said().equals("/testdir\n"));
    }
    assertThat(client.at(first, "set", "/testdir/testkey", "Hello world").orFail())
        .isEqualTo("Hello world\n");
    assertThat(client.at(last, "get", "--quorum", "/testdir/testkey").orFail())
        .isEqualTo("Hello world\n");
    Command missing = client.at(last, "get", "/testdir/testkey2");
    assertThat(missing.exitCode()).isEqualTo(4);
    assertThat(missing.said()).startsWith("Error:  100: Key not found (/testdir/testkey2) [");
    assertThat(client.at(last, "update", "/testdir/testkey", "Hello").orFail())
        .isEqualTo("Hello\n");
    assertThat(client.at(first, "mk", "/testdir/testkey", "x").said())
        .startsWith("Error:  105: Key already exists (/testdir/testkey) [");
    CompletableFuture<Command> watch =
        CompletableFuture.supplyAsync(() -> client.at(last, "watch", "/testdir/testkey"));
    Await.that(
        SOON,
        "the watcher is told",
        () -> {
          client.at(first, "set", "/testdir/testkey", "Hello watch").orFail();
          return watch.isDone();
        });
    assertThat(watch.get().orFail()).isEqualTo("Hello watch\n");
    assertThat(client.at(last, "rm", "/testdir/testkey").orFail())
        .isEqualTo("PrevNode.Value: Hello watch\n");
    assertThat(client.at(first, "rmdir", "/testdir").orFail()).isEmpty();
    // A time to live passes on all members, whoever leads.
    assertThat(client.at(last, "set", "--ttl", "1", "/short", "x").orFail()).isEqualTo("x\n");
    for (Member member : members) {
      Await.that(SOON, "/short has gone", () -> client.at(member, "get", "/short").exitCode() == 4);
    }
  }

  private static void settleOnIndexes(Client client, Cluster cluster) throws InterruptedException {
    Await.that(
        SOON,
        "one v2 index on all members",
        () ->
            cluster.members().stream()
                    .map(member -> client.at(member, "-o", "extended", "get", "/end").said())
                    .map(said -> said.replaceAll("(?s).*\\nIndex: (\\d+).*", "$1"))
                    .distinct()
                    .count()
                == 1);
  }

  @Test
  void theirClientWorksWithOurClusterAndChangesItsMembers() throws Exception {
    usesAClusterAndChangesItsMembers(Client.THEIRS);
  }

  @Test
  void ourClientDoesTheSame() throws Exception {
    usesAClusterAndChangesItsMembers(Client.OURS);
  }

  private void usesAClusterAndChangesItsMembers(Client client) throws Exception {
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(3), "--enable-v2=true")) {
      cluster.awaitSettled();
      Member first = cluster.members().get(0);
      session(client, cluster);
      client.at(first, "set", "/end", "x").orFail();
      settleOnIndexes(client, cluster);
      String list = client.at(first, "member", "list").orFail();
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
      String health = client.at(first, "cluster-health").orFail();
      assertThat(health).endsWith("cluster is healthy\n");
      assertThat(health.lines().filter(line -> line.contains("got healthy result"))).hasSize(3);
      tellsOfItsTraffic(cluster);
      removeAMember(client, cluster);
    }
  }

  private static String stats(Member member, String which) {
    try (InputStream in =
        URI.create(endpoint(member) + "/v2/stats/" + which).toURL().openStream()) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      return e.toString(); // who does not lead refuses to tell of followers
    }
  }

  private static void tellsOfItsTraffic(Cluster cluster) throws InterruptedException {
    List<Member> members = cluster.members();
    Await.that(
        SOON,
        "one leads and has answers of both followers",
        () ->
            members.stream()
                    .filter(
                        member ->
                            Pattern.compile("\"success\":[1-9]")
                                    .matcher(stats(member, "leader"))
                                    .results()
                                    .count()
                                == 2)
                    .count()
                == 1);
    for (Member member : members) {
      String self = stats(member, "self");
      assertThat(self)
          .matches(
              self.contains("StateLeader")
                  ? ".*\"sendAppendRequestCnt\":[1-9].*"
                  : ".*\"recvAppendRequestCnt\":[1-9].*");
      assertThat(stats(member, "store")).contains("\"setsSuccess\":").doesNotContain("null");
    }
  }

  private static void removeAMember(Client client, Cluster cluster) throws InterruptedException {
    Member leaving = cluster.members().get(2);
    Member asked = cluster.members().get(0);
    String id = hex(leaving);
    String removed = "Removed member " + id + " from cluster\n";
    String unknown = "Couldn't find a member in the cluster with an ID of " + id + ".\n";
    Await.that(
        SOON,
        "members are steady enough",
        () -> {
          String said = client.at(asked, "member", "remove", id).said();
          return said.equals(removed) || said.equals(unknown); // an answer may have been lost
        });
    assertThat(leaving.process().awaitExit(SOON)).isZero();
    assertThat(client.at(asked, "member", "remove", id).said()).isEqualTo(unknown);
    Await.that( // the leader may have gone
        SOON,
        "the rest is healthy",
        () -> client.at(asked, "cluster-health").said().endsWith("cluster is healthy\n"));
  }

  /** Adds a member, starts it with what the client says, and sees it among so many. */
  private ServerProcess added(Client client, ServerProcess asked, String name, int count)
      throws InterruptedException {
    String at = asked.endpoint();
    Settings free = Settings.ours(directory.resolve(name));
    String url = "http://127.0.0.1:" + free.peerPort();
    List<String> said = new ArrayList<>();
    Await.that(
        SOON,
        "members are steady enough",
        () -> {
          said.add(0, client.at(at, "member", "add", name, url).said());
          return said.get(0).startsWith("Added member named " + name + " with ID ");
        });
    Map<String, String> told =
        said.get(0)
            .lines()
            .filter(line -> line.startsWith("ETCD_"))
            .map(line -> line.split("=", 2))
            .collect(Collectors.toMap(words -> words[0], words -> words[1].replace("\"", "")));
    ServerProcess joined =
        ServerProcess.start(
            free.withFlags(
                "--enable-v2=true",
                "--name=" + told.get("ETCD_NAME"),
                "--initial-advertise-peer-urls=" + url,
                "--initial-cluster=" + told.get("ETCD_INITIAL_CLUSTER"),
                "--initial-cluster-state=" + told.get("ETCD_INITIAL_CLUSTER_STATE")));
    Await.that(
        SOON,
        "all have started",
        () -> {
          String list = client.at(at, "member", "list").said();
          return list.lines().filter(line -> line.contains("name=")).count() == count
              && !list.contains("[unstarted]");
        });
    assertThat(client.at(joined.endpoint(), "get", "--quorum", "/k").orFail()).isEqualTo("x\n");
    return joined;
  }

  private void growsAndReplacesAMember(Client client) throws Exception {
    Settings settings = Settings.ours(directory.resolve("first")).withFlags("--enable-v2=true");
    try (ServerProcess first = ServerProcess.start(settings)) {
      client.at(first.endpoint(), "set", "/k", "x").orFail();
      try (ServerProcess second = added(client, first, "second", 2);
          ServerProcess third = added(client, first, "third", 3)) {
        String list = client.at(second.endpoint(), "member", "list").orFail();
        String id = list.replaceAll("(?s).*?([0-9a-f]+): name=third .*", "$1");
        Await.that(
            SOON,
            "members are steady enough",
            () -> client.at(first.endpoint(), "member", "remove", id).exitCode() == 0);
        assertThat(third.awaitExit(SOON)).isZero();
        added(client, first, "fourth", 3).close();
      }
    }
  }

  @Test
  void membersThatTheirClientAddsStartAsItSays() throws Exception {
    growsAndReplacesAMember(Client.THEIRS);
  }

  @Test
  void membersThatOurClientAddsStartAsItSays() throws Exception {
    growsAndReplacesAMember(Client.OURS);
  }

  @Test
  void membersOfOursAndOfTheirsHoldTheSameKeys() throws Exception {
    Lineup lineup = Lineup.mixed(2, 1).orSkip();
    Client client = Client.THEIRS;
    try (Cluster cluster =
        Cluster.start(directory, lineup, "--enable-v2=true", "--snapshot-count=100")) {
      cluster.awaitSettled();
      session(client, cluster);
      Member ours = cluster.members().get(0);
      Member theirs = cluster.members().get(2);
      theirs.kill();
      cluster.awaitLeader();
      for (int i = 0; i < 150; i++) {
        client.at(ours, "set", "/away/" + i % 7, "v" + i).orFail();
      }
      theirs.launch();
      theirs.awaitReady();
      client.at(ours, "set", "/end", "x").orFail();
      settleOnIndexes(client, cluster);
      String expected = client.at(ours, "ls", "--sort", "--recursive", "/").orFail();
      assertThat(expected).contains("/away/6\n");
      assertThat(client.at(theirs, "ls", "--sort", "--recursive", "/").orFail())
          .isEqualTo(expected);
      assertThat(client.at(theirs, "get", "/away/" + 149 % 7).orFail()).isEqualTo("v149\n");
    }
  }

  private static void put(Member member, String key, String value) {
    try {
      HttpURLConnection call =
          (HttpURLConnection)
              URI.create(endpoint(member) + "/v2/keys" + key).toURL().openConnection();
      call.setRequestMethod("PUT");
      call.setDoOutput(true);
      call.setRequestProperty("Content-Type", "application/x-www-form-urlencoded");
      call.getOutputStream().write(("value=" + value).getBytes(UTF_8));
      assertThat(call.getResponseCode()).isBetween(200, 201);
      call.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aMemberThatIsBehindTheLogGetsTheKeysWithTheDatabase() throws Exception {
    Client client = Client.THEIRS;
    String[] flags = {"--enable-v2=true", "--snapshot-count=50", "--snapshot-catchup-entries=5"};
    try (Cluster cluster = Cluster.start(directory, Lineup.ours(3), flags)) {
      cluster.awaitSettled();
      Member writer = cluster.awaitLeader(); // so that no write meets an election
      Member away =
          cluster.members().stream().filter(member -> member != writer).findFirst().orElseThrow();
      put(writer, "/gone", "x");
      put(writer, "/kept", "x");
      Await.that(SOON, "it has them", () -> client.at(away, "get", "/kept").exitCode() == 0);
      away.kill();
      client.at(writer, "--no-sync", "rm", "/gone").orFail(); // it would try who is away
      for (int i = 0; i < 400; i++) {
        put(writer, "/away/d" + i % 7 + "/f" + i % 50, "v" + i);
      }
      away.launch();
      away.awaitReady();
      away.process().awaitLog("applied snapshot", SOON);
      put(writer, "/end", "x");
      settleOnIndexes(client, cluster);
      for (boolean again : new boolean[] {false, true}) {
        String expected = client.at(writer, "ls", "--sort", "--recursive", "/").orFail();
        assertThat(expected).contains("/away/d6/f").doesNotContain("/gone");
        assertThat(client.at(away, "ls", "--sort", "--recursive", "/").orFail())
            .as("started again: %s", again)
            .isEqualTo(expected);
        assertThat(client.at(away, "get", "/away/d0/f" + 399 / 7 * 7 % 50).orFail())
            .isEqualTo("v" + 399 / 7 * 7 + "\n");
        away.kill();
        away.launch();
        away.awaitReady();
      }
    }
  }
}
