package io.etcdj.server.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that nobody vouches for, and its key, as files of a directory: enough to encrypt,
 * not to know who is there. The shape is etcd's: EC P-521, {@code O=etcd}, for servers.
 *
 * @param certFile PEM
 * @param keyFile PEM, which only the owner may read
 */
public record SelfSigned(Path certFile, Path keyFile) {
  private static final String SIGNATURE = "SHA512withECDSA";
  private static final byte[] SIGNATURE_NAME =
      Der.sequence(Der.identifier("1.2.840.10045.4.3.4")); // ecdsa-with-SHA512, RFC 5758

  private static final String CURVE = "secp521r1";
  private static final X500Principal NAME = new X500Principal("O=etcd");
  private static final int SERIAL_BITS = 128;
  private static final Duration YEAR = Duration.ofDays(365);
  private static final BigInteger VERSION_3 = BigInteger.TWO;

  /** digitalSignature, keyEncipherment and cRLSign (RFC 5280, section 4.2.1.3). */
  private static final byte[] KEY_USAGE = Der.bits(1, new byte[] {(byte) 0b1010_0010});

  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> EVERYBODY_READS =
      PosixFilePermissions.fromString("rw-r--r--");

  /** The files of a directory, whether or not they are there. */
  public static SelfSigned in(Path directory) {
    Path absolute = directory.toAbsolutePath();
    return new SelfSigned(absolute.resolve("cert.pem"), absolute.resolve("key.pem"));
  }

  public boolean exists() {
    return Files.exists(certFile) && Files.exists(keyFile);
  }

  /**
   * Makes both files, in the place of what is there.
   *
   * @param hosts names and addresses that it is for
   */
  public void make(List<String> hosts, int validYears, Instant now) throws IOException {
    KeyPair pair;
    byte[] certificate;
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      pair = generator.generateKeyPair();
      certificate = certificate(pair, hosts, now, now.plus(YEAR.multipliedBy(validYears)));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
    // An old one beside the new certificate would be taken for a pair.
    Files.deleteIfExists(keyFile);
    write(certFile, "CERTIFICATE", certificate, EVERYBODY_READS);
    write(keyFile, "PRIVATE KEY", pair.getPrivate().getEncoded(), OWNER_ONLY);
  }

  private static byte[] certificate(KeyPair pair, List<String> hosts, Instant from, Instant to)
      throws GeneralSecurityException {
    SecureRandom random = new SecureRandom();
    byte[] signed =
        Der.sequence(
            Der.explicit(0, Der.integer(VERSION_3)),
            Der.integer(new BigInteger(SERIAL_BITS, random)),
            SIGNATURE_NAME,
            NAME.getEncoded(),
            Der.sequence(
                Der.time(from.truncatedTo(ChronoUnit.SECONDS)),
                Der.time(to.truncatedTo(ChronoUnit.SECONDS))),
            NAME.getEncoded(),
            pair.getPublic().getEncoded(),
            Der.explicit(3, extensions(hosts)));
    Signature signature = Signature.getInstance(SIGNATURE);
    signature.initSign(pair.getPrivate(), random);
    signature.update(signed);
    return Der.sequence(signed, SIGNATURE_NAME, Der.bits(0, signature.sign()));
  }

  private static byte[] extensions(List<String> hosts) {
    List<byte[]> extensions = new ArrayList<>();
    extensions.add(extension("2.5.29.15", true, KEY_USAGE));
    byte[] serverAuth = Der.identifier("1.3.6.1.5.5.7.3.1");
    extensions.add(extension("2.5.29.37", false, Der.sequence(serverAuth)));
    extensions.add(extension("2.5.29.19", true, Der.sequence())); // no authority
    if (!hosts.isEmpty()) {
      byte[][] names = hosts.stream().map(SelfSigned::name).toArray(byte[][]::new);
      extensions.add(extension("2.5.29.17", false, Der.sequence(names)));
    }
    return Der.sequence(extensions.toArray(byte[][]::new));
  }

  private static byte[] extension(String identifier, boolean critical, byte[] value) {
    byte[] name = Der.identifier(identifier);
    return critical
        ? Der.sequence(name, Der.yes(), Der.octets(value))
        : Der.sequence(name, Der.octets(value));
  }

  private static byte[] name(String host) {
    @Nullable InetAddress address = CertificateNames.literal(host);
    return address == null
        ? Der.implicit(DNS_NAME, host.getBytes(US_ASCII))
        : Der.implicit(IP_ADDRESS, address.getAddress());
  }

  /** A file is never there in part, or with less protection than it shall have. */
  private static void write(
      Path file, String kind, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    String pem =
        "-----BEGIN "
            + kind
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
            + "\n-----END "
            + kind
            + "-----\n";
    Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(fresh);
    FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(permissions);
    try (FileChannel out =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      ByteBuffer bytes = ByteBuffer.wrap(pem.getBytes(US_ASCII));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
