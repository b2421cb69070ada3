package io.etcdj.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bytes of the two streams. */
class StreamCodecTest {
  private static final long LOCAL = 0xa;
  private static final long REMOTE = 0xb;

  @ParameterizedTest
  @EnumSource(StreamKind.class)
  void whatIsWrittenIsRead(StreamKind kind) throws Exception {
    List<Message> messages = conversation(kind);
    assertThat(read(kind, write(kind, messages))).isEqualTo(messages);
  }

  @ParameterizedTest
  @EnumSource(StreamKind.class)
  void itDoesNotMatterHowTheBytesAreCut(StreamKind kind) throws Exception {
    List<Message> messages = conversation(kind);
    byte[] bytes = write(kind, messages);
    for (int cut = 1; cut < bytes.length; cut++) {
      assertThat(
              read(kind, Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length)))
          .isEqualTo(messages);
    }
    byte[][] single = new byte[bytes.length][];
    for (int i = 0; i < bytes.length; i++) {
      single[i] = new byte[] {bytes[i]};
    }
    assertThat(read(kind, single)).isEqualTo(messages);
  }

  @Test
  void aMessageComesBehindItsLength() {
    Message vote =
        Message.newBuilder()
            .setType(MessageType.MsgVote)
            .setTo(LOCAL)
            .setFrom(REMOTE)
            .setTerm(3)
            .build();
    assertThat(hex(write(StreamKind.MESSAGE, List.of(vote))))
        .isEqualTo("0000000000000008" + "0805" + "100a" + "180b" + "2003");
  }

  @Test
  void appendsThatGoOnAreWrittenWithoutWhatBothEndsKnow() {
    Message first = append(2, 1, 5, 7, entry(2, 6, "a"));
    Message second = append(2, 2, 6, 8, entry(2, 7, "b"), entry(2, 8, "c"));
    Message empty = append(2, 2, 8, 9);
    Message apart = append(3, 2, 8, 9);
    String bytes = hex(write(StreamKind.MSGAPP, List.of(first, second, empty, apart)));
    assertThat(bytes)
        .isEqualTo(
            "02"
                + length(first.getSerializedSize())
                + hex(first.toByteArray())
                + "01"
                + length(2)
                + length(9)
                + "0800100218072201"
                + "62"
                + length(9)
                + "0800100218082201"
                + "63"
                + length(8)
                + "01"
                + length(0)
                + length(9)
                + "02"
                + length(apart.getSerializedSize())
                + hex(apart.toByteArray()));
  }

  @Test
  void signsOfLifeAreShort() throws Exception {
    FrameBuffer out = new FrameBuffer(1);
    StreamKind.MSGAPP.encoder().heartbeat(out);
    StreamKind.MESSAGE.encoder().heartbeat(out);
    assertThat(hex(out.toBytes())).isEqualTo("00" + "0000000000000002" + "0808");
  }

  @Test
  void signsOfLifeOfAllReleasesAreKnownAsSuch() throws Exception {
    String v34 = "0808100018002000280030004000" + "4a0412021000" + "5000" + "5800";
    for (String hex :
        List.of(
            "0808", "08081000180020002800300040005000" + "58006800", v34 /* with a snapshot */)) {
      byte[] body = HexFormat.of().parseHex(hex);
      byte[] framed = HexFormat.of().parseHex(length(body.length) + hex);
      List<Message> read = read(StreamKind.MESSAGE, framed);
      assertThat(read).hasSize(1);
      assertThat(RaftMessages.isLinkHeartbeat(read.get(0))).isTrue();
    }
    Message real = heartbeat();
    assertThat(RaftMessages.isLinkHeartbeat(real)).isFalse();
    assertThat(read(StreamKind.MSGAPP, new byte[] {0, 0}))
        .allMatch(RaftMessages::isLinkHeartbeat)
        .hasSize(2);
  }

  @Test
  void fieldsThatComeFromLaterReleasesAreSkipped() throws Exception {
    // responses, and a field that no release has yet
    byte[] body = HexFormat.of().parseHex("0803100a180b" + "7202" + "0804" + "f83f01");
    List<Message> read =
        read(StreamKind.MESSAGE, HexFormat.of().parseHex(length(body.length)), body);
    assertThat(read.get(0).getType()).isEqualTo(MessageType.MsgApp);
    assertThat(read.get(0).getTo()).isEqualTo(LOCAL);
  }

  @Test
  void garbageIsRefusedAndNothingIsAllocatedForIt() {
    assertRefused(StreamKind.MSGAPP, "09");
    assertRefused(StreamKind.MSGAPP, "02" + "7fffffffffffffff");
    assertRefused(StreamKind.MSGAPP, "02" + "ffffffffffffffff");
    assertRefused(StreamKind.MSGAPP, "01" + "ffffffffffffffff");
    assertRefused(StreamKind.MSGAPP, "01" + length(1) + "0000000020000001");
    assertRefused(StreamKind.MSGAPP, "02" + length(2) + "ffff");
    assertRefused(StreamKind.MESSAGE, "0000000020000001");
    assertRefused(StreamKind.MESSAGE, length(3) + "48454c");
    assertRefused(StreamKind.MESSAGE, "474554202f20485454502f312e310d0a");
  }

  @Test
  void anAnnouncedLengthCostsNothing() throws Exception {
    List<StreamDecoder> decoders = new ArrayList<>(); // half a gigabyte announced, a thousand times
    for (int i = 0; i < 1_000; i++) {
      StreamDecoder decoder = StreamKind.MESSAGE.decoder(LOCAL, REMOTE);
      decoder.feed(HexFormat.of().parseHex("0000000020000000" + "08"), m -> {});
      decoders.add(decoder);
    }
    assertThat(decoders).hasSize(1_000);
  }

  @Test
  void randomBytesNeverDoAnythingElseThanBeingRefused() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      if (bytes.length > 9 && random.nextBoolean()) {
        Arrays.fill(bytes, 0, 8, (byte) 0); // small lengths get further
        bytes[0] = (byte) random.nextInt(3);
      }
      for (StreamKind kind : StreamKind.values()) {
        try {
          read(kind, bytes);
        } catch (BadStreamException expected) {
          assertThat(expected).hasMessageMatching("(?s).+");
        }
      }
    }
  }

  private static void assertRefused(StreamKind kind, String hex) {
    assertThatThrownBy(() -> read(kind, HexFormat.of().parseHex(hex)))
        .isInstanceOf(BadStreamException.class);
  }

  private static List<Message> conversation(StreamKind kind) {
    if (kind == StreamKind.MSGAPP) {
      return List.of(
          append(0, 0, 0, 0),
          append(2, 1, 5, 7, entry(2, 6, "a")),
          append(2, 2, 6, 8, entry(2, 7, ""), entry(2, 8, "long".repeat(50))),
          RaftMessages.LINK_HEARTBEAT,
          append(2, 2, 8, 9),
          append(2, 2, 7, 9, entry(2, 8, "again")),
          append(3, 2, 8, 9, entry(3, 9, "x")),
          append(3, 3, 9, 10, entry(3, 10, "y")),
          append(-1L, -1L, -2L, -1L, entry(-1L, -1L, "the largest numbers")));
    }
    return List.of(
        heartbeat(),
        RaftMessages.LINK_HEARTBEAT,
        append(2, 1, 5, 7, entry(2, 6, "a")),
        heartbeat().toBuilder()
            .setSnapshot(
                Snapshot.newBuilder()
                    .setData(ByteString.copyFromUtf8("{}"))
                    .setMetadata(SnapshotMetadata.newBuilder().setIndex(4).setTerm(2)))
            .setReject(true)
            .setRejectHint(3)
            .setContext(ByteString.copyFromUtf8("context"))
            .build());
  }

  private static Message heartbeat() {
    return Message.newBuilder()
        .setType(MessageType.MsgHeartbeat)
        .setTo(LOCAL)
        .setFrom(REMOTE)
        .setTerm(2)
        .setCommit(9)
        .build();
  }

  private static Message append(
      long term, long logTerm, long index, long commit, Entry... entries) {
    return Message.newBuilder()
        .setType(MessageType.MsgApp)
        .setTo(LOCAL)
        .setFrom(REMOTE)
        .setTerm(term)
        .setLogTerm(logTerm)
        .setIndex(index)
        .addAllEntries(Arrays.asList(entries))
        .setCommit(commit)
        .build();
  }

  private static Entry entry(long term, long index, String data) {
    return Entry.newBuilder()
        .setType(EntryType.EntryNormal)
        .setTerm(term)
        .setIndex(index)
        .setData(ByteString.copyFromUtf8(data))
        .build();
  }

  private static byte[] write(StreamKind kind, List<Message> messages) {
    StreamEncoder encoder = kind.encoder();
    FrameBuffer out = new FrameBuffer(1);
    for (Message message : messages) {
      if (RaftMessages.isLinkHeartbeat(message)) {
        encoder.heartbeat(out);
      } else {
        encoder.encode(message, out);
      }
    }
    return out.toBytes();
  }

  private static List<Message> read(StreamKind kind, byte[]... chunks) throws BadStreamException {
    StreamDecoder decoder = kind.decoder(LOCAL, REMOTE);
    List<Message> messages = new ArrayList<>();
    for (byte[] chunk : chunks) {
      decoder.feed(chunk, messages::add);
    }
    return messages;
  }

  private static String length(long length) {
    return "%016x".formatted(length);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
