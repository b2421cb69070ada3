package io.etcdj.server.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.server.discovery.ServiceRecords.Target;
import io.etcdj.server.log.Level;
import io.etcdj.server.log.Log;
import io.etcdj.server.log.LogFormat;
import io.etcdj.server.text.EtcdUrl;
import java.io.ByteArrayOutputStream;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which cluster a zone makes. */
class ServiceRecordsTest {
  private static final String PLAIN = "_etcd-server._tcp.example.com";
  private static final String SECURE = "_etcd-server-ssl._tcp.example.com";

  /** A zone, and the addresses of its hosts. */
  private static final class Zone implements ServiceRecords.Dns {
    final Map<String, List<Target>> services = new HashMap<>();
    final Map<String, Set<String>> hosts = new HashMap<>();

    Zone() {
      hosts.put("a.example.com", Set.of("10.0.0.1"));
      hosts.put("b.example.com", Set.of("10.0.0.2"));
      hosts.put("c.example.com", Set.of("10.0.0.3", "10.1.0.3"));
    }

    @Override
    public List<Target> services(String name) throws UnknownHostException {
      return known(services, name);
    }

    @Override
    public Set<String> addresses(String host) throws UnknownHostException {
      return host.matches("[0-9.]+") ? Set.of(host) : known(hosts, host);
    }

    private static <T> T known(Map<String, T> all, String name) throws UnknownHostException {
      T found = all.get(name);
      if (found == null) {
        throw new UnknownHostException("lookup " + name + ": no such host");
      }
      return found;
    }
  }

  private final Zone zone = new Zone();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private String ask(String advertised, String suffix) throws DiscoveryException {
    try (Log log = Log.to(written, Level.INFO, LogFormat.JSON, Clock.systemUTC())) {
      return new ServiceRecords("me", EtcdUrl.parseList(advertised), zone, log)
          .ask("example.com", suffix)
          .toString();
    }
  }

  private String ask(String advertised) throws DiscoveryException {
    return ask(advertised, "");
  }

  private static Target at(String host) {
    return new Target(host + ".example.com", 2380);
  }

  @Test
  void theRecordWithTheAddressOfTheAdvertisedUrlIsOnesOwn() throws Exception {
    zone.services.put(PLAIN, List.of(at("a"), at("b"), at("c")));

    assertThat(ask("http://10.0.0.2:2380"))
        .isEqualTo(
            "0=http://a.example.com:2380,1=http://c.example.com:2380,me=http://b.example.com:2380");
  }

  @Test
  void anyAddressOfAHostWillDo() throws Exception {
    zone.services.put(PLAIN, List.of(at("a"), at("c")));

    assertThat(ask("http://10.1.0.3:2380")).contains("me=http://c.example.com:2380");
    assertThat(ask("http://c.example.com:2380")).contains("me=http://c.example.com:2380");
  }

  @Test
  void aPortBelongsToAnAddress() {
    zone.services.put(PLAIN, List.of(at("a"), at("b")));

    assertThatThrownBy(() -> ask("http://10.0.0.2:2390"))
        .isInstanceOf(DiscoveryException.class)
        .hasMessage("cannot find local etcd member \"me\" in SRV records");
  }

  @Test
  void theServiceSaysTheScheme() throws Exception {
    zone.services.put(SECURE, List.of(at("a"), at("b")));

    assertThat(ask("https://10.0.0.1:2380"))
        .isEqualTo("0=https://b.example.com:2380,me=https://a.example.com:2380");
  }

  @Test
  void bothServicesAreJoined() throws Exception {
    zone.services.put(SECURE, List.of(at("a"), at("b")));
    zone.services.put(PLAIN, List.of(at("c")));

    assertThat(ask("https://10.0.0.1:2380"))
        .isEqualTo(
            "0=https://b.example.com:2380,1=http://c.example.com:2380,"
                + "me=https://a.example.com:2380");
  }

  @Test
  void aPlaceInBothServicesIsReachedWithTls() throws Exception {
    zone.services.put(SECURE, List.of(at("a"), at("b")));
    zone.services.put(PLAIN, List.of(at("a"), at("b")));

    assertThat(ask("https://10.0.0.1:2380"))
        .isEqualTo("0=https://b.example.com:2380,me=https://a.example.com:2380");
  }

  @Test
  void aRecordOfAnotherSchemeThanAdvertisedIsNotTaken() {
    zone.services.put(SECURE, List.of(at("a")));

    assertThatThrownBy(() -> ask("http://10.0.0.1:2380"))
        .hasMessage(
            "error querying DNS SRV records for _etcd-server-ssl bootstrap at"
                + " https://a.example.com:2380 from DNS for etcd-server-ssl has scheme mismatch with"
                + " expected peer http://10.0.0.1:2380; error querying DNS SRV records for"
                + " _etcd-server lookup _etcd-server._tcp.example.com: no such host");
  }

  @Test
  void aNameMakesAnotherService() throws Exception {
    zone.services.put("_etcd-server-prod._tcp.example.com", List.of(at("a")));

    assertThat(ask("http://10.0.0.1:2380", "prod")).isEqualTo("me=http://a.example.com:2380");
    assertThat(written.toString(UTF_8)).contains("\"service-name\":\"etcd-server-ssl-prod\"");
  }

  @Test
  void aDomainWithoutRecordsIsToldWithBothQuestions() {
    assertThatThrownBy(() -> ask("http://10.0.0.1:2380"))
        .hasMessage(
            "error querying DNS SRV records for _etcd-server-ssl lookup"
                + " _etcd-server-ssl._tcp.example.com: no such host; error querying DNS SRV records"
                + " for _etcd-server lookup _etcd-server._tcp.example.com: no such host");
    assertThat(written.toString(UTF_8)).contains("failed to resolve during SRV discovery");
  }

  @Test
  void aHostWithoutAnAddressIsPassedOver() throws Exception {
    zone.services.put(PLAIN, List.of(at("gone"), at("a")));

    assertThat(ask("http://10.0.0.1:2380")).isEqualTo("me=http://a.example.com:2380");
    assertThat(written.toString(UTF_8))
        .contains("ignoring a DNS SRV record", "lookup gone.example.com: no such host");
  }

  @Test
  void hostsOfWhichNoneHasAnAddressAreNoCluster() {
    zone.services.put(PLAIN, List.of(at("gone")));

    assertThatThrownBy(() -> ask("http://10.0.0.1:2380"))
        .hasMessageEndingWith(
            "error querying DNS SRV records for _etcd-server lookup gone.example.com: no such host");
  }

  @Test
  void addressesOfTheSixthVersionAreWrittenInBrackets() throws Exception {
    zone.hosts.put("fd00::1", Set.of("fd00:0:0:0:0:0:0:1"));
    zone.services.put(PLAIN, List.of(new Target("fd00::1", 2380)));

    assertThat(ask("http://[fd00::1]:2380")).isEqualTo("me=http://[fd00::1]:2380");
  }
}
