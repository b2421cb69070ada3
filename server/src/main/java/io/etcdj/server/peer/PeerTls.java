package io.etcdj.server.peer;

import io.etcdj.server.tls.AllowedNames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How this member encrypts what it dials. It checks the names in the peers' certificates unless
 * told otherwise.
 *
 * @param certFile PEM, this member's certificate for its peers and its chain, or null for none
 * @param keyFile PEM, or null
 * @param trustedCaFile PEM, the authorities of the peers' certificates; null for the system's
 * @param serverName what the peers' certificates must name; null for the host of each URL
 * @param trustAnything whether any certificate will do, as with {@code --peer-auto-tls}
 * @param allowed names that the peers' certificates must bear; nobody asks where any will do
 * @param protocols versions as the JDK names them ({@code TLSv1.3}); empty for the JDK's default
 * @param cipherSuites IANA names; empty for the JDK's default
 */
public record PeerTls(
    @Nullable String certFile,
    @Nullable String keyFile,
    @Nullable String trustedCaFile,
    @Nullable String serverName,
    boolean trustAnything,
    AllowedNames allowed,
    List<String> protocols,
    List<String> cipherSuites) {
  public PeerTls {
    protocols = List.copyOf(protocols);
    cipherSuites = List.copyOf(cipherSuites);
  }
}
