package io.etcdj.server.tls;

import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Set;
import java.util.function.Function;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.TrustManagerFactorySpi;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates of the other end are good enough: its authorities must vouch for it, it must
 * bear the names that are asked for, and a client's must not be revoked and be for where it calls
 * from.
 *
 * <p>Asked in handshakes, by any thread. Looking up hosts and reading the list of revoked
 * certificates may block.
 *
 * @param trustedCaFile PEM, the authorities, or null for the system's
 * @param allowed names that the certificate must bear
 * @param crlFile revoked certificates of clients, read anew each time, or null
 * @param byAddress whether a client's certificate must be for its address
 */
public record CertificateChecks(
    @Nullable String trustedCaFile,
    AllowedNames allowed,
    @Nullable String crlFile,
    boolean byAddress) {

  /** What Vert.x wants to know of them. */
  public TrustOptions options() {
    return new Options(this);
  }

  private static final class Options implements TrustOptions {
    private final CertificateChecks checks;

    Options(CertificateChecks checks) {
      this.checks = checks;
    }

    @Override
    public TrustOptions copy() {
      return this;
    }

    @Override
    public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws Exception {
      TrustManager all = checking(vertx);
      return new Factory(all);
    }

    @Override
    public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) throws Exception {
      TrustManager all = checking(vertx);
      return serverName -> new TrustManager[] {all};
    }

    private TrustManager checking(Vertx vertx) throws Exception {
      for (TrustManager authorities : authorities(vertx).getTrustManagers()) {
        if (authorities instanceof X509ExtendedTrustManager extended) {
          return new Checking(extended, checks, AddressCheck.SYSTEM);
        }
      }
      throw new IllegalStateException("the JDK knows no authorities");
    }

    private TrustManagerFactory authorities(Vertx vertx) throws Exception {
      if (checks.trustedCaFile != null) {
        return new PemTrustOptions()
            .addCertPath(checks.trustedCaFile)
            .getTrustManagerFactory(vertx);
      }
      TrustManagerFactory system =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      system.init((KeyStore) null);
      return system;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Options options && checks.equals(options.checks);
    }

    @Override
    public int hashCode() {
      return checks.hashCode();
    }
  }

  /** What holds a trust manager; that of Vert.x needs a logging library that we do not have. */
  private static final class Factory extends TrustManagerFactory {
    Factory(TrustManager all) throws NoSuchAlgorithmException {
      super(
          new TrustManagerFactorySpi() {
            @Override
            protected void engineInit(@Nullable KeyStore unused) {}

            @Override
            protected void engineInit(ManagerFactoryParameters unused) {}

            @Override
            protected TrustManager[] engineGetTrustManagers() {
              return new TrustManager[] {all};
            }
          },
          TrustManagerFactory.getInstance(getDefaultAlgorithm()).getProvider(),
          getDefaultAlgorithm());
    }
  }

  /** Asks the authorities first, then the rest. */
  static final class Checking extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager authorities;
    private final CertificateChecks checks;
    private final AddressCheck.Resolver resolver;

    Checking(
        X509ExtendedTrustManager authorities,
        CertificateChecks checks,
        AddressCheck.Resolver resolver) {
      this.authorities = authorities;
      this.checks = checks;
      this.resolver = resolver;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      @Nullable String host = engine.getPeerHost(); // null on a unix socket
      String remote =
          host == null
              ? ""
              : (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + engine.getPeerPort();
      try {
        authorities.checkClientTrusted(chain, type, engine);
      } catch (CertificateException unknown) {
        throw new Rejection.Refused(
            chain[0], remote, String.valueOf(unknown.getMessage()), unknown);
      }
      @Nullable String refusal = refusal(chain[0]);
      if (refusal == null && checks.crlFile != null) {
        refusal = revocation(chain, checks.crlFile);
      }
      if (refusal == null && checks.byAddress && host != null) {
        @Nullable InetAddress address = CertificateNames.literal(host);
        refusal =
            address == null
                ? "tls: " + host + " is not an address"
                : AddressCheck.refusal(chain[0], address, resolver);
      }
      if (refusal != null) {
        throw new Rejection.Refused(chain[0], remote, refusal, null);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      authorities.checkServerTrusted(chain, type, engine);
      @Nullable String refusal = refusal(chain[0]);
      if (refusal != null) {
        throw new CertificateException(refusal);
      }
    }

    private @Nullable String refusal(X509Certificate certificate) {
      return checks.allowed.allow(certificate) ? null : "client certificate authentication failed";
    }

    private static @Nullable String revocation(X509Certificate[] chain, String crlFile) {
      try (InputStream in = Files.newInputStream(Path.of(crlFile))) {
        Collection<? extends CRL> lists = CertificateFactory.getInstance("X.509").generateCRLs(in);
        if (lists.isEmpty()) {
          return "tls: cannot read " + crlFile + ": there is no list in it";
        }
        for (CRL list : lists) {
          for (X509Certificate certificate : chain) {
            if (names((X509CRL) list, certificate.getSerialNumber())) {
              return "tls: certificate serial "
                  + certificate.getSerialNumber().toString(16)
                  + " revoked";
            }
          }
        }
        return null;
      } catch (IOException | CertificateException | CRLException unreadable) {
        return "tls: cannot read " + crlFile + ": " + unreadable.getMessage();
      }
    }

    /** By the serial number alone, whoever issued the list: as etcd has it. */
    private static boolean names(X509CRL list, BigInteger serial) {
      @Nullable Set<? extends X509CRLEntry> revoked = list.getRevokedCertificates();
      return revoked != null
          && revoked.stream().anyMatch(entry -> entry.getSerialNumber().equals(serial));
    }

    // Vert.x has engines only; without one it is not known who calls.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("not over an engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("not over an engine");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("not over an engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("not over an engine");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return authorities.getAcceptedIssuers();
    }
  }
}
