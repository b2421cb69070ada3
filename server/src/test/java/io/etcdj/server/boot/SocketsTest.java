package io.etcdj.server.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.server.config.CommandLine;
import io.etcdj.server.config.Config;
import io.etcdj.server.config.Parsed;
import io.etcdj.server.front.Listener;
import io.etcdj.server.front.Tls;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SocketsTest {
  private static Config config(String... arguments) {
    Parsed parsed =
        CommandLine.parse(
            List.of(arguments), Map.of(), () -> Optional.of("10.1.2.3"), Clock.systemUTC());
    return ((Parsed.Run) parsed).config();
  }

  private static Tls tls(Listener listener) {
    return Objects.requireNonNull(listener.tls());
  }

  /** As etcd, which looks at the address only on the other sockets. */
  @Test
  void aCertificateOfAClientIsGoodFromEverywhere() {
    Config config =
        config(
            "--cert-file=c",
            "--key-file=k",
            "--trusted-ca-file=ca",
            "--listen-client-urls=https://127.0.0.1:1",
            "--advertise-client-urls=https://127.0.0.1:1",
            "--listen-metrics-urls=https://127.0.0.1:2");
    List<Listener> listeners = Sockets.clientListeners(config);
    assertThat(tls(listeners.get(0)).clientCertAuth()).isTrue();
    assertThat(tls(listeners.get(0)).byAddress()).isFalse();
    assertThat(tls(listeners.get(1)).byAddress()).isTrue();
  }
}
