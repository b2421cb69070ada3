package io.etcdj.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Our client against the original server, and where nothing changed between 3.4 and 3.7, beside the
 * original client.
 */
class EtcdctlAgainstEtcdTest {
  private static Path directory = Path.of(".");
  private static @Nullable OriginalEtcd server;

  @BeforeAll
  static void start(@TempDir Path temporary) throws IOException {
    directory = temporary;
    assumeTrue(OriginalEtcd.installed(), "no etcd in /usr/bin to compare with");
    server = new OriginalEtcd(directory.resolve("data"), OriginalEtcd.freePort());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static String[] withEndpoint(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add(0, "--endpoints=" + Objects.requireNonNull(server).endpoint());
    return all.toArray(new String[0]);
  }

  private static Run ours(String input, String... args) {
    return Run.ours(Etcdctl::run, Map.of(), input, withEndpoint(args));
  }

  private static String out(String... args) {
    Run run = ours("", args);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "get nothere",
        "get nothere -w json",
        "get same --rev 999999",
        "get  --prefix --limit 1 -w protobuf",
        "put nokey --ignore-value",
        "put k v --lease=1234",
        "lease revoke 1234",
        "lease timetolive 1234",
        "lease keep-alive 1234",
        "lease keep-alive 1234 --once",
        "lease list",
        "compaction 999999",
        "member list",
        "member list -w json",
        "member remove 1234",
        "member promote 1234",
        "member update 1234 --peer-urls=http://127.0.0.1:1",
        "member add n2 --peer-urls=foo",
        "move-leader 1234",
        "alarm list",
        "alarm list -w json",
        "auth enable",
        "user get nobody",
        "user delete nobody",
        "role get none",
        "role list",
        "role list -w json",
        "role grant-permission none read k z --prefix",
        "watch same --rev 1 --prefix extra",
        "endpoint hashkv --rev 999999 -w xml",
        "lock l1 echo hi",
      })
  void answersAreThoseOfTheOriginalClient(String line) throws Exception {
    String[] args = line.split(" ", -1);
    assertThat(ours("", args)).isEqualTo(Run.original("", withEndpoint(args)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bad\n\n\n\n",
        "mod(\"k\") = \"0\"\n\nget t\nput t \"x\\ty\"\n\n\n",
        "\nput d 1\nput d 2\n\n\n",
        "value(\"t\") = \"no\"\n\n\nget t --keys-only\ndel nothing\n\n",
      })
  void transactionsAreThoseOfTheOriginalClient(String text) throws Exception {
    ours("", "put", "t", "before");
    Run ours = ours(text, "txn", "-i");
    ours("", "put", "t", "before");
    assertThat(ours).isEqualTo(Run.original(text, withEndpoint("txn", "-i")));
  }

  @Test
  void aKeyIsPutReadAndDeleted() {
    assertThat(out("put", "kv", "one")).isEqualTo("OK\n");
    assertThat(out("put", "kv", "two", "--prev-kv")).isEqualTo("OK\nkv\none\n");
    assertThat(out("get", "kv")).isEqualTo("kv\ntwo\n");
    assertThat(out("get", "kv", "--print-value-only")).isEqualTo("two\n");
    assertThat(out("get", "k", "--prefix", "--count-only", "-w", "fields"))
        .contains("\"Count\" : ");
    assertThat(out("del", "kv", "--prev-kv")).isEqualTo("1\nkv\ntwo\n");
    assertThat(ours("from stdin\n", "put", "kv").out()).isEqualTo("OK\n");
    assertThat(out("get", "kv")).isEqualTo("kv\nfrom stdin\n\n");
  }

  @Test
  void aMegabyteGoesThroughFlowControlBothWays() {
    String value = "v".repeat(1 << 20);
    assertThat(ours(value, "put", "big").out()).isEqualTo("OK\n");
    assertThat(out("get", "big", "--print-value-only")).isEqualTo(value + "\n");
    out("del", "big");
  }

  @Test
  void moreThanTheClientMaySendIsNotSent() {
    assertThat(ours("v".repeat(2_200_000), "put", "big").err())
        .isEqualTo(
            "Error: rpc error: code = ResourceExhausted desc = trying to send message larger than"
                + " max (2200010 vs. 2097152)\n");
  }

  @Test
  void anotherEndpointServesWhenTheFirstDoesNot() {
    String endpoint = Objects.requireNonNull(server).endpoint();
    Run run =
        Run.ours(Etcdctl::run, Map.of(), "", "--endpoints=127.0.0.1:1," + endpoint, "get", "x");
    assertThat(run).isEqualTo(new Run(0, "", ""));
  }

  @Test
  void aLeaseLivesAndDies() {
    String granted = out("lease", "grant", "300");
    assertThat(granted).endsWith(" granted with TTL(300s)\n");
    String id = granted.split(" ", -1)[1];
    out("put", "leased", "v", "--lease", id);
    assertThat(out("lease", "timetolive", id, "--keys"))
        .startsWith("lease " + id + " granted with TTL(300s), remaining(")
        .endsWith("s), attached keys([leased])\n");
    assertThat(out("lease", "keep-alive", "--once", id))
        .isEqualTo("lease " + id + " keepalived with TTL(300)\n");
    assertThat(out("lease", "revoke", id)).isEqualTo("lease " + id + " revoked\n");
    assertThat(out("get", "leased")).isEmpty();
  }

  @Test
  void aWatchReplaysHistoryAndRunsACommandPerEvent() {
    out("put", "w/1", "a");
    Run run = ours("", "watch", "w/1", "--rev=1", "--", "sh", "-c", "echo $ETCD_WATCH_KEY; exit 3");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEqualTo("PUT\nw/1\na\n\"w/1\"\n");
    assertThat(run.err()).endsWith(" error (exit status 3)\n");
  }

  @Test
  void aLockPassesTheExitStatusOfItsCommandOn() {
    Run run = ours("", "lock", "l2", "--", "sh", "-c", "echo $ETCD_LOCK_KEY; exit 7");
    assertThat(run.exitCode()).isEqualTo(7);
    assertThat(run.out()).startsWith("l2/");
    assertThat(run.err()).isEqualTo("Error: exit status 7\n");
    assertThat(out("get", "l2/", "--prefix")).isEmpty();
  }

  @Test
  void usersRolesAndTokens() throws IOException {
    try (OriginalEtcd other =
        new OriginalEtcd(directory.resolve("auth"), OriginalEtcd.freePort())) {
      String endpoint = "--endpoints=" + other.endpoint();
      assertThat(auth(endpoint, "user", "add", "root:rp").out()).isEqualTo("User root created\n");
      assertThat(
              Run.ours(
                      Etcdctl::run,
                      Map.of(),
                      "pw\n",
                      endpoint,
                      "user",
                      "add",
                      "u",
                      "--interactive=false")
                  .out())
          .isEqualTo("User u created\n");
      assertThat(auth(endpoint, "role", "add", "r").out()).isEqualTo("Role r created\n");
      assertThat(
              auth(endpoint, "role", "grant-permission", "r", "readwrite", "a", "--prefix").out())
          .isEqualTo("Role r updated\n");
      assertThat(auth(endpoint, "user", "grant-role", "u", "r").out())
          .isEqualTo("Role r is granted to user u\n");
      assertThat(auth(endpoint, "user", "get", "u", "--detail").out())
          .isEqualTo(
              "User: u\n\nRole r\nKV Read:\n\t[a, b) (prefix a)\nKV Write:\n\t[a, b) (prefix a)\n");
      assertThat(auth(endpoint, "auth", "enable").out()).isEqualTo("Authentication Enabled\n");
      assertThat(auth(endpoint, "get", "a"))
          .isEqualTo(new Run(1, "", "Error: etcdserver: user name is empty\n"));
      assertThat(auth(endpoint, "--user=u:bad", "get", "a"))
          .isEqualTo(
              new Run(
                  2,
                  "",
                  "Error: etcdserver: authentication failed, invalid user ID or password\n"));
      assertThat(auth(endpoint, "--user=u:pw", "put", "a1", "v").out()).isEqualTo("OK\n");
      assertThat(auth(endpoint, "--user=u", "--password=pw", "put", "b", "v"))
          .isEqualTo(new Run(1, "", "Error: etcdserver: permission denied\n"));
      assertThat(auth(endpoint, "--user=u:pw", "endpoint", "health").out()).contains("is healthy");
      assertThat(auth(endpoint, "--user=root:rp", "auth", "disable").out())
          .isEqualTo("Authentication Disabled\n");
    }
  }

  private static Run auth(String... args) {
    return Run.ours(Etcdctl::run, Map.of(), "", args);
  }

  @Test
  void aSavedSnapshotIsRestoredAndServedByTheOriginal() throws Exception {
    out("put", "restored", "yes");
    Path snapshot = directory.resolve("s.db");
    assertThat(ours("", "snapshot", "save", snapshot.toString()).out())
        .isEqualTo("Snapshot saved at " + snapshot + "\n");
    String hash = out("endpoint", "hashkv").split(", ", -1)[1];
    assertThat(utl("hashkv", snapshot.toString()).out()).startsWith(hash + ", ");
    assertThat(utl("snapshot", "status", snapshot.toString()).out().split(", ", -1)[0])
        .isEqualTo(
            Run.original("", "snapshot", "status", snapshot.toString()).out().split(", ", -1)[0]);

    int peerPort = OriginalEtcd.freePort();
    String peer = "http://127.0.0.1:" + peerPort;
    Path restored = directory.resolve("restored");
    String[] restore = {
      "snapshot",
      "restore",
      snapshot.toString(),
      "--data-dir=" + restored,
      "--name=m1",
      "--initial-cluster=m1=" + peer,
      "--initial-advertise-peer-urls=" + peer
    };
    assertThat(utl(restore).exitCode()).isZero();
    assertThat(utl(restore).err())
        .isEqualTo("Error: data-dir \"" + restored + "\" not empty or could not be read\n");
    try (OriginalEtcd other = new OriginalEtcd(restored, peerPort)) {
      Run get =
          Run.ours(
              Etcdctl::run, Map.of(), "", "--endpoints=" + other.endpoint(), "get", "restored");
      assertThat(get).isEqualTo(new Run(0, "restored\nyes\n", ""));
    }
    assertThat(utl("defrag", "--data-dir=" + restored).exitCode()).isZero();
    assertThat(utl("migrate", "--data-dir=" + restored, "--target-version=3.6").exitCode())
        .isZero();
    assertThat(utl("snapshot", "status", restored + "/member/snap/db").out()).endsWith(", 3.6.0\n");
    byte[] cut = Files.readAllBytes(snapshot);
    cut[cut.length - 1]++;
    Files.write(snapshot, cut);
    assertThat(
            utl("snapshot", "restore", snapshot.toString(), "--data-dir=" + directory.resolve("r5"))
                .err())
        .contains("Error: expected sha256 [");
  }

  private static Run utl(String... args) {
    return Run.ours(Etcdutl::run, Map.of(), "", args);
  }
}
