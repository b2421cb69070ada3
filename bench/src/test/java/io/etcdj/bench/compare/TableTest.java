package io.etcdj.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void aRowHasTheMediansAndTheirRatio() {
    Table table = new Table(List.of("etcd", "etcdj"));
    for (double value : new double[] {1000, 3000, 2000}) {
      table.add("put, 1 clients", "ops/s", "etcd", value);
      table.add("put, 1 clients", "ops/s", "etcdj", 2 * value);
    }
    table.add("put, 1 clients", "p50 ms", "etcd", 0.5);
    table.add("put, 1 clients", "p50 ms", "etcdj", 0.25);

    assertThat(table.toMarkdown())
        .isEqualTo(
            """
            | workload | measure | etcd | etcdj | etcdj/etcd | runs |
            | --- | --- | ---: | ---: | ---: | ---: |
            | put, 1 clients | ops/s | 2000 | 4000 | 2.00 | 3 |
            |  | p50 ms | 0.500 | 0.250 | 0.50 | 1 |
            """);
  }

  @Test
  void whatOnlyOneSideCouldDoHasNoRatio() {
    Table table = new Table(List.of("etcd", "etcdj"));
    table.add("start", "ms", "etcd", 12.34);

    assertThat(table.toMarkdown()).contains("| start | ms | 12.3 |  |  | 1 |");
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Table.median(List.of(9.0, 1.0, 3.0, 2.0))).isEqualTo(2.5);
  }
}
