package io.etcdj.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenewedKeysTest {
  private final Vertx vertx = Vertx.vertx();
  @TempDir Path directory;
  private Path cert;
  private Path key;

  @BeforeEach
  void makeFiles() throws Exception {
    cert = directory.resolve("cert.pem");
    key = directory.resolve("key.pem");
    SelfSigned.in(directory).make(List.of("first"), 1, Instant.now());
  }

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private X509ExtendedKeyManager keys() throws Exception {
    return (X509ExtendedKeyManager)
        new RenewedKeys(cert.toString(), key.toString())
            .options()
            .getKeyManagerFactory(vertx)
            .getKeyManagers()[0];
  }

  /** The name in the certificate that a handshake would begin with now, and end with. */
  private static String shown(X509ExtendedKeyManager keys) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    String alias = Objects.requireNonNull(keys.chooseEngineServerAlias("EC", null, engine));
    assertThat(keys.getPrivateKey(alias)).isNotNull();
    X509Certificate shown = keys.getCertificateChain(alias)[0];
    return shown.getSubjectAlternativeNames().iterator().next().get(1).toString();
  }

  private void renew(Path file, Path by) throws Exception {
    Files.copy(by, file, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(10)));
  }

  @Test
  void aNewCertificateIsShownOnceItsKeyIsThereToo() throws Exception {
    X509ExtendedKeyManager keys = keys();
    assertThat(shown(keys)).isEqualTo("first");
    Path other = Files.createDirectory(directory.resolve("other"));
    SelfSigned.in(other).make(List.of("second"), 1, Instant.now());
    renew(cert, other.resolve("cert.pem"));
    assertThat(shown(keys)).isEqualTo("first");
    renew(key, other.resolve("key.pem"));
    assertThat(shown(keys)).isEqualTo("second");
    Files.writeString(cert, "nothing");
    assertThat(shown(keys)).isEqualTo("second");
  }

  @Test
  void aKeyOfAnotherCertificateIsRefusedAtTheStart() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));
    SelfSigned.in(other).make(List.of("second"), 1, Instant.now());
    renew(cert, other.resolve("cert.pem"));
    assertThatThrownBy(this::keys).hasMessage("tls: private key does not match public key");
  }
}
