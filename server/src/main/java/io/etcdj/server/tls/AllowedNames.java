package io.etcdj.server.tls;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which of the certificates that an authority vouches for are let in: those with one of these
 * common names and one of these host names. An empty list asks for nothing.
 */
public record AllowedNames(List<String> commonNames, List<String> hostnames) {
  public static final AllowedNames ANY = new AllowedNames(List.of(), List.of());

  public AllowedNames {
    commonNames = List.copyOf(commonNames);
    hostnames = List.copyOf(hostnames);
  }

  boolean allow(X509Certificate certificate) {
    String common = CertificateNames.common(certificate);
    return (commonNames.isEmpty() || (!common.isEmpty() && commonNames.contains(common)))
        && (hostnames.isEmpty() || hostnames.stream().anyMatch(name -> isFor(certificate, name)));
  }

  /** Whether a certificate is for a host; a {@code *} in it stands for one label, the first. */
  private static boolean isFor(X509Certificate certificate, String host) {
    @Nullable InetAddress address = CertificateNames.literal(host);
    if (address != null) {
      return CertificateNames.addresses(certificate).contains(address);
    }
    String wanted = canonical(host);
    int dot = wanted.indexOf('.');
    String anyFirst = dot > 0 ? "*" + wanted.substring(dot) : wanted;
    return CertificateNames.hosts(certificate).stream()
        .map(AllowedNames::canonical)
        .anyMatch(name -> name.equals(wanted) || name.equals(anyFirst));
  }

  private static String canonical(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
