package io.etcdj.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that a server makes for itself, as the JDK reads them. */
class SelfSignedTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:20:30.4Z");

  @TempDir private Path directory;

  private X509Certificate made(List<String> hosts, int years) throws Exception {
    SelfSigned pair = SelfSigned.in(directory);
    pair.make(hosts, years, NOW);
    return TestCertificates.read(pair.certFile());
  }

  @Test
  void aCertificateIsSignedByItsOwnKeyAndForItsHosts() throws Exception {
    X509Certificate certificate = made(List.of("127.0.0.1", "::1", "node.example.test"), 1);
    certificate.verify(certificate.getPublicKey());
    assertThat(((ECPublicKey) certificate.getPublicKey()).getParams().getCurve().getField())
        .returns(521, field -> field.getFieldSize());
    assertThat(certificate.getVersion()).isEqualTo(3);
    assertThat(certificate.getSigAlgName()).isEqualTo("SHA512withECDSA");
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("O=etcd");
    assertThat(certificate.getIssuerX500Principal())
        .isEqualTo(certificate.getSubjectX500Principal());
    assertThat(certificate.getSerialNumber()).isPositive();
    assertThat(certificate.getBasicConstraints()).as("no authority").isEqualTo(-1);
    assertThat(certificate.getKeyUsage())
        .containsExactly(true, false, true, false, false, false, true, false, false);
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(certificate.getSubjectAlternativeNames())
        .containsExactly(
            List.of(7, "127.0.0.1"),
            List.of(7, "0:0:0:0:0:0:0:1"),
            List.of(2, "node.example.test"));
  }

  @Test
  void aYearHas365DaysAlsoWhereTheDateTakesFourDigits() throws Exception {
    Instant from = Instant.parse("2026-11-21T10:20:30Z");
    for (int years : new int[] {1, 60}) {
      X509Certificate certificate = made(List.of(), years);
      assertThat(certificate.getNotBefore()).isEqualTo(Date.from(from));
      assertThat(certificate.getNotAfter())
          .isEqualTo(Date.from(from.plus(Duration.ofDays(365L * years))));
      assertThat(certificate.getSubjectAlternativeNames()).isNull();
    }
  }

  @Test
  void theKeyFitsAndOnlyItsOwnerReadsIt() throws Exception {
    SelfSigned pair = SelfSigned.in(directory);
    assertThat(pair.exists()).isFalse();
    X509Certificate certificate = made(List.of("localhost"), 1);
    assertThat(pair.exists()).isTrue();
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key(pair.keyFile()));
    signature.update((byte) 1);
    byte[] signed = signature.sign();
    signature.initVerify(certificate);
    signature.update((byte) 1);
    assertThat(signature.verify(signed)).isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pair.keyFile())))
        .isEqualTo("rw-------");
  }

  private static PrivateKey key(Path file) throws Exception {
    String pem = Files.readString(file).replaceAll("-----[A-Z ]+-----|\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
  }

  @Test
  void bothFilesAreMadeAnewWhereOneIsThere() throws IOException {
    SelfSigned pair = SelfSigned.in(directory);
    Files.writeString(pair.keyFile(), "old");
    pair.make(List.of("localhost"), 1, NOW);
    assertThat(Files.readString(pair.keyFile())).startsWith("-----BEGIN PRIVATE KEY-----\n");
  }

  @Test
  void valuesAreEncodedAsTheRulesSay() {
    assertThat(hex(Der.sequence(Der.integer(BigInteger.valueOf(5))))).isEqualTo("3003020105");
    assertThat(hex(Der.integer(BigInteger.valueOf(128)))).isEqualTo("02020080");
    assertThat(hex(Der.identifier("1.2.840.10045.4.3.4"))).isEqualTo("06082a8648ce3d040304");
    assertThat(hex(Der.octets(new byte[128]))).startsWith("048180");
    assertThat(hex(Der.octets(new byte[300]))).startsWith("0482012c");
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
