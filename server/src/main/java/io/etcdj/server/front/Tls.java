package io.etcdj.server.front;

import io.etcdj.server.tls.AllowedNames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a listener encrypts.
 *
 * @param certFile PEM, the certificate and its chain
 * @param keyFile PEM
 * @param trustedCaFile PEM, the authorities of client certificates, or null
 * @param crlFile revoked client certificates, read anew for each, or null
 * @param clientCertAuth whether clients must show a certificate
 * @param allowed names that a client's certificate must bear
 * @param byAddress whether a client's certificate must be for where it calls from
 * @param protocols versions as the JDK names them ({@code TLSv1.3}); empty for the JDK's default
 * @param cipherSuites IANA names; empty for the JDK's default
 */
public record Tls(
    String certFile,
    String keyFile,
    @Nullable String trustedCaFile,
    @Nullable String crlFile,
    boolean clientCertAuth,
    AllowedNames allowed,
    boolean byAddress,
    List<String> protocols,
    List<String> cipherSuites) {

  public static Tls of(String certFile, String keyFile) {
    return new Tls(
        certFile, keyFile, null, null, false, AllowedNames.ANY, true, List.of(), List.of());
  }
}
