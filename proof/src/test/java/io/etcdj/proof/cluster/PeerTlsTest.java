package io.etcdj.proof.cluster;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clusters whose members speak TLS with each other, and who is turned away there. */
@Timeout(180)
final class PeerTlsTest {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final int ANSWER_MILLIS = 10_000;
  private static final String REJECTED = "rejected connection on peer endpoint";
  private static final String READY = "ready to serve client requests";

  @TempDir private Path directory;

  /** What members show each other, and whom they believe; then what else is said. */
  private static String[] mutual(String certificate, String... more) {
    return concat(
        Certificates.shown(certificate),
        concat(
            new String[] {
              "--peer-trusted-ca-file=" + Certificates.file("ca.pem"), "--peer-client-cert-auth"
            },
            more));
  }

  private static String[] concat(String[] some, String[] others) {
    String[] all = Arrays.copyOf(some, some.length + others.length);
    System.arraycopy(others, 0, all, some.length, others.length);
    return all;
  }

  private static void put(Member through, String key, int times) {
    for (int i = 0; i < times; i++) {
      through.control().put(key, "v" + i);
    }
  }

  /** All members have the same history, up to what was written last. */
  private static void assertSame(Cluster cluster) throws InterruptedException {
    cluster.awaitSettled();
    long revision = Cluster.revision(cluster.awaitLeader());
    int expected = Cluster.hash(cluster.members().get(0), revision);
    for (Member member : cluster.members()) {
      assertThat(Cluster.hash(member, revision)).as("%s", member).isEqualTo(expected);
    }
  }

  private static Member follower(Cluster cluster) throws InterruptedException {
    Member leader = cluster.awaitLeader();
    return cluster.members().stream().filter(m -> m != leader).findFirst().orElseThrow();
  }

  // ---- Members that belong together

  @Test
  void membersReplicateOverTlsAndOneThatWasAwayCatchesUp() throws Exception {
    String[] flags = mutual("peer", "--snapshot-count=50", "--snapshot-catchup-entries=5");
    try (Cluster cluster = Cluster.startSecure(directory, Lineup.ours(3), flags)) {
      cluster.awaitSettled();
      for (Member member : cluster.members()) {
        assertThat(member.peerUrl()).startsWith("https://");
        member.control().put(member.name(), "v");
      }
      assertSame(cluster);

      // By the log: the one that led, while another leads.
      Member deposed = cluster.awaitLeader();
      deposed.kill();
      Member leader =
          Await.value(SOON, "another leader", () -> cluster.leader().filter(m -> m != deposed));
      put(leader, "a", 3);
      deposed.launch();
      deposed.awaitReady();
      assertSame(cluster);
      assertThat(deposed.process().log()).doesNotContain("applied snapshot");

      // By a snapshot: the log does not go back so far.
      Member away = follower(cluster);
      away.kill();
      put(cluster.awaitLeader(), "b", 100);
      away.launch();
      away.awaitReady();
      away.process().awaitLog("applied snapshot", SOON);
      assertSame(cluster);
    }
  }

  @Test
  void membersNeedNoCertificatesWhereEachMakesItsOwn() throws Exception {
    try (Cluster cluster = Cluster.startSecure(directory, Lineup.ours(3), "--peer-auto-tls")) {
      cluster.awaitSettled();
      Member away = follower(cluster);
      Path fixtures = away.settings().dataDirectory().resolve("fixtures").resolve("peer");
      String certificate = Files.readString(fixtures.resolve("cert.pem"));
      assertThat(certificate).startsWith("-----BEGIN CERTIFICATE-----\n");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(fixtures.resolve("key.pem"))))
          .isEqualTo("rw-------");
      Member leader = cluster.awaitLeader();
      put(leader, "k", 3);
      assertSame(cluster);
      away.kill();
      put(leader, "k", 3);
      away.launch();
      away.awaitReady();
      assertSame(cluster);
      assertThat(Files.readString(fixtures.resolve("cert.pem"))).isEqualTo(certificate);
      assertThat(plainAnswer(away)).doesNotContain("HTTP/1.1 200");
      assertThat(ask(away, Certificates.nobody())).contains("\"etcdserver\"");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void membersOfBothMakesReplicateOverTlsWhoeverLeads(boolean automatic) throws Exception {
    String[] flags =
        automatic
            ? new String[] {"--peer-auto-tls"}
            : mutual("peer", "--peer-cert-allowed-hostname=peers.example.test");
    try (Cluster cluster = Cluster.startSecure(directory, Lineup.mixed(2, 1).orSkip(), flags)) {
      Member ours = cluster.members().get(0);
      Member theirs = cluster.members().get(2);
      for (Member leader : List.of(theirs, ours)) {
        lead(cluster, leader);
        ours.control().put("by ours", "under " + leader);
        theirs.control().put("by theirs", "under " + leader);
        for (Member member : cluster.members()) {
          for (String key : List.of("by ours", "by theirs")) {
            assertThat(member.control().get(key).getKvs(0).getValue().toStringUtf8())
                .isEqualTo("under " + leader);
          }
        }
        if (!automatic) {
          Member away = leader == ours ? theirs : ours;
          away.kill();
          put(leader, "meanwhile", 3);
          away.launch();
          away.awaitReady();
        }
        assertSame(cluster);
      }
    }
  }

