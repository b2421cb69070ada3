package io.etcdj.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdj.bench.compare.EtcdForTests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole tool against Go's etcd, where there is one. */
class LoadTest {
  private static @Nullable EtcdForTests etcd;

  @BeforeAll
  static void startEtcd(@TempDir Path directory) throws IOException, InterruptedException {
    assumeTrue(EtcdForTests.isInstalled(), "no " + EtcdForTests.PATH + " to test against");
    etcd = EtcdForTests.start(directory);
  }

  @AfterAll
  static void stopEtcd() throws IOException {
    if (etcd != null) {
      etcd.close();
    }
  }

  private static LoadResult run(String commandLine) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(Arrays.asList(commandLine.split(" ", -1)));
    arguments.addAll(Objects.requireNonNull(etcd).options());
    return Load.run(LoadOptions.parse(arguments));
  }

  @Test
  void whatWasPutIsRead() throws IOException, InterruptedException {
    LoadResult puts =
        run("put --sequential-keys --key-space 500 --total 1000 --clients 32 --connections 4");
    LoadResult ranges =
        run("range --key-space 500 --total 2000 --clients 32 --event-loops 2 --connections 4");

    assertThat(puts.operations()).isEqualTo(1000);
    assertThat(puts.errors()).isEmpty();
    assertThat(puts.serverRssBytes()).isPositive();
    assertThat(ranges.operations()).isEqualTo(2000);
    assertThat(ranges.notes()).isEmpty();
    assertThat(ranges.main().millis(50)).isPositive();
  }

  @Test
  void aRangeThatFindsNothingIsTold() throws IOException, InterruptedException {
    LoadResult result = run("range --key-size 30 --total 100 --serializable");

    assertThat(result.notes()).containsEntry("ranges without a key", 100.0);
  }

  @Test
  void aFillWritesEveryKey() throws IOException, InterruptedException {
    LoadResult fill = run("fill --total 1050 --key-size 20 --value-size 30");
    LoadResult all =
        run(
            "range --key-size 20 --key-space 1050 --value-size 30 --sequential-keys --total 1050 --clients 8");

    assertThat(fill.operations()).isEqualTo(1050);
    assertThat(all.notes()).isEmpty();
  }

  @Test
  void aMixedLoadTellsPutsFromRanges() throws IOException, InterruptedException {
    LoadResult result = run("mixed --write-percent 50 --total 1000 --clients 16");

    assertThat(result.operations()).isEqualTo(1000);
    assertThat(result.series("put").nanos().getTotalCount()).isBetween(400L, 600L);
  }

  @Test
  void everyWatcherGetsEveryEvent() throws IOException, InterruptedException {
    LoadResult result =
        run("watch-fanout --streams 200 --connections 10 --total 20 --warmup 2 --clients 3");

    assertThat(result.operations()).isEqualTo(20 * 200);
    assertThat(result.series("put sent to last watcher").nanos().getTotalCount()).isEqualTo(20);
  }

  @Test
  void leasesAreKeptAlive() throws IOException, InterruptedException {
    LoadResult result = run("lease-keepalive --clients 20 --connections 3 --total 500");

    assertThat(result.operations()).isEqualTo(500);
    assertThat(result.errors()).isEmpty();
  }

  @Test
  void anOpenLoopKeepsToItsRate() throws IOException, InterruptedException {
    LoadResult result = run("txn-put --txn-ops 2 --rate 1000 --total 300 --clients 50");

    assertThat(result.operations()).isEqualTo(300);
    assertThat(result.seconds()).isGreaterThan(0.298);
  }

  @Test
  void whatTheServerRefusesIsCountedByItsWords() throws IOException, InterruptedException {
    LoadResult result = run("put --value-size 2000000 --total 3");

    assertThat(result.operations()).isZero();
    assertThat(result.errors())
        .containsEntry("INVALID_ARGUMENT: etcdserver: request is too large", 3L);
  }

  @Test
  void aPortWhereNobodyListensIsSaidSo() {
    LoadOptions nobody = LoadOptions.parse(List.of("put", "--endpoints", "127.0.0.1:1"));

    assertThatThrownBy(() -> Load.run(nobody))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Connection refused");
  }
}
