package io.etcdj.ctl.rpc;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Whom to trust, and who we are, on TLS connections. */
public final class Tls {
  private static final char[] NO_PASSWORD = {};

  private final SSLContext context;
  private final boolean verify;
  private final boolean onlyForHttps;

  private Tls(SSLContext context, boolean verify, boolean onlyForHttps) {
    this.context = context;
    this.verify = verify;
    this.onlyForHttps = onlyForHttps;
  }

  /** The system's certificate authorities, and no certificate of our own. */
  static Tls systemDefault() throws IOException {
    return of("", "", "", true, true);
  }

  /**
   * Reads PEM files.
   *
   * @param cacert the authorities to trust; the system's if empty
   * @param cert our certificate chain, with {@code key} as its private key; none if both are empty
   * @param verify false accepts every certificate
   * @param onlyForHttps whether endpoints without a scheme go without TLS
   */
  public static Tls of(String cacert, String cert, String key, boolean verify, boolean onlyForHttps)
      throws IOException {
    try {
      KeyManager[] ours = cert.isEmpty() ? null : keyManagers(cert, key);
      TrustManager[] trusted =
          verify
              ? (cacert.isEmpty() ? null : trustManagers(cacert))
              : new TrustManager[] {new TrustEveryone()};
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(ours, trusted, null);
      return new Tls(context, verify, onlyForHttps);
    } catch (GeneralSecurityException e) {
      throw new IOException("tls: " + e.getMessage(), e);
    }
  }

  boolean onlyForHttps() {
    return onlyForHttps;
  }

  private static TrustManager[] trustManagers(String cacert)
      throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    List<Certificate> authorities = Pem.certificates(cacert);
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("ca" + i, authorities.get(i));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager[] keyManagers(String cert, String key)
      throws IOException, GeneralSecurityException {
    List<Certificate> chain = Pem.certificates(cert);
    if (chain.isEmpty()) {
      throw new IOException("tls: failed to find any PEM data in certificate input");
    }
    PrivateKey privateKey = Pem.privateKey(key, chain.get(0).getPublicKey().getAlgorithm());
    KeyStore store = emptyStore();
    store.setKeyEntry("client", privateKey, NO_PASSWORD, chain.toArray(new Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  /**
   * Speaks TLS over a connected socket.
   *
   * @param protocol what is to be spoken inside, by its ALPN name
   */
  Socket handshake(Socket plain, String host, int port, Deadline deadline, String protocol)
      throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
    try {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {protocol});
      if (verify) {
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
      }
      socket.setSSLParameters(parameters);
      socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, deadline.remainingMillis()));
      socket.startHandshake();
      return socket;
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  /** For {@code --insecure-skip-tls-verify}: the connection is private, but to whom is unknown. */
  private static final class TrustEveryone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
