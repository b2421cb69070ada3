package io.etcdj.server.peer;

import static io.etcdj.server.peer.TestMember.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the peer port answers, byte by byte, to members, strangers and worse. */
@Timeout(60)
class PeerRoutesTest {
  private static final String VOTE =
      new String(
          HexFormat.of().parseHex("0805" + "1001" + "1802" + "2003"), StandardCharsets.ISO_8859_1);
  private static final String STREAM = "/raft/stream/message/2";
  private static final String[] NO_CHANGE = {};

  @TempDir Path directory;
  private TestMember member;

  @BeforeEach
  void open() {
    member = new TestMember(1, directory);
    member.transport.addPeer(2, List.of("http://127.0.0.1:1"));
  }

  /** Whatever a test did, others are served. */
  @AfterEach
  void stillServesAndCloses() throws Exception {
    assertThat(ask("GET", "/raft/probing", "")).startsWith("HTTP/1.1 200 OK");
    member.close();
  }

  @Test
  void aPostedMessageIsTaken() throws Exception {
    assertThat(ask("POST", "/raft", VOTE))
        .startsWith("HTTP/1.1 204 No Content")
        .containsIgnoringCase("X-Etcd-Cluster-ID: c1");
    assertThat(member.received.take().getType()).isEqualTo(MessageType.MsgVote);
  }

  @Test
  void otherMethodsAreNotAllowed() throws Exception {
    assertRefused(ask("GET", "/raft", ""), "405 Method Not Allowed", "Method Not Allowed\n")
        .contains("Allow: POST");
    assertRefused(
            ask("GET", "/raft/snapshot", ""), "405 Method Not Allowed", "Method Not Allowed\n")
        .contains("Allow: POST");
    assertRefused(ask("POST", STREAM, ""), "405 Method Not Allowed", "Method Not Allowed\n")
        .contains("Allow: GET");
  }

  @Test
  void versionsAreCheckedBeforeTheCluster() throws Exception {
    for (String path : List.of("/raft", "/raft/snapshot", STREAM)) {
      String method = path.equals(STREAM) ? "GET" : "POST";
      for (String[] change :
          List.of(
              new String[] {"X-Server-Version", "2.3.8", "X-Etcd-Cluster-ID", "bad"},
              new String[] {"X-Server-Version", "", "X-Min-Cluster-Version", ""},
              new String[] {"X-Min-Cluster-Version", "9.0.0"})) {
        assertRefused(
                ask(method, path, "", change), "412 Precondition Failed", "incompatible version\n")
            .containsIgnoringCase("X-Etcd-Cluster-ID: c1");
      }
      for (String cluster : List.of("bad", "", "C1", "0c1")) {
        assertRefused(
                ask(method, path, "", "X-Etcd-Cluster-ID", cluster),
                "412 Precondition Failed",
                "cluster ID mismatch\n")
            .containsIgnoringCase("X-Etcd-Cluster-ID: c1");
      }
    }
    assertThat(member.logCount("request cluster ID mismatch")).isPositive();
    assertThat(member.logCount("failed version compatibility check")).isPositive();
  }

  @Test
  void aVersionThatIsNoneEndsTheConnection() throws Exception {
    try (RawHttp raw = new RawHttp(member.port())) {
      raw.send(RawHttp.request("POST", "/raft", VOTE, "X-Server-Version", "three"));
      assertThat(raw.rest()).isEmpty();
    }
  }

  @Test
  void streamsAreForKnownMembersThatMeanThisOne() throws Exception {
    assertRefused(ask("GET", "/raft/stream/other/2", ""), "404 Not Found", "invalid path\n")
        .containsIgnoringCase("X-Server-Version: 3.7.1");
    assertRefused(ask("GET", "/raft/stream/2", ""), "404 Not Found", "invalid path\n");
    assertRefused(ask("GET", STREAM + "/2", ""), "404 Not Found", "invalid path\n");
    assertRefused(ask("GET", "/raft/stream/message/xyz", ""), "404 Not Found", "invalid from\n");
    assertRefused(
        ask("GET", STREAM, "", "X-Raft-To", "7"), "412 Precondition Failed", "to field mismatch\n");
    assertRefused(
        ask("GET", "/raft/stream/msgapp/5", ""), "404 Not Found", "error sender not found\n");
    assertThat(member.logCount("added new remote peer", "\"5\"")).isEqualTo(1);
    member.removed.add(2L);
    assertRefused(ask("GET", STREAM, ""), "410 Gone", "removed member\n");
  }

  @Test
  void aStreamBeginsAtOnceAndShowsSignsOfLife() throws Exception {
    try (RawHttp raw = new RawHttp(member.port())) {
      raw.send(RawHttp.streamRequest("msgapp", 2, 1));
      assertThat(raw.head())
          .startsWith("HTTP/1.1 200 OK")
          .containsIgnoringCase("X-Server-Version: 3.7.1")
          .containsIgnoringCase("Transfer-Encoding: chunked");
      assertThat(raw.chunk()).isEqualTo("00");
    }
    eventually("the loss is noticed", () -> member.transport.activeSinceNanos(2) == -1);
  }

  @Test
  void messagesForOthersAndFromRemovedMembersAreForbidden() throws Exception {
    String forOther = VOTE.replace("\u0010\u0001", "\u0010\u0009");
    assertForbidden(ask("POST", "/raft", forOther), "cannot process message to mismatch member");
    member.removed.add(2L);
    assertForbidden(ask("POST", "/raft", VOTE), "cannot process message from removed member");
    assertThat(member.received).isEmpty();
  }

