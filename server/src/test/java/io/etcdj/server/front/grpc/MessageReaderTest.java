package io.etcdj.server.front.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.EtcdException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageReaderTest implements MessageReader.Sink {
  private static final int MAX_BYTES = 100_000;

  private final List<byte[]> heard = new ArrayList<>();
  private final MessageReader reader = new MessageReader(MAX_BYTES, false, this);

  @Override
  public void message(byte[] bytes) {
    heard.add(bytes);
  }

  @Override
  public boolean done() {
    return false;
  }

  @Test
  void messagesAreTheSameHoweverTheBytesAreCut() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    List<byte[]> sent = new ArrayList<>();
    Buffer stream = Buffer.buffer();
    for (int i = 0; i < 200; i++) {
      byte[] message = new byte[random.nextInt(random.nextInt(10) == 0 ? MAX_BYTES : 30)];
      random.nextBytes(message);
      sent.add(message);
      stream.appendByte((byte) 0).appendInt(message.length).appendBytes(message);
    }
    for (int at = 0; at < stream.length(); ) {
      int end = Math.min(stream.length(), at + 1 + random.nextInt(20_000));
      reader.feed(stream.getBuffer(at, end));
      at = end;
    }
    assertThat(heard).as("replay with -Dseed=" + seed).hasSameSizeAs(sent);
    for (int i = 0; i < sent.size(); i++) {
      assertThat(heard.get(i)).as("replay with -Dseed=" + seed).isEqualTo(sent.get(i));
    }
    assertThat(reader.midMessage()).isFalse();
  }

  @Test
  void aLengthAboveTheLimitIsRefusedBeforeTheMessageComes() {
    assertRefused(
        new byte[] {0, -1, -1, -1, -1},
        "grpc: received message larger than max (4294967295 vs. 100000)");
  }

  @Test
  void compressionThatWasNotAnnouncedIsRefused() {
    assertRefused(
        new byte[] {1, 0, 0, 0, 0}, "grpc: compressed flag set with identity or empty encoding");
  }

  @Test
  void anUnknownFlagIsRefused() {
    assertRefused(new byte[] {2, 0, 0, 0, 0}, "grpc: received unexpected payload format 2");
  }

  @Test
  void anEndWithinAMessageIsNoticed() {
    reader.feed(Buffer.buffer(new byte[] {0, 0, 0, 0, 2, 1}));
    assertThat(reader.midMessage()).isTrue();
    assertThat(heard).isEmpty();
  }

  private void assertRefused(byte[] bytes, String words) {
    assertThatThrownBy(() -> reader.feed(Buffer.buffer(bytes)))
        .isInstanceOf(EtcdException.class)
        .hasMessage(words);
  }
}
