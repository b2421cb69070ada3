package io.etcdj.server.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

/** Addresses; records are proven with a name server beside real processes. */
class SystemDnsTest {
  @Test
  void anAddressIsItsOwnAddress() throws Exception {
    assertThat(new SystemDns().addresses("127.0.0.1")).containsExactly("127.0.0.1");
    assertThat(new SystemDns().addresses("localhost")).contains("127.0.0.1");
  }

  @Test
  void aHostThatIsNotThereIsToldAsGoTellsIt() {
    assertThatThrownBy(() -> new SystemDns().addresses("nowhere.invalid"))
        .isInstanceOf(UnknownHostException.class)
        .hasMessage("lookup nowhere.invalid: no such host");
  }
}
