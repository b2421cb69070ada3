package io.etcdj.server.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EtcdUrlTest {

  @Test
  void hostAndPortComeApart() {
    EtcdUrl url = EtcdUrl.parse("HTTPS://[fe80::1]:2379");

    assertThat(url.host()).isEqualTo("fe80::1");
    assertThat(url.port()).isEqualTo(2379);
    assertThat(url.isSecure()).isTrue();
    assertThat(url).hasToString("https://[fe80::1]:2379");
    assertThat(url.withHost("10.0.0.1")).hasToString("https://10.0.0.1:2379");
  }

  @Test
  void aUnixSocketIsAFile() {
    assertThat(EtcdUrl.parse("unix:/run/etcd.sock").socketFile()).isEqualTo("/run/etcd.sock");
    assertThat(EtcdUrl.parse("unixs://a/b").socketFile()).isEqualTo("a/b");
    assertThat(EtcdUrl.parse("unixs://a/b").isUnix()).isTrue();
  }

  @Test
  void aPortMayBeMissingAfterItsColon() {
    assertThat(EtcdUrl.parse("http://a:").port()).isZero();
  }
}
