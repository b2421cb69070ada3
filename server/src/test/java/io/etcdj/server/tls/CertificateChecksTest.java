package io.etcdj.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which certificates are let in, of those that an authority vouches for. */
class CertificateChecksTest {
  @TempDir private Path directory;

  // ---- By name

  @Test
  void aCommonNameMustBeOneOfThoseAllowed() throws Exception {
    X509Certificate alice = TestCertificates.shared("client.pem");
    assertThat(names(List.of(), List.of()).allow(alice)).isTrue();
    assertThat(names(List.of("bob", "alice"), List.of()).allow(alice)).isTrue();
    assertThat(names(List.of("bob", "Alice"), List.of()).allow(alice)).isFalse();
    assertThat(names(List.of("x"), List.of()).allow(TestCertificates.of(directory, "x"))).isFalse();
  }

  private static AllowedNames names(List<String> commonNames, List<String> hostnames) {
    return new AllowedNames(commonNames, hostnames);
  }

  @ParameterizedTest
  @CsvSource({
    "a.example.test, a.example.test,   true",
    "a.example.test, A.Example.test.,  true",
    "a.example.test, b.example.test,   false",
    "*.example.test, a.example.test,   true",
    "*.example.test, a.b.example.test, false",
    "*.example.test, example.test,     false",
    "10.0.0.1,       10.0.0.1,         true",
    "10.0.0.1,       10.0.0.2,         false",
    "::1,            0:0:0:0:0:0:0:1,  true",
    "a.example.test, 10.0.0.1,         false",
  })
  void aHostNameMustBeOneOfTheCertificates(String named, String allowed, boolean expected)
      throws Exception {
    X509Certificate certificate = TestCertificates.of(directory, "other.test", named);
    assertThat(names(List.of(), List.of("nobody.test", allowed)).allow(certificate))
        .isEqualTo(expected);
  }

  // ---- By address

  /** A zone of its own. */
  @Test
  void ofSeveralCommonNamesTheLastCounts() throws Exception {
    assertThat(CertificateNames.common(TestCertificates.shared("twice.pem"))).isEqualTo("last");
    assertThat(CertificateNames.common(TestCertificates.shared("client.pem"))).isEqualTo("alice");
  }

  private record Zone(Map<String, String> addresses, Map<String, String> names)
      implements AddressCheck.Resolver {
    @Override
    public Set<InetAddress> addresses(String host) {
      String known = addresses.get(host);
      return known == null ? Set.of() : Set.of(address(known));
    }

    @Override
    public @Nullable String host(InetAddress address) {
      return names.get(address.getHostAddress());
    }
  }

  private static InetAddress address(String literal) {
    return Objects.requireNonNull(CertificateNames.literal(literal));
  }

  private static final Zone ZONE =
      new Zone(
          Map.of("a.example.test", "10.0.0.1", "b.example.test", "10.0.0.2"),
          Map.of("10.0.0.3", "c.example.test"));

  private static @Nullable String refusal(X509Certificate certificate, String from) {
    return AddressCheck.refusal(certificate, address(from), ZONE);
  }

  @Test
  void aCertificateWithoutNamesMayBeUsedAnywhere() throws Exception {
    assertThat(refusal(TestCertificates.of(directory), "10.9.9.9")).isNull();
  }

  @Test
  void aCertificateForAddressesIsUsedFromThere() throws Exception {
    X509Certificate certificate = TestCertificates.of(directory, "10.0.0.1", "::1");
    assertThat(refusal(certificate, "10.0.0.1")).isNull();
    assertThat(refusal(certificate, "::1")).isNull();
    assertThat(refusal(certificate, "10.0.0.2"))
        .isEqualTo("x509: certificate is valid for 10.0.0.1, 0:0:0:0:0:0:0:1, not 10.0.0.2");
  }

  @Test
  void aCertificateForHostsIsUsedFromTheirAddresses() throws Exception {
    X509Certificate one = TestCertificates.of(directory, "10.0.0.7", "a.example.test");
    assertThat(refusal(one, "10.0.0.7")).isNull();
    assertThat(refusal(one, "10.0.0.1")).isNull();
    assertThat(refusal(one, "10.0.0.2"))
        .isEqualTo("tls: \"10.0.0.2\" does not match any of DNSNames [\"a.example.test\"]");
    assertThat(refusal(TestCertificates.of(directory, "c.example.test"), "10.0.0.3")).isNull();
    X509Certificate any = TestCertificates.of(directory, "*.example.test");
    assertThat(refusal(any, "10.0.0.3")).as("the DNS calls it so").isNull();
    assertThat(refusal(any, "10.0.0.1")).as("nobody knows a name of it").isNotNull();
  }

  /** Whether the list of the revoked lets the client of the shared files in. */
  private static void judge(Path crlFile) throws Exception {
    CertificateChecks checks =
        new CertificateChecks(null, AllowedNames.ANY, crlFile.toString(), false);
    new CertificateChecks.Checking(new Anybody(), checks, ZONE)
        .checkClientTrusted(
            new X509Certificate[] {TestCertificates.shared("client.pem")},
            "UNKNOWN",
            SSLContext.getDefault().createSSLEngine("127.0.0.1", 1));
  }

  @Test
  void whoIsRevokedIsRefusedWhoeverMadeTheList() {
    assertThatThrownBy(() -> judge(Path.of("src/test/resources/tls/revoked.pem")))
        .hasMessageContaining("491d99a88e4b46cea9e0781e337b016ba6340f08 revoked");
  }

  /** As while somebody writes it anew. */
  @Test
  void aListThatIsEmptyLetsNobodyIn() throws Exception {
    Path empty = Files.createFile(directory.resolve("crl.pem"));
    assertThatThrownBy(() -> judge(empty)).hasMessageContaining("there is no list in it");
  }

  /** Authorities that vouch for everybody. */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
