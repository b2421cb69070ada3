package io.etcdj.raft;

import static io.etcdj.raft.TestMember.data;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadOnlyTest {
  private final ReadOnly reads = new ReadOnly();

  @Test
  void aProofForOneReadIsAProofForAllBeforeIt() {
    reads.add(new ReadOnly.Request(1, data("a"), 7));
    reads.add(new ReadOnly.Request(2, data("b"), 9));
    reads.add(new ReadOnly.Request(1, data("c"), 9));
    assertThat(reads.newestContext()).isEqualTo(data("c"));

    assertThat(reads.release(data("b"))).extracting(r -> r.index).containsExactly(7L, 9L);

    assertThat(reads.acknowledge(3, data("a"))).as("answered already").isNull();
    assertThat(reads.newestContext()).isEqualTo(data("c"));
    assertThat(reads.release(data("c"))).hasSize(1);
    assertThat(reads.newestContext().isEmpty()).isTrue();
  }

  @Test
  void aRepeatedReadKeepsItsPlaceAndItsIndex() {
    reads.add(new ReadOnly.Request(1, data("a"), 7));
    reads.add(new ReadOnly.Request(1, data("b"), 8));
    reads.add(new ReadOnly.Request(1, data("a"), 9));
    assertThat(reads.newestContext()).isEqualTo(data("b"));
    assertThat(reads.release(data("a"))).extracting(r -> r.index).containsExactly(7L);
  }

  @Test
  void acknowledgementsAreCountedPerMember() {
    reads.add(new ReadOnly.Request(1, data("a"), 7));
    reads.acknowledge(3, data("a"));
    ReadOnly.Request request = requireNonNull(reads.acknowledge(3, data("a")));
    assertThat(request.isAcknowledgedBy(3)).isTrue();
    assertThat(request.isAcknowledgedBy(2)).isFalse();
  }
}
