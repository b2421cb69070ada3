package io.etcdj.server.peer;

import static io.etcdj.server.peer.TestMember.eventually;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members that talk over real sockets. */
@Timeout(120)
class PeerTransportTest {
  @TempDir Path directory;
  private final List<TestMember> members = new ArrayList<>();

  @AfterEach
  void close() {
    members.forEach(TestMember::close);
  }

  /** What the members had to say, for a failure. */
  private String complaints() {
    return members.stream()
        .map(m -> m.id + ": " + m.log().lines().filter(l -> l.contains("\"warn\"")).toList())
        .collect(Collectors.joining("\n"));
  }

  private TestMember member(long id) {
    return member(id, 0);
  }

  private TestMember member(long id, int port) {
    TestMember member = new TestMember(id, TestMember.CLUSTER, port, directory);
    members.add(member);
    return member;
  }

  private void stop(TestMember member) {
    members.remove(member);
    member.close();
  }

  @Test
  void aMessageReachesTheOtherMember() throws Exception {
    TestMember a = member(1);
    TestMember b = member(2);
    connect(a, b);
    a.transport.send(List.of(message(a, b, MessageType.MsgHeartbeat, 7)));
    Message got = b.received.poll(10, SECONDS);
    assertThat(got).isEqualTo(message(a, b, MessageType.MsgHeartbeat, 7));
    assertThat(a.transport.activeSinceNanos(2)).isNotEqualTo(-1);
    assertThat(a.transport.isOwnKind(2)).isTrue();
    assertThat(b.transport.isOwnKind(1)).isTrue();
    assertThat(a.transport.activeSinceNanos(9)).isEqualTo(-1);
    eventually(
        "bytes are counted",
        () ->
            a.metrics.expose().contains("etcd_network_peer_sent_bytes_total{To=\"2\"} ")
                && b.metrics
                    .expose()
                    .contains("etcd_network_peer_received_bytes_total{From=\"1\"}"));
    assertThat(a.metrics.expose())
        .contains("etcd_network_active_peers{Local=\"1\",Remote=\"2\"} 1")
        .contains("etcd_network_known_peers{Local=\"1\",Remote=\"2\"} 1");
  }

  @Test
  void beforeThereAreStreamsMessagesArePosted() throws Exception {
    TestMember a = member(1);
    TestMember b = member(2);
    a.knows(b); // b does not dial a, so there is no stream to write to
    a.transport.send(List.of(message(a, b, MessageType.MsgVote, 1)));
    assertThat(b.received.poll(10, SECONDS)).isEqualTo(message(a, b, MessageType.MsgVote, 1));
    // b does not know a, but a said who it is
    b.transport.send(List.of(message(b, a, MessageType.MsgVoteResp, 1)));
    assertThat(a.received.poll(10, SECONDS)).isEqualTo(message(b, a, MessageType.MsgVoteResp, 1));
    assertThat(b.logCount("added new remote peer")).isEqualTo(1);
  }

