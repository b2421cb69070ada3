package io.etcdj.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.server.text.EtcdUrl;
import org.junit.jupiter.api.Test;

class InitialClusterTest {
  private static String resolve(String host) {
    return host.equals("localhost") ? "127.0.0.1" : host;
  }

  private static String problem(String cluster, String name, String advertised) {
    return InitialCluster.parse(cluster)
        .problem(name, EtcdUrl.parseList(advertised), InitialClusterTest::resolve)
        .orElse("");
  }

  @Test
  void aMemberMustBeInItsOwnCluster() {
    assertThat(problem("x=http://127.0.0.1:1", "default", "http://127.0.0.1:1"))
        .isEqualTo("couldn't find local name \"default\" in the initial cluster configuration");
  }

  @Test
  void namesThatResolveAlikeAreTheSamePlace() {
    assertThat(problem("a=http://localhost:1", "a", "http://127.0.0.1:1")).isEmpty();
  }

  @Test
  void theListMustNameWhatIsAdvertised() {
    assertThat(problem("a=http://127.0.0.1:9999", "a", "http://127.0.0.1:7380"))
        .isEqualTo(
            "--initial-cluster has a=http://127.0.0.1:9999 but missing from"
                + " --initial-advertise-peer-urls=http://127.0.0.1:7380 (resolved urls:"
                + " \"http://127.0.0.1:7380\" != \"http://127.0.0.1:9999\")");
  }

  @Test
  void everythingAdvertisedMustBeInTheList() {
    assertThat(problem("a=http://10.0.0.1:1", "a", "http://10.0.0.1:1,http://10.0.0.2:1"))
        .isEqualTo(
            "--initial-advertise-peer-urls has http://10.0.0.2:1 but missing from"
                + " --initial-cluster=a=http://10.0.0.1:1,a=http://10.0.0.2:1");
  }

  @Test
  void twoMembersCannotShareAUrl() {
    assertThat(problem("a=http://10.0.0.1:1,b=http://10.0.0.1:1", "a", "http://10.0.0.1:1"))
        .isEqualTo("initial cluster a=http://10.0.0.1:1,b=http://10.0.0.1:1 has duplicate url");
  }

  @Test
  void aMemberMayHaveSeveralUrls() {
    assertThat(InitialCluster.parse("b=http://h:2,a=http://h:3,b=http://h:1"))
        .hasToString("a=http://h:3,b=http://h:1,b=http://h:2");
  }
}
