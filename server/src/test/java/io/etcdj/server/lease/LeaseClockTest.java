package io.etcdj.server.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.state.lease.Leases;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseClockTest {
  private long nowNanos;
  private final LeaseClock clock = new LeaseClock(() -> nowNanos, id -> {});

  @Test
  void leasesAreSortedByWhenTheyExpireToTheNanosecond() {
    clock.promote(List.of(), 0);
    clock.granted(new Leases.Terms(3, 60, 0));
    nowNanos++;
    clock.granted(new Leases.Terms(1, 60, 0));
    nowNanos++;
    clock.granted(new Leases.Terms(2, 30, 0));
    assertThat(clock.soonestFirst(List.of(1L, 2L, 99L, 3L))).containsExactly(2L, 3L, 1L, 99L);
  }
}
