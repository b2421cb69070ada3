package io.etcdj.server.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import org.junit.jupiter.api.Test;

class AppendTrafficTest {
  private static final long MILLI = 1_000_000;

  private long now = -5; // such clocks may start anywhere
  private final AppendTraffic traffic = new AppendTraffic(() -> now);

  private static Message append(int bytes) {
    return Message.newBuilder()
        .setType(MessageType.MsgApp)
        .setTo(7)
        .addEntries(Entry.newBuilder().setData(ByteString.copyFrom(new byte[bytes])))
        .build();
  }

  private static final Message ANSWER =
      Message.newBuilder().setType(MessageType.MsgAppResp).setFrom(7).build();

  @Test
  void nothingIsCountedUntilSomebodyCanAsk() {
    traffic.sent(append(1));
    traffic.received(append(1));
    traffic.lost(7);
    assertThat(traffic.sent().count()).isZero();
    assertThat(traffic.received().count()).isZero();
    assertThat(traffic.latency(7)).isEqualTo(new AppendTraffic.Latency(0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void aLatencyIsFromTheOldestUnansweredAppendToTheNextAnswer() {
    traffic.start();
    traffic.sent(append(1));
    now += 1 * MILLI;
    traffic.sent(append(1));
    now += 1 * MILLI;
    traffic.received(ANSWER);
    traffic.received(ANSWER); // of the second, which was not waited for
    traffic.sent(append(1));
    now += 4 * MILLI;
    traffic.received(ANSWER);
    traffic.sent(append(1));
    traffic.lost(7);
    assertThat(traffic.latency(7)).isEqualTo(new AppendTraffic.Latency(4, 3, 1, 2, 4, 1, 2));
    assertThat(traffic.sent().count()).isEqualTo(4);
  }

  @Test
  void ratesAreThoseOfTheNewestAppendsAndGoWithThem() {
    traffic.start();
    for (int i = 0; i < 1_000; i++) {
      traffic.received(append(i < 800 ? 50 : 10));
      now += MILLI;
    }
    AppendTraffic.Sum sum = traffic.received();
    assertThat(sum.count()).isEqualTo(1_000);
    assertThat(sum.perSecond()).isCloseTo(1_000, within(1.0));
    assertThat(sum.bytesPerSecond()).isCloseTo(10_000, within(10.0));
    now += 2_000 * MILLI;
    assertThat(traffic.received()).isEqualTo(new AppendTraffic.Sum(1_000, 0, 0));
  }
}