  @Test
  void aMillionMessagesOfThreeMembersArriveInOrderPerChannel() throws Exception {
    int each = 200_000;
    TestMember a = member(1);
    TestMember b = member(2);
    TestMember c = member(3);
    List<TestMember> all = List.of(a, b, c);
    connect(a, b);
    connect(a, c);
    connect(b, c);
    CountDownLatch whole = new CountDownLatch(6 * each);
    AtomicLong disorder = new AtomicLong();
    AtomicLong[][] lastSeen = new AtomicLong[4][8];
    for (TestMember to : all) {
      AtomicLong[] last = lastSeen[(int) to.id];
      for (int i = 0; i < 8; i++) {
        last[i] = new AtomicLong(-1);
      }
      to.onReceive =
          m -> {
            int channel = (int) m.getFrom() * 2 + (m.getType() == MessageType.MsgApp ? 1 : 0);
            if (last[channel].getAndSet(m.getCommit()) >= m.getCommit()) {
              disorder.incrementAndGet();
            }
            whole.countDown();
          };
    }
    long began = System.nanoTime();
    List<Thread> senders = new ArrayList<>();
    for (TestMember from : all) {
      Thread sender = new Thread(() -> flood(from, all, each, whole));
      sender.start();
      senders.add(sender);
    }
    for (Thread sender : senders) {
      sender.join();
    }
    assertThat(whole.await(30, SECONDS))
        .as(() -> whole.getCount() + " missing; " + complaints())
        .isTrue();
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "%d messages in %.2f s: %.0f messages/s%n", 6 * each, seconds, 6 * each / seconds);
    assertThat(disorder).hasValue(0);
    for (TestMember member : all) {
      assertThat(member.unreachable).isEmpty();
    }
  }

  /** Sends in batches, and never more than what the queues hold. */
  private static void flood(TestMember from, List<TestMember> all, int each, CountDownLatch whole) {
    long total = whole.getCount();
    for (int i = 0; i < each; i += 100) {
      List<Message> batch = new ArrayList<>();
      for (TestMember to : all) {
        if (to != from) {
          for (int k = i; k < i + 100; k++) {
            batch.add(
                k % 2 == 0 ? message(from, to, MessageType.MsgHeartbeat, k) : append(from, to, k));
          }
        }
      }
      from.transport.send(batch);
      long sent = 6L * i;
      while (total - whole.getCount() < sent - 6_000) {
        LockSupport.parkNanos(100_000);
      }
    }
  }

  @Test
  void streamsComeBackAfterTheOtherEndRestarts() throws Exception {
    TestMember a = member(1);
    TestMember b = member(2);
    connect(a, b);
    int port = b.port();
    stop(b);
    eventually("the loss is noticed", () -> a.transport.activeSinceNanos(2) == -1);
    TestMember again = member(2, port);
    again.knows(a);
    eventually(
        "both streams are back",
        () -> again.hasStreamsTo(a) && a.logCount("stream-writer-type", "established") >= 4);
    a.transport.send(List.of(append(a, again, 1), message(a, again, MessageType.MsgHeartbeat, 2)));
    assertThat(again.received.poll(10, SECONDS)).isNotNull();
    assertThat(again.received.poll(10, SECONDS)).isNotNull();
    again.transport.send(List.of(message(again, a, MessageType.MsgHeartbeatResp, 3)));
    assertThat(a.received.poll(10, SECONDS)).isNotNull();
    assertThat(a.logCount("peer became inactive (message send to peer failed)")).isPositive();
    assertThat(a.metrics.expose())
        .contains("etcd_network_disconnected_peers_total{Local=\"1\",Remote=\"2\"}");
  }

  @Test
  void aMemberThatDoesNotReadCostsItsMessagesAndNothingElse() throws Exception {
    TestMember a = member(1);
    TestMember healthy = member(3);
    connect(a, healthy);
    try (ServerSocket nobody = new ServerSocket(0);
        Socket deaf = new Socket(InetAddress.getLoopbackAddress(), a.port())) {
      a.transport.addPeer(2, List.of("http://127.0.0.1:" + nobody.getLocalPort()));
      deaf.getOutputStream().write(RawHttp.streamRequest("msgapp", 2, 1).getBytes(US_ASCII));
      eventually(
          "it has its stream",
          () -> a.logCount("established", "stream-writer-type", "MsgApp", "\"2\"") == 1);
      ByteString megabyte = ByteString.copyFrom(new byte[1 << 20]);
      long began = System.nanoTime();
      for (int i = 0; i < 300; i++) {
        a.transport.send(
            List.of(
                Message.newBuilder()
                    .setType(MessageType.MsgApp)
                    .setFrom(1)
                    .setTo(2)
                    .setTerm(1)
                    .addEntries(Entry.newBuilder().setData(megabyte).setIndex(i))
                    .build()));
      }
      assertThat(System.nanoTime() - began).isLessThan(SECONDS.toNanos(5));
      assertThat(a.unreachable.poll(10, SECONDS)).isEqualTo(2L);
      assertThat(a.logCount("sending buffer is full (overloaded network)")).isPositive();
      a.transport.send(List.of(message(a, healthy, MessageType.MsgHeartbeat, 5)));
      assertThat(healthy.received.poll(10, SECONDS)).isNotNull();
      eventually(
          "its stream is given up",
          () -> a.logCount("lost TCP streaming connection", "stream-writer-type", "\"2\"") == 1);
    }
  }

  @Test
  void aMemberThatAcceptsAndSaysNothingIsGivenUpAndDialledAgain() throws Exception {
    TestMember a = member(1);
    try (ServerSocket silent = new ServerSocket(0)) {
      a.transport.addPeer(2, List.of("http://127.0.0.1:" + silent.getLocalPort()));
      silent.setSoTimeout(60_000);
      for (int i = 0; i < 2; i++) { // the two streams, and no answer to either
        silent.accept();
      }
      silent.accept(); // dialled again
      assertThat(a.transport.activeSinceNanos(2)).isEqualTo(-1);
    }
  }

  @Test
  void aNewStreamTakesThePlaceOfTheOldOne() throws Exception {
    TestMember a = member(1);
    a.transport.addPeer(2, List.of("http://127.0.0.1:1"));
    try (RawHttp first = new RawHttp(a.port());
        RawHttp second = new RawHttp(a.port())) {
      first.send(RawHttp.streamRequest("message", 2, 1));
      assertThat(first.head()).startsWith("HTTP/1.1 200 OK");
      second.send(RawHttp.streamRequest("message", 2, 1));
      assertThat(second.head()).startsWith("HTTP/1.1 200 OK");
      assertThat(first.chunks()).isEmpty(); // and the end, properly said
      a.transport.send(
          List.of(
              Message.newBuilder()
                  .setType(MessageType.MsgHeartbeat)
                  .setFrom(1)
                  .setTo(2)
                  .setTerm(1)
                  .build()));
      assertThat(second.chunk()).isEqualTo("0000000000000008" + "08081002" + "18012001");
    }
  }

  @Test
  void aRemovedMemberIsToldSoByStreamsAndPosts() throws Exception {
    TestMember a = member(1);
    TestMember b = member(2);
    b.removed.add(1L);
    a.knows(b);
    eventually("a learns it", () -> a.removedHere.get() > 0);
    int before = a.removedHere.get();
    a.transport.send(List.of(message(a, b, MessageType.MsgVote, 1)));
    eventually("and again", () -> a.removedHere.get() > before);
    assertThat(b.received).isEmpty();
  }

  @Test
  void aMemberThatIsNoMoreIsNotTalkedTo() throws Exception {
    TestMember a = member(1);
    TestMember b = member(2);
    connect(a, b);
    a.transport.removePeer(2);
    eventually("b loses its streams", () -> b.transport.activeSinceNanos(1) == -1);
    a.transport.send(List.of(message(a, b, MessageType.MsgVote, 1)));
    assertThat(a.transport.activeSinceNanos(2)).isEqualTo(-1);
    assertThat(b.received).isEmpty();
    a.knows(b);
    eventually("or is it", () -> a.transport.activeSinceNanos(2) != -1);
  }

  @Test
  void aMemberThatMovedIsFoundAtItsNewAddress() throws Exception {
    TestMember a = member(1);
    TestMember b = member(2);
    a.transport.addPeer(2, List.of("http://127.0.0.1:1"));
    b.knows(a);
    a.transport.updatePeer(2, List.of("http://127.0.0.1:1", b.url()));
    eventually("a goes on to the second address", () -> b.hasStreamsTo(a));
  }

  @Test
  void onlyTheLastAcknowledgementOfABatchIsSent() throws Exception {
    TestMember a = member(1);
    TestMember b = member(2);
    connect(a, b);
    Message first = message(a, b, MessageType.MsgAppResp, 1).toBuilder().setIndex(5).build();
    Message rejecting = first.toBuilder().setReject(true).build();
    Message last = first.toBuilder().setIndex(9).build();
    a.transport.send(List.of(first, rejecting, last));
    assertThat(b.received.poll(10, SECONDS)).isEqualTo(rejecting);
    assertThat(b.received.poll(10, SECONDS)).isEqualTo(last);
    assertThat(b.received).isEmpty();
  }

  @Test
  void aSnapshotAmongTheMessagesIsReportedAsFailed() throws Exception {
    TestMember a = member(1);
    TestMember b = member(2);
    a.knows(b);
    a.transport.send(List.of(message(a, b, MessageType.MsgSnap, 1)));
    assertThat(a.snapshots.poll(10, SECONDS)).isFalse();
  }

  private void connect(TestMember a, TestMember b) throws IOException {
    a.knows(b);
    b.knows(a);
    eventually("they have their streams", () -> a.hasStreamsTo(b) && b.hasStreamsTo(a));
  }

  static Message message(TestMember from, TestMember to, MessageType type, long commit) {
    return Message.newBuilder()
        .setType(type)
        .setFrom(from.id)
        .setTo(to.id)
        .setTerm(1)
        .setCommit(commit)
        .build();
  }

  private static final ByteString PAYLOAD = ByteString.copyFrom(new byte[100]);

  private static Message append(TestMember from, TestMember to, long commit) {
    return message(from, to, MessageType.MsgApp, commit).toBuilder()
        .setLogTerm(1)
        .setIndex(commit / 2) // one after the other, in the short form
        .addEntries(Entry.newBuilder().setTerm(1).setIndex(commit / 2 + 1).setData(PAYLOAD))
        .build();
  }
}
