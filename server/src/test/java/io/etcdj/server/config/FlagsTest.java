package io.etcdj.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FlagsTest {

  @Test
  void everyDefaultIsAValueThatItsFlagTakes() throws Exception {
    for (Flag flag : Flags.ALL.values()) {
      assertThat(flag.parse(flag.initial())).as(flag.name()).isNotNull();
    }
  }

  @Test
  void everyOldSpellingStandsForSomethingThatExists() throws Exception {
    for (Flag flag : Flags.ALL.values()) {
      switch (flag.standing()) {
        case CURRENT, IGNORED -> assertThat(flag.target()).as(flag.name()).isEmpty();
        case RENAMED -> assertThat(Flags.ALL).as(flag.name()).containsKey(flag.target());
        case GATED -> assertThat(FeatureGates.Gate.of(flag.target())).as(flag.name()).isNotNull();
      }
    }
  }

  @Test
  void variablesAreNamedAfterTheirFlags() {
    assertThat(Flag.variable("initial-cluster-token")).isEqualTo("ETCD_INITIAL_CLUSTER_TOKEN");
  }
}
