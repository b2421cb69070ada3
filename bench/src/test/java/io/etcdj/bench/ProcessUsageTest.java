package io.etcdj.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class ProcessUsageTest {
  @Test
  void theNameOfAProcessMayLookLikeColumns() {
    String stat =
        "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 100 9000 25 18446744073"
            + " 1 1 0 0";

    ProcessUsage usage = ProcessUsage.parse(stat);

    assertThat(usage.cpuSeconds()).isEqualTo(3.0);
    assertThat(usage.rssBytes()).isEqualTo(25 * 4096);
  }

  @Test
  void severalProcessesAreSummedUp() throws IOException {
    long self = ProcessHandle.current().pid();

    ProcessUsage once = ProcessUsage.of(List.of(self));
    ProcessUsage twice = ProcessUsage.of(List.of(self, self));

    assertThat(twice.cpuSeconds()).isGreaterThanOrEqualTo(2 * once.cpuSeconds());
    assertThat(once.rssBytes()).isPositive();
  }

  @Test
  void aProcessThatIsNotThereIsAnError() {
    Assertions.assertThatThrownBy(() -> ProcessUsage.of(List.of(Long.MAX_VALUE)))
        .isInstanceOf(NoSuchFileException.class);
  }
}
