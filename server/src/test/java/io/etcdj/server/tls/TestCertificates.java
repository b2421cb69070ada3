package io.etcdj.server.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Certificates to judge. */
final class TestCertificates {
  private TestCertificates() {}

  static X509Certificate read(Path file) throws IOException, CertificateException {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  /** One of the shared files, by its name. */
  static X509Certificate shared(String name) throws IOException, CertificateException {
    return read(Path.of("src/test/resources/tls", name));
  }

  /** One that is for these names and addresses. */
  static X509Certificate of(Path directory, String... hosts)
      throws IOException, CertificateException {
    SelfSigned pair = SelfSigned.in(directory);
    pair.make(List.of(hosts), 1, Instant.parse("2026-11-21T00:00:00Z"));
    return read(pair.certFile());
  }
}
