package io.etcdj.server.tls;

import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection that ended in its handshake.
 *
 * @param remoteAddress {@code 127.0.0.1:41234}, or empty: who shows no certificate is not known
 * @param ipAddresses of the certificate
 * @param dnsNames of the certificate
 */
public record Rejection(
    String remoteAddress, List<String> ipAddresses, List<String> dnsNames, String error) {

  /** What a failed handshake tells of it. */
  public static Rejection of(Throwable failure) {
    Throwable last = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Refused refused) {
        return refused.rejection;
      }
      last = cause;
    }
    return new Rejection("", List.of(), List.of(), String.valueOf(last.getMessage()));
  }

  /** How the checks of a handshake say no. */
  static final class Refused extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final transient Rejection rejection;

    Refused(
        X509Certificate certificate,
        String remoteAddress,
        String why,
        @Nullable CertificateException cause) {
      super(why, cause);
      this.rejection =
          new Rejection(
              remoteAddress,
              CertificateNames.addresses(certificate).stream()
                  .map(InetAddress::getHostAddress)
                  .toList(),
              CertificateNames.hosts(certificate),
              why);
    }
  }
}
