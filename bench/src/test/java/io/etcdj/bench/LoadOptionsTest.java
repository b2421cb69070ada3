package io.etcdj.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.bench.h2.Endpoint;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadOptionsTest {
  private static LoadOptions parse(String commandLine) {
    return LoadOptions.parse(Arrays.asList(commandLine.split(" ", -1)));
  }

  @Test
  void optionsComeInAnyOrderWithABlankOrAnEqualsSign() {
    LoadOptions options =
        parse(
            "--clients=64 put --total 1_000 --endpoints http://127.0.0.1:1,127.0.0.1:2"
                + " --pid 7,8 --sequential-keys --rate 500");

    assertThat(options.mode()).isEqualTo(Mode.PUT);
    assertThat(options.clients()).isEqualTo(64);
    assertThat(options.total()).isEqualTo(1000);
    assertThat(options.endpoints())
        .containsExactly(new Endpoint("127.0.0.1", 1), new Endpoint("127.0.0.1", 2));
    assertThat(options.pids()).containsExactly(7L, 8L);
    assertThat(options.sequentialKeys()).isTrue();
    assertThat(options.json()).isFalse();
    assertThat(options.ratePerSecond()).isEqualTo(500);
  }

  @Test
  void aFillTakesEveryKeyOnceInLargeTransactions() {
    LoadOptions options = parse("fill --total 1001");

    assertThat(options.keySpace()).isEqualTo(1001);
    assertThat(options.sequentialKeys()).isTrue();
    assertThat(options.requests(options.total())).isEqualTo(11);
  }

  @Test
  void aFanOutIsTenThousandStreamsOnAHundredConnections() {
    LoadOptions options = parse("watch-fanout");

    assertThat(options.streams()).isEqualTo(10_000);
    assertThat(options.connections()).isEqualTo(100);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          put --clients 0                       | --clients must be at least 1: 0
          put --clients many                    | --clients is not a whole number: many
          put --clients                         | --clients needs a value
          put --colour blue                     | unknown option --colour
          paint                                 | no such mode: paint; there are put, range
          put range                             | expected one mode of put, range
          put --key-size 4 --key-space 10000    | --key-size is too small for --key-space
          txn-put --txn-ops 9 --key-space 8     | --txn-ops is larger than --key-space
          watch-latency --value-size 8          | needs a --value-size of at least 16
          put --event-loops 2                   | more --event-loops than --connections
          put --endpoints https://127.0.0.1:1   | not an endpoint of the form http://host:port
          """)
  void aWrongCommandLineIsRefusedInWords(String commandLine, String complaint) {
    assertThatThrownBy(() -> parse(commandLine))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void theSharesOfTheEventLoopsAddUp() {
    assertThat(List.of(LoadOptions.share(10, 0, 3), LoadOptions.share(10, 1, 3)))
        .containsExactly(4L, 3L);
    assertThat(LoadOptions.share(10, 2, 3)).isEqualTo(3);
  }
}
