package io.etcdj.server.front.vertx;

import io.etcdj.server.tls.CertificateNames;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection.
 *
 * @param address {@code 127.0.0.1:41234}; {@code @} on a unix socket, as in Go
 * @param commonName the common name of the verified client certificate, or null
 */
public record Peer(String address, @Nullable String commonName) {

  public static Peer of(HttpConnection connection) {
    return new Peer(address(connection.remoteAddress()), commonName(connection));
  }

  private static String address(@Nullable SocketAddress address) {
    if (address == null || !address.isInetSocket()) {
      return "@";
    }
    String host = address.hostAddress() != null ? address.hostAddress() : address.host();
    return host.indexOf(':') >= 0
        ? '[' + host + "]:" + address.port()
        : host + ':' + address.port();
  }

  private static @Nullable String commonName(HttpConnection connection) {
    if (!connection.isSsl()) {
      return null;
    }
    try {
      List<Certificate> chain = connection.peerCertificates();
      if (!chain.isEmpty() && chain.get(0) instanceof X509Certificate certificate) {
        String name = CertificateNames.common(certificate);
        return name.isEmpty() ? null : name;
      }
      return null;
    } catch (SSLPeerUnverifiedException e) {
      return null; // no certificate was asked for
    }
  }
}
