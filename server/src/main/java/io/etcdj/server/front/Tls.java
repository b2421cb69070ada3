package io.etcdj.server.front;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a listener encrypts.
 *
 * @param certFile PEM, the certificate and its chain
 * @param keyFile PEM
 * @param trustedCaFile PEM, the authorities of client certificates, or null
 * @param crlFile revoked client certificates, or null
 * @param clientCertAuth whether clients must show a certificate
 * @param protocols versions as the JDK names them ({@code TLSv1.3}); empty for the JDK's default
 * @param cipherSuites IANA names; empty for the JDK's default
 */
public record Tls(
    String certFile,
    String keyFile,
    @Nullable String trustedCaFile,
    @Nullable String crlFile,
    boolean clientCertAuth,
    List<String> protocols,
    List<String> cipherSuites) {

  public static Tls of(String certFile, String keyFile) {
    return new Tls(certFile, keyFile, null, null, false, List.of(), List.of());
  }
}
