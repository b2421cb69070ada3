package io.etcdj.server.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** Whom a certificate is for, by its own words (RFC 5280, sections 4.1.2.6 and 4.2.1.6). */
public final class CertificateNames {
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private CertificateNames() {}

  /** The common name, empty if there is none; of several the last, as Go has it. */
  public static String common(X509Certificate certificate) {
    String common = "";
    try {
      // The list begins with what the certificate says first, unlike the text.
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        Attribute name = rdn.toAttributes().get("CN");
        if (name != null) {
          common = String.valueOf(name.get());
        }
      }
    } catch (NamingException unreadable) {
      return "";
    }
    return common;
  }

  static List<String> hosts(X509Certificate certificate) {
    return alternatives(certificate, DNS_NAME);
  }

  static List<InetAddress> addresses(X509Certificate certificate) {
    return alternatives(certificate, IP_ADDRESS).stream()
        .map(CertificateNames::literal)
        .filter(Objects::nonNull)
        .toList();
  }

  private static List<String> alternatives(X509Certificate certificate, int kind) {
    List<String> found = new ArrayList<>();
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names != null) {
        for (List<?> name : names) {
          if (name.get(0).equals(kind)) {
            found.add(String.valueOf(name.get(1)));
          }
        }
      }
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
    return found;
  }

  /** The address that a text is, or null if it is a name; nothing is looked up. */
  static @Nullable InetAddress literal(String text) {
    String bare =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    boolean looksLiteral =
        bare.indexOf(':') >= 0
            ? bare.matches("[0-9a-fA-F:.]+(%.+)?")
            : bare.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    try {
      return looksLiteral ? InetAddress.getByName(bare) : null;
    } catch (UnknownHostException notAnAddress) {
      return null;
    }
  }
}
