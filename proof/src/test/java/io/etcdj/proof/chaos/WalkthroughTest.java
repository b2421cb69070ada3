package io.etcdj.proof.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.proof.Command;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.cluster.Await;
import io.etcdj.proof.cluster.Lineup;
import io.etcdj.proof.cluster.Make;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The local cluster of etcd's documentation (infra1, infra2 and infra3 out of a Procfile), as a
 * user types it, on free ports.
 */
final class WalkthroughTest {
  private static final String TOKEN = "etcd-cluster-1";
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private final List<ServerProcess> members = new ArrayList<>();
  private List<String> ctl = List.of();

  @AfterEach
  void stop() {
    members.forEach(ServerProcess::close);
  }

  /** What the documentation shows for its ports. */
  @Test
  void idsComeFromUrlsAndToken() {
    assertThat(Stream.of(12380, 22380, 32380).map(port -> id("http://127.0.0.1:" + port)))
        .containsExactly("8211f1d0f64f3269", "91bc3c398fb3c146", "fd422379fda50e48");
  }

  private static String id(String url) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest((url + TOKEN).getBytes(UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8).replaceFirst("^0+", "");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Make.class)
  void aClusterOfThree(Make ctlMake) throws InterruptedException {
    assumeTrue(
        ctlMake == Make.OURS || Files.isExecutable(Command.ETCDCTL),
        "needs /usr/bin/etcdctl (on Debian: etcd-client)");
    ctl = ctlMake == Make.ORIGINAL ? List.of(Command.ETCDCTL.toString()) : Command.OUR_ETCDCTL;
    start();

    // member list, once the first knows that the last has started
    String[] table =
        Await.value(
                SOON,
                "all have started",
                () ->
                    Optional.of(etcdctl(0, "--write-out=table", "member", "list").orFail())
                        .filter(said -> !said.contains("unstarted")))
            .replace('│', '|') // newer releases draw finer lines
            .split("\n", -1);
    assertThat(table[1].replaceAll(" +", " "))
        .startsWith("| ID | STATUS | NAME | PEER ADDRS | CLIENT ADDRS |");
    assertThat(Stream.of(table).filter(l -> l.contains("infra")).map(l -> l.replaceAll(" +", " ")))
        .hasSize(3)
        .allSatisfy(line -> assertThat(rows()).anyMatch(line::startsWith));

    // put and get, at one and another
    assertThat(onceThereIsALeader(0, "put", "foo", "bar")).isEqualTo("OK\n");
    assertThat(etcdctl(0, "get", "foo").orFail()).isEqualTo("foo\nbar\n");
    assertThat(etcdctl(1, "get", "foo").orFail()).isEqualTo("foo\nbar\n");

    // one stops; the others go on; it says nothing, and then all that it missed
    members.get(1).terminate();
    members.get(1).awaitExit(SOON);
    assertThat(onceThereIsALeader(0, "put", "key", "hello")).isEqualTo("OK\n");
    assertThat(etcdctl(0, "get", "key").orFail()).isEqualTo("key\nhello\n");
    Command refused = etcdctl(1, "get", "key");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.said()).contains("Error: context deadline exceeded");
    members.set(1, ServerProcess.start(members.get(1).settings()));
    assertThat(onceThereIsALeader(1, "get", "key")).isEqualTo("key\nhello\n");
  }

  /** The one that was stopped may have led, and a busy machine elects slowly. */
  private String onceThereIsALeader(int member, String... arguments) throws InterruptedException {
    return Await.value(
        SOON,
        String.join(" ", arguments) + " succeeds",
        () ->
            Optional.of(etcdctl(member, arguments))
                .filter(command -> command.exitCode() == 0)
                .map(Command::said));
  }

  private void start() {
    List<ServerProcess.Settings> settings = new ArrayList<>();
    List<String> initial = new ArrayList<>();
    for (Make make : Lineup.underTest().makes()) {
      String name = "infra" + (settings.size() + 1);
      Path data = directory.resolve(name + ".etcd");
      ServerProcess.Settings one =
          make == Make.OURS
              ? ServerProcess.Settings.ours(data).withSmallJvm()
              : ServerProcess.Settings.original(data);
      settings.add(one.withFlags("--name=" + name, "--initial-cluster-token=" + TOKEN));
      initial.add(name + "=http://127.0.0.1:" + one.peerPort());
    }
    for (ServerProcess.Settings one : settings) {
      members.add(
          ServerProcess.launch(
              one.withFlags(
                  "--initial-cluster=" + String.join(",", initial),
                  "--initial-cluster-state=new",
                  "--enable-pprof")));
    }
    members.forEach(m -> m.awaitLog("ready to serve client requests", SOON));
  }

  /** How the line of each member begins. */
  private List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      String peer = "http://127.0.0.1:" + members.get(i).settings().peerPort();
      rows.add(
          String.format(
              "| %s | started | infra%d | %s | %s |",
              id(peer), i + 1, peer, members.get(i).endpoint()));
    }
    return rows;
  }

  private Command etcdctl(int member, String... arguments) {
    List<String> words = new ArrayList<>(ctl);
    words.add("--endpoints=localhost:" + members.get(member).clientPort());
    words.addAll(List.of(arguments));
    return Command.run(
        null, ctl.size() == 1 ? Map.of("ETCDCTL_API", "3") : Map.of(), words); // 3.4 asks for it
  }
}
