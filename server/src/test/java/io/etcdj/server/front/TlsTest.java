package io.etcdj.server.front;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.server.front.http.AccessRules;
import io.etcdj.server.tls.AllowedNames;
import io.etcdj.server.tls.Rejection;
import io.etcdj.server.tls.SelfSigned;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The front with certificates on both sides. */
@Timeout(60)
class TlsTest {
  private final AtomicBoolean certificatesNameUsers = new AtomicBoolean();
  @TempDir private Path directory;
  private TestFront front;

  @BeforeEach
  void open() {
    open(AllowedNames.ANY);
  }

  private void open(AllowedNames allowed) {
    FrontOptions defaults = FrontOptions.defaults();
    AccessRules access =
        new AccessRules(Set.of("*"), Set.of("only.this"), certificatesNameUsers::get);
    Tls tls =
        new Tls(
            file("server.pem"),
            file("server.key"),
            file("ca.pem"),
            null,
            true,
            allowed,
            true,
            List.of("TLSv1.3", "TLSv1.2"),
            List.of());
    front =
        new TestFront(
            new FrontOptions(defaults.grpc(), defaults.maxConcurrentStreams(), true, access),
            new Listener(new Listener.Address.Tcp("127.0.0.1", 0), Listener.Role.EVERYTHING, tls));
  }

  @AfterEach
  void close() {
    front.close();
  }

  @Test
  void aGrpcClientIsKnownByItsCertificatesCommonName() throws Exception {
    try (GrpcClient client = grpc(true)) {
      var kv = client.range("peer").getKvs(0);
      assertThat(kv.getValue().toStringUtf8()).isEqualTo("alice");
      assertThat(kv.getKey().toStringUtf8()).startsWith("127.0.0.1:");
    }
  }

  @Test
  void aClientWithoutACertificateIsTurnedAway() throws Exception {
    try (GrpcClient client = grpc(false)) {
      assertThatThrownBy(() -> client.range("k")).isInstanceOf(StatusRuntimeException.class);
    }
  }

  @Test
  void aClientWhoseCertificateLacksTheNameIsTurnedAwayAndTold() throws Exception {
    front.close();
    open(new AllowedNames(List.of("bob"), List.of()));
    try (GrpcClient client = grpc(true)) {
      assertThatThrownBy(() -> client.range("k")).isInstanceOf(StatusRuntimeException.class);
    }
    Rejection rejection = front.rejections.poll(20, SECONDS);
    assertThat(rejection).isNotNull();
    assertThat(rejection.error()).isEqualTo("client certificate authentication failed");
    assertThat(rejection.remoteAddress()).matches("127\\.0\\.0\\.1:\\d+");
    front.close();
    open(new AllowedNames(List.of("bob", "alice"), List.of()));
    try (GrpcClient client = grpc(true)) {
      assertThat(client.range("k").getCount()).isEqualTo(1);
    }
    assertThat(front.rejections).isEmpty();
  }

  @Test
  void aCertificateThatIsRenewedIsShownToWhoConnectsNext() throws Exception {
    SelfSigned pair = SelfSigned.in(directory);
    Instant now = Instant.parse("2026-11-21T00:00:00Z");
    pair.make(List.of("localhost"), 1, now);
    Tls tls = Tls.of(pair.certFile().toString(), pair.keyFile().toString());
    try (TestFront other =
        new TestFront(
            FrontOptions.defaults(),
            new Listener(new Listener.Address.Tcp("127.0.0.1", 0), Listener.Role.METRICS, tls))) {
      Certificate first = shown(other);
      assertThat(shown(other)).isEqualTo(first);
      pair.make(List.of("localhost"), 1, now);
      Certificate second = shown(other);
      assertThat(second).isNotEqualTo(first);
      Files.writeString(pair.certFile(), "half");
      assertThat(shown(other)).isEqualTo(second);
    }
  }

  /** What a server shows to somebody who connects for the first time. */
  private static Certificate shown(TestFront server) throws Exception {
    SSLContext credulous = SSLContext.getInstance("TLS");
    X509TrustManager believing =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    credulous.init(null, new TrustManager[] {believing}, null);
    try (SSLSocket socket =
        (SSLSocket) credulous.getSocketFactory().createSocket("127.0.0.1", server.port())) {
      socket.setSoTimeout(20_000);
      socket.startHandshake();
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void bothHttpVersionsServeJsonOnTheSamePort() throws Exception {
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpResponse<String> response = post(version);
      assertThat(response.version()).isEqualTo(version);
      assertThat(response.body()).contains("\"count\":\"1\"");
    }
  }

  @Test
  void theGatewayRefusesCertificatesThatWouldNameAUser() throws Exception {
    certificatesNameUsers.set(true);
    HttpResponse<String> response = post(HttpClient.Version.HTTP_1_1);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .isEqualTo(
            "CommonName of client sending a request against gateway will be ignored and not used"
                + " as expected\n");
  }

  private HttpResponse<String> post(HttpClient.Version version) throws Exception {
    return HttpClient.newBuilder()
        .version(version)
        .sslContext(javaContext())
        .build()
        .send(
            HttpRequest.newBuilder(URI.create("https://localhost:" + front.port() + "/v3/kv/range"))
                .POST(BodyPublishers.ofString("{\"key\":\"aw==\"}"))
                .build(),
            BodyHandlers.ofString());
  }

  private GrpcClient grpc(boolean withCertificate) throws IOException {
    SslContextBuilder context = GrpcSslContexts.forClient().trustManager(new File(file("ca.pem")));
    if (withCertificate) {
      context.keyManager(new File(file("client.pem")), new File(file("client.key")));
    }
    return new GrpcClient(
        NettyChannelBuilder.forAddress("localhost", front.port()).sslContext(context.build()));
  }

  private static SSLContext javaContext() throws GeneralSecurityException, IOException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    Certificate client = certificate("client.pem");
    keys.setKeyEntry("client", key("client.key"), new char[0], new Certificate[] {client});
    KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
    keyManagers.init(keys, new char[0]);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", certificate("ca.pem"));
    TrustManagerFactory trustManagers = TrustManagerFactory.getInstance("PKIX");
    trustManagers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
    return context;
  }

  private static Certificate certificate(String name) throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(Path.of(file(name)))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private static PrivateKey key(String name) throws GeneralSecurityException, IOException {
    String pem = Files.readString(Path.of(file(name))).replaceAll("-----[A-Z ]+-----|\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
  }

  private static String file(String name) {
    return Path.of("src/test/resources/tls", name).toString();
  }
}
