package io.etcdj.server.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "5s,5000000000",
    "1m30s,90000000000",
    "1.5h,5400000000000",
    "-5ms,-5000000",
    "+1ns,1",
    ".5s,500000000",
    "1.s,1000000000",
    "2us,2000",
    "2\u00b5s,2000",
  })
  void whatGoReadsWeRead(String text, long nanos) {
    assertThat(GoDuration.parse(text)).isEqualTo(Duration.ofNanos(nanos));
  }

  @ParameterizedTest
  @CsvSource({
    "'',time: invalid duration \"\"",
    "foo,time: invalid duration \"foo\"",
    "5,time: missing unit in duration \"5\"",
    "5x,time: unknown unit \"x\" in duration \"5x\"",
    "..5s,time: invalid duration \"..5s\"",
    "9999999h,time: invalid duration \"9999999h\"",
  })
  void whatGoRefusesWeRefuseInItsWords(String text, String message) {
    assertThatThrownBy(() -> GoDuration.parse(text)).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0s",
    "1,1ns",
    "1500,1.5\u00b5s",
    "100000000,100ms",
    "1000000000,1s",
    "90000000000,1m30s",
    "600000000000,10m0s",
    "7200000000000,2h0m0s",
    "3661500000000,1h1m1.5s",
    "-2600037,-2.600037ms",
  })
  void printedAsGoPrintsThem(long nanos, String text) {
    assertThat(GoDuration.format(Duration.ofNanos(nanos))).isEqualTo(text);
  }
}
