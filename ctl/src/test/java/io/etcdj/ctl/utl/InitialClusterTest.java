package io.etcdj.ctl.utl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class InitialClusterTest {
  /** Ids that etcd's documentation shows for this cluster. */
  @Test
  void idsAreThoseThatEveryEtcdComputes() {
    InitialCluster cluster =
        InitialCluster.parse(
            "infra1=http://127.0.0.1:12380,infra2=http://127.0.0.1:22380,infra3=http://127.0.0.1:32380",
            "etcd-cluster-1",
            "infra2",
            List.of("http://127.0.0.1:22380"));
    assertThat(cluster.members())
        .extracting(member -> Long.toHexString(member.id()))
        .containsExactly("8211f1d0f64f3269", "91bc3c398fb3c146", "fd422379fda50e48");
    assertThat(Long.toUnsignedString(cluster.id())).isEqualTo("17237436991929493444");
    assertThat(cluster.local().name()).isEqualTo("infra2");
  }

  @Test
  void mistakesAreToldInEtcdsWords() {
    assertThatThrownBy(() -> InitialCluster.parse("bad", "t", "m", List.of()))
        .hasMessage("URL scheme must be http, https, unix, or unixs: ");
    assertThatThrownBy(() -> InitialCluster.parse("m1=http://a:1", "t", "zz", List.of()))
        .hasMessage("couldn't find local name \"zz\" in the initial cluster configuration");
  }
}
