package io.etcdj.server.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogHoldTest {
  private static final long PATIENCE_NANOS = 30;

  private long nowNanos = Long.MAX_VALUE - 10; // the clock may wrap around
  private final LogHold hold = new LogHold(PATIENCE_NANOS, () -> nowNanos);

  @Test
  void nothingIsHeldForNobody() {
    hold.look(member -> false);
    assertThat(hold.isOn()).isFalse();
  }

  @Test
  void itIsHeldWhileASnapshotIsUnderWay() {
    hold.begin(2);
    nowNanos += 10 * PATIENCE_NANOS;
    hold.look(member -> true); // it was, before it needed a snapshot
    assertThat(hold.isOn()).isTrue();
  }

  @Test
  void itIsLetGoOfWhenTheMemberIsLevel() {
    hold.begin(2);
    hold.begin(3);
    hold.end();
    hold.end();
    hold.look(member -> member == 2);
    assertThat(hold.isOn()).isTrue();
    hold.look(member -> member == 3);
    assertThat(hold.isOn()).isFalse();
  }

  @Test
  void itIsLetGoOfInTheEndForAMemberThatIsNeverLevel() {
    hold.begin(2);
    hold.end();
    nowNanos += PATIENCE_NANOS - 1;
    assertThat(hold.isOn()).isTrue();
    nowNanos++;
    assertThat(hold.isOn()).isFalse();
  }
}
