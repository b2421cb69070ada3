package io.etcdj.server.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether whoever shows a certificate calls from where it is for. A certificate that names neither
 * addresses nor hosts may be used anywhere.
 */
final class AddressCheck {
  /** Where hosts are, as the DNS knows. It may block. */
  interface Resolver {
    /** The addresses of a host, none if it is unknown. */
    Set<InetAddress> addresses(String host);

    /** The host at an address, or null. */
    @Nullable String host(InetAddress address);
  }

  /** The machine's own. */
  static final Resolver SYSTEM =
      new Resolver() {
        @Override
        public Set<InetAddress> addresses(String host) {
          try {
            return Stream.of(InetAddress.getAllByName(host)).collect(Collectors.toSet());
          } catch (UnknownHostException unknown) {
            return Set.of();
          }
        }

        @Override
        public @Nullable String host(InetAddress address) {
          String name = address.getCanonicalHostName();
          return name.equals(address.getHostAddress()) ? null : name;
        }
      };

  private AddressCheck() {}

  /** Why a certificate is not for this address, or null if it is. */
  static @Nullable String refusal(
      X509Certificate certificate, InetAddress address, Resolver resolver) {
    List<InetAddress> addresses = CertificateNames.addresses(certificate);
    List<String> hosts = CertificateNames.hosts(certificate);
    if ((addresses.isEmpty() && hosts.isEmpty()) || addresses.contains(address)) {
      return null;
    }
    String here = address.getHostAddress();
    if (hosts.isEmpty()) {
      return addresses.stream()
          .map(InetAddress::getHostAddress)
          .collect(Collectors.joining(", ", "x509: certificate is valid for ", ", not " + here));
    }
    return isOneOf(hosts, address, resolver)
        ? null
        : hosts.stream()
            .map(host -> '"' + host + '"')
            .collect(
                Collectors.joining(
                    " ", "tls: \"" + here + "\" does not match any of DNSNames [", "]"));
  }

  private static boolean isOneOf(List<String> hosts, InetAddress address, Resolver resolver) {
    String called = resolver.host(address);
    for (String host : hosts) {
      if (called != null
          && (host.startsWith("*.") ? called.endsWith(host.substring(1)) : called.equals(host))) {
        return true;
      }
    }
    return hosts.stream()
        .filter(host -> !host.startsWith("*."))
        .anyMatch(host -> resolver.addresses(host).contains(address));
  }
}