  /** Makes this member the leader; asks again while it is not up with the log. */
  private static void lead(Cluster cluster, Member wanted) throws InterruptedException {
    cluster.awaitSettled();
    long id = Cluster.id(wanted);
    Await.that(
        SOON,
        wanted + " leads",
        () -> {
          Member leader = cluster.leader().orElse(wanted);
          if (leader != wanted) {
            cluster.moveLeader(leader, id);
          }
          return cluster.leader().filter(m -> m == wanted).isPresent();
        });
    cluster.awaitSettled();
  }

  // ---- Who is turned away

  @Test
  void strangersAreTurnedAwayAndTheOthersGoOn() throws Exception {
    String[] flags = mutual("peer", "--peer-cert-allowed-cn=member");
    try (Cluster cluster = Cluster.startSecure(directory, Lineup.ours(3), flags)) {
      cluster.awaitSettled();
      Member door = follower(cluster);
      assertThat(ask(door, Certificates.of("peer"))).contains("\"etcdserver\"");
      assertTurnedAway(door, Certificates.nobody());
      assertTurnedAway(door, Certificates.of("foreign"));
      assertTurnedAway(door, Certificates.of("guest"));
      assertTurnedAway(door, Certificates.of("elsewhere"));
      try (Socket silent = connect(door)) { // holds nobody up
        assertThat(plainAnswer(door)).doesNotContain("HTTP", "etcd");
        assertThat(ask(door, Certificates.of("peer"))).contains("\"etcdserver\"");
        assertThat(silent.isConnected()).isTrue();
      }
      put(cluster.awaitLeader(), "k", 3);
      assertSame(cluster);

      // A member of this cluster by its data, but not by its certificate.
      Member member = follower(cluster);
      member.kill();
      assertIsNoMember(cluster, member, Certificates.shown("guest"));
      member.launch();
      member.awaitReady();
      assertSame(cluster);
    }
  }

  @Test
  void whoseCertificateLacksTheHostnameIsTurnedAway() throws Exception {
    String[] flags = mutual("peer", "--peer-cert-allowed-hostname=peers.example.test");
    try (Cluster cluster = Cluster.startSecure(directory, Lineup.ours(1), flags)) {
      Member member = cluster.awaitLeader();
      assertThat(ask(member, Certificates.of("peer"))).contains("\"etcdserver\"");
      assertTurnedAway(member, Certificates.of("guest"));
      put(member, "k", 1);
    }
  }

  /** With these flags a member, which must be down, does not get in, though it has its data. */
  private static void assertIsNoMember(Cluster cluster, Member member, String... flags)
      throws InterruptedException {
    Member leader = cluster.awaitLeader();
    long before = rejections(leader);
    member.launch(flags);
    Await.that(
        SOON,
        leader + " turns it away",
        () -> {
          put(leader, "meanwhile", 1); // which it would get if it were let in
          return rejections(leader) >= before + 3;
        });
    assertThat(member.isRunning()).isTrue();
    assertThat(member.process().log()).doesNotContain(READY);
    assertThat(cluster.awaitLeader()).isNotSameAs(member);
    put(cluster.awaitLeader(), "meanwhile", 1); // nor does it keep the others from theirs
    member.kill();
  }

  private static long rejections(Member member) {
    return member.process().log().lines().filter(line -> line.contains(REJECTED)).count();
  }

  private static void assertTurnedAway(Member member, SSLContext stranger) {
    long before = rejections(member);
    assertThatThrownBy(() -> ask(member, stranger)).isInstanceOf(IOException.class);
    try {
      Await.that(SOON, "it is told", () -> rejections(member) > before);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(member.isRunning()).isTrue();
  }

  private static Socket connect(Member member) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), member.settings().peerPort());
    socket.setSoTimeout(ANSWER_MILLIS);
    return socket;
  }

  /** What a member answers on its peer port; an exception when it does not. */
  private static String ask(Member member, SSLContext context) throws IOException {
    try (Socket plain = connect(member);
        SSLSocket socket =
            (SSLSocket)
                context
                    .getSocketFactory()
                    .createSocket(plain, "127.0.0.1", plain.getPort(), true)) {
      String answer = answer(socket);
      if (answer.isEmpty()) {
        throw new SocketException("closed");
      }
      return answer;
    }
  }

  private static String plainAnswer(Member member) throws IOException {
    try (Socket socket = connect(member)) {
      return answer(socket);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("it leaves the connection open", e);
    } catch (SocketException reset) {
      return "";
    }
  }

  private static String answer(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }
}