  private static void assertForbidden(String answer, String text) {
    assertThat(answer)
        .startsWith("HTTP/1.1 403 Forbidden")
        .contains("Content-Type: application/json")
        .endsWith("\r\n\r\n{\"message\":\"" + text + "\"}");
  }

  @Test
  void whatACoreSaysToItselfIsNotTakenFromOthers() throws Exception {
    for (String type : List.of("0800", "0801", "080a", "080b", "0813", "087f", "")) {
      String body =
          new String(HexFormat.of().parseHex(type + "1001" + "1802"), StandardCharsets.ISO_8859_1);
      assertThat(ask("POST", "/raft", body)).startsWith("HTTP/1.1 204");
    }
    assertThat(member.received).isEmpty();
  }

  @Test
  void garbageIsRefused() throws Exception {
    assertRefused(
        ask("POST", "/raft", "garbage"), "400 Bad Request", "error unmarshalling raft message\n");
    assertThat(ask("POST", "/raft/snapshot", "short")).contains("failed to decode raft message (");
    assertThat(ask("POST", "/raft/snapshot", "\u007f".repeat(100)))
        .startsWith("HTTP/1.1 400")
        .contains("failed to decode raft message (");
    assertRefused(
        ask("POST", "/raft/snapshot", "\0\0\0\0\0\0\0\u0008" + VOTE),
        "400 Bad Request",
        "wrong raft message type\n");
    assertThat(list()).isEmpty();
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      byte[] noise = new byte[random.nextInt(2_000)];
      random.nextBytes(noise);
      try (RawHttp raw = new RawHttp(member.port())) {
        if (i % 3 == 0) {
          raw.send(RawHttp.request("POST", "/raft", "", "Content-Length", "99999999999"));
        } else if (i % 3 == 1) {
          raw.send(RawHttp.request("POST", "/raft/snapshot", "", "Transfer-Encoding", "chunked"));
        }
        raw.send(noise);
      } catch (SocketException refused) {
        // it did not want to read all of it
      }
    }
  }

  @Test
  void aDatabaseThatBreaksOffIsNotKept() throws Exception {
    Message snap =
        Message.newBuilder()
            .setType(MessageType.MsgSnap)
            .setFrom(2)
            .setTo(1)
            .setTerm(1)
            .setSnapshot(
                io.etcdj.api.raftpb.Snapshot.newBuilder()
                    .setMetadata(
                        io.etcdj.api.raftpb.SnapshotMetadata.newBuilder().setIndex(9).setTerm(1)))
            .build();
    FrameBuffer frame = new FrameBuffer(100);
    frame.putFramed(snap);
    String head = new String(frame.toBytes(), StandardCharsets.ISO_8859_1);
    String part = head + "the first half";
    for (String encoding : List.of("chunked", "length")) {
      try (RawHttp raw = new RawHttp(member.port())) {
        raw.send(
            encoding.equals("chunked")
                ? RawHttp.request("POST", "/raft/snapshot", "", "Transfer-Encoding", "chunked")
                    + Integer.toHexString(part.length())
                    + "\r\n"
                    + part
                    + "\r\n"
                : RawHttp.request("POST", "/raft/snapshot", part, "Content-Length", "1000"));
        eventually("it has begun", () -> list().size() == 1);
      }
      eventually("the rest is gone", () -> list().isEmpty());
    }
    assertThat(member.received).isEmpty();
    assertThat(ask("POST", "/raft/snapshot", part)).startsWith("HTTP/1.1 204");
    assertThat(list()).containsExactly("0000000000000009.snap.db");
    assertThat(Files.readString(directory.resolve("0000000000000009.snap.db")))
        .isEqualTo("the first half");
    assertThat(member.received.take()).isEqualTo(snap);
    // the same again: the first one stays
    assertThat(ask("POST", "/raft/snapshot", head + "something else")).startsWith("HTTP/1.1 204");
    assertThat(list()).containsExactly("0000000000000009.snap.db");
    assertThat(Files.readString(directory.resolve("0000000000000009.snap.db")))
        .isEqualTo("the first half");
    assertThat(member.metrics.expose())
        .contains("etcd_network_snapshot_receive_success{From=\"2\"} 2")
        .contains("etcd_network_snapshot_receive_failures{From=\"2\"} 2")
        .contains("etcd_network_snapshot_receive_inflights_total{From=\"2\"} 0");
  }

  @Test
  void aProbeIsAnsweredWithTheTime() throws Exception {
    assertThat(ask("GET", "/raft/probing", "", NO_CHANGE))
        .containsPattern("\\{\"OK\":true,\"Now\":\"\\d{4}-\\d\\d-\\d\\dT.*\"}\n$");
  }

  private List<String> list() {
    try (var files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String ask(String method, String path, String body, String... changes)
      throws IOException {
    try (RawHttp raw = new RawHttp(member.port())) {
      raw.send(RawHttp.request(method, path, body, changes));
      return raw.answer();
    }
  }

  private static org.assertj.core.api.AbstractStringAssert<?> assertRefused(
      String answer, String status, String body) {
    return assertThat(answer)
        .startsWith("HTTP/1.1 " + status)
        .contains("Content-Type: text/plain; charset=utf-8")
        .contains("X-Content-Type-Options: nosniff")
        .endsWith("\r\n\r\n" + body);
  }
}
