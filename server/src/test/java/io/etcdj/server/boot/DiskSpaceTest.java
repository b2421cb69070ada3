package io.etcdj.server.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.server.log.Log;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DiskSpaceTest {
  private static final long MB = 1 << 20;

  private long usable = 1_000 * MB;
  private long nowNanos;
  private final DiskSpace space =
      new DiskSpace(List.of(() -> usable), () -> nowNanos, Log.discarding());

  @Test
  void writesWaitWhileTheDiskIsAlmostFull() {
    assertThat(space.refuses(MB)).isFalse();
    usable = 40 * MB;
    space.look();
    assertThat(space.refuses(0)).isTrue();
    usable = 60 * MB;
    space.look();
    assertThat(space.refuses(0)).isFalse();
  }

  @Test
  void whatWasLetInSinceTheLastLookCounts() {
    usable = 100 * MB;
    space.look();
    assertThat(space.refuses(10 * MB)).isFalse();
    assertThat(space.refuses(10 * MB)).isTrue(); // 20 MB may become 60 on the disk
  }

  @Test
  void whatWasLetInBeforeALookMayNotBeOnTheDiskYet() {
    usable = 100 * MB;
    space.look();
    assertThat(space.refuses(15 * MB)).isFalse();
    space.look();
    assertThat(space.refuses(5 * MB)).isTrue();
    space.look();
    space.look();
    assertThat(space.refuses(5 * MB)).isFalse();
  }

  @Test
  void whereSpaceIsShortEveryFewMillisecondsAreLookedAt() {
    usable = MB; // another process took it, right behind a look
    nowNanos += TimeUnit.MILLISECONDS.toNanos(6);
    assertThat(space.refuses(1)).isTrue();
  }

  @Test
  void whatIsOnlyConvenientEndsBeforeTheReserve() {
    usable = 100 * MB;
    assertThat(space.hasRoom()).isTrue();
    usable = 90 * MB;
    assertThat(space.hasRoom()).isFalse();
  }

  @Test
  void theFullestOfSeveralDisksDecides() {
    DiskSpace both =
        new DiskSpace(List.of(() -> 1_000 * MB, () -> MB), () -> nowNanos, Log.discarding());
    assertThat(both.refuses(0)).isTrue();
  }
}
