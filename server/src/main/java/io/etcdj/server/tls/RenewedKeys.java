package io.etcdj.server.tls;

import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A certificate and its key, which are read again when a handshake finds that a file has changed:
 * so they can be renewed while a member runs. Files that cannot be read, or that are no pair, as
 * when only one is new yet, leave the last good ones in force.
 *
 * @param certFile PEM, the certificate and its chain
 * @param keyFile PEM
 */
public record RenewedKeys(String certFile, String keyFile) {
  private static final Logger LOG = System.getLogger("io.etcdj.server.tls");

  /** What Vert.x wants to know of them. */
  public KeyCertOptions options() {
    return new Options(this);
  }

  private static final class Options implements KeyCertOptions {
    private final RenewedKeys files;

    Options(RenewedKeys files) {
      this.files = files;
    }

    @Override
    public KeyCertOptions copy() {
      return this;
    }

    @Override
    public KeyManagerFactory getKeyManagerFactory(Vertx vertx) throws Exception {
      KeyManager keys = new Renewing(files, vertx);
      return new Factory(keys);
    }

    @Override
    public Function<String, KeyManagerFactory> keyManagerFactoryMapper(Vertx vertx)
        throws Exception {
      KeyManagerFactory factory = getKeyManagerFactory(vertx);
      return serverName -> factory;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Options options && files.equals(options.files);
    }

    @Override
    public int hashCode() {
      return files.hashCode();
    }
  }

  /** What holds a key manager; that of Vert.x needs a logging library that we do not have. */
  private static final class Factory extends KeyManagerFactory {
    Factory(KeyManager keys) throws NoSuchAlgorithmException {
      super(
          new KeyManagerFactorySpi() {
            @Override
            protected void engineInit(@Nullable KeyStore unused, char @Nullable [] password) {}

            @Override
            protected void engineInit(ManagerFactoryParameters unused) {}

            @Override
            protected KeyManager[] engineGetKeyManagers() {
              return new KeyManager[] {keys};
            }
          },
          KeyManagerFactory.getInstance(getDefaultAlgorithm()).getProvider(),
          getDefaultAlgorithm());
    }
  }

  /** How a file looks from outside. */
  private record Stamp(Object modified, long bytes, @Nullable Object identity) {
    static Stamp of(String file) throws IOException {
      BasicFileAttributes seen = Files.readAttributes(Path.of(file), BasicFileAttributes.class);
      return new Stamp(seen.lastModifiedTime(), seen.size(), seen.fileKey());
    }
  }

  /** The content of both files at one time. */
  private record Version(long number, List<Stamp> stamps, X509ExtendedKeyManager keys) {
    /** As one name says which version a handshake began with. */
    @Nullable String name(@Nullable String alias) {
      return alias == null ? null : number + ":" + alias;
    }
  }

  /** Shared by all handshakes. A handshake ends with the version that it began with. */
  private static final class Renewing extends X509ExtendedKeyManager {
    /** Nobody renews so often that a handshake needs an older one. */
    private static final int MAX_KEPT = 4;

    /** By kind of key, one that shows whether a pair is one. */
    private static final Map<String, String> SIGNATURES =
        Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    private final RenewedKeys files;
    private final Vertx vertx;
    private final Deque<Version> versions = new ArrayDeque<>(); // the newest first

    /** How files looked that were no pair: they are not read at every handshake. */
    private @Nullable List<Stamp> refused;

    Renewing(RenewedKeys files, Vertx vertx) throws Exception {
      this.files = files;
      this.vertx = vertx;
      versions.add(read(1, stamps()));
    }

    private List<Stamp> stamps() throws IOException {
      return List.of(Stamp.of(files.certFile), Stamp.of(files.keyFile));
    }

    private Version read(long number, List<Stamp> stamps) throws Exception {
      PemKeyCertOptions pem =
          new PemKeyCertOptions().setCertPath(files.certFile).setKeyPath(files.keyFile);
      for (KeyManager keys : pem.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (keys instanceof X509ExtendedKeyManager extended) {
          checkPairs(extended);
          return new Version(number, stamps, extended);
        }
      }
      throw new IllegalStateException("the JDK takes no certificates");
    }

    /** As Go's TLS does when it loads a pair, and in its words. */
    private static void checkPairs(X509ExtendedKeyManager keys) throws GeneralSecurityException {
      for (Map.Entry<String, String> kind : SIGNATURES.entrySet()) {
        String[] aliases = keys.getServerAliases(kind.getKey(), null);
        for (String alias : aliases == null ? new String[0] : aliases) {
          if (!isPair(
              kind.getValue(), keys.getPrivateKey(alias), keys.getCertificateChain(alias)[0])) {
            throw new GeneralSecurityException("tls: private key does not match public key");
          }
        }
      }
    }

    private static boolean isPair(
        String algorithm, @Nullable PrivateKey key, X509Certificate certificate) {
      byte[] nonce = {1, 2, 3};
      try {
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(nonce);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(nonce);
        return signature.verify(signed);
      } catch (GeneralSecurityException e) {
        return false; // of another kind or size
      }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a broken file leads to
    private synchronized Version current() {
      Version last = versions.element();
      List<Stamp> stamps = List.of();
      try {
        stamps = stamps(); // before reading: what changes meanwhile is seen next time
        if (!stamps.equals(last.stamps()) && !stamps.equals(refused)) {
          last = read(last.number() + 1, stamps);
          versions.addFirst(last);
          if (versions.size() > MAX_KEPT) {
            versions.removeLast();
          }
        }
      } catch (Exception unreadable) {
        if (unreadable instanceof GeneralSecurityException) {
          refused = stamps; // reading them once more would not make them a pair
        }
        LOG.log(
            Level.WARNING,
            "cannot read " + files + "; the last good ones stay in force",
            unreadable);
      }
      return last;
    }

    private synchronized @Nullable Version named(String name) {
      long number = Long.parseLong(name.substring(0, name.indexOf(':')));
      return versions.stream().filter(v -> v.number() == number).findFirst().orElse(null);
    }

    private static String alias(String name) {
      return name.substring(name.indexOf(':') + 1);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String name) {
      Version version = named(name);
      return version == null ? null : version.keys().getCertificateChain(alias(name));
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String name) {
      Version version = named(name);
      return version == null ? null : version.keys().getPrivateKey(alias(name));
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, SSLEngine engine) {
      Version version = current();
      return version.name(version.keys().chooseEngineServerAlias(type, issuers, engine));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] issuers, SSLEngine engine) {
      Version version = current();
      return version.name(version.keys().chooseEngineClientAlias(types, issuers, engine));
    }

    // Vert.x has engines only.

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
      return null;
    }
  }
}
