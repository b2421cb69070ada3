package io.etcdj.server.front.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PingStrikesTest {
  private static final long SECOND = 1_000_000_000;
  private final PingStrikes strikes = new PingStrikes(5 * SECOND);

  @Test
  void pingsAtTheMinimumTimeAreFineWhileACallIsOpen() {
    for (long i = 0; i < 100; i++) {
      assertThat(strikes.tooMany(i * 5 * SECOND, 1)).isFalse();
    }
  }

  @Test
  void theThirdPingThatCameTooSoonIsOneTooMany() {
    assertThat(strikes.tooMany(0, 1)).isFalse();
    assertThat(strikes.tooMany(SECOND, 1)).isFalse();
    assertThat(strikes.tooMany(2 * SECOND, 1)).isFalse();
    assertThat(strikes.tooMany(3 * SECOND, 1)).isTrue();
  }

  @Test
  void withoutACallPingsAreTooSoonForTwoHours() {
    long time = 0;
    for (int i = 0; i < 3; i++) {
      assertThat(strikes.tooMany(time, 0)).isFalse();
      time += 60 * SECOND;
    }
    assertThat(strikes.tooMany(time, 0)).isTrue();
  }

  @Test
  void whatTheServerSendsWipesTheStrikesOut() {
    for (int i = 0; i < 1_000; i++) {
      if (i % 3 == 2) {
        strikes.sent();
      }
      assertThat(strikes.tooMany(i, 1)).isFalse();
    }
  }

  @Test
  void theFirstPingIsNeverTooSoonWhateverTheClockSays() {
    assertThat(strikes.tooMany(Long.MIN_VALUE, 0)).isFalse();
    assertThat(strikes.tooMany(Long.MIN_VALUE + 1, 0)).isFalse();
  }
}
