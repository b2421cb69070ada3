package io.etcdj.ctl.rpc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates and private keys from PEM files (RFC 7468). */
final class Pem {
  // DER: the algorithm identifiers that PKCS#8 puts before a bare RSA or EC key.
  private static final byte[] RSA_ENCRYPTION = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };
  private static final byte[] EC_PUBLIC_KEY_OID = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1
  };

  private Pem() {}

  @SuppressWarnings("ArrayRecordComponent") // made, read once and dropped within this class
  private record Block(String label, byte[] der) {}

  static List<Certificate> certificates(String file) throws IOException, GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(file)) {
      if (block.label().equals("CERTIFICATE")) {
        certificates.add(factory.generateCertificate(new ByteArrayInputStream(block.der())));
      }
    }
    return certificates;
  }

  static PrivateKey privateKey(String file, String algorithm)
      throws IOException, GeneralSecurityException {
    for (Block block : blocks(file)) {
      byte[] pkcs8 =
          switch (block.label()) {
            case "PRIVATE KEY" -> block.der();
            case "RSA PRIVATE KEY" -> pkcs8(RSA_ENCRYPTION, block.der());
            case "EC PRIVATE KEY" -> pkcs8(ecAlgorithm(block.der()), block.der());
            default -> null;
          };
      if (pkcs8 != null) {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      }
    }
    throw new IOException("tls: failed to find any PEM data in key input");
  }

  /** The file's text, or Go's words for why there is none. */
  private static String read(String file) throws IOException {
    try {
      return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IOException("open " + file + ": no such file or directory", e);
    }
  }

  private static List<Block> blocks(String file) throws IOException {
    List<Block> blocks = new ArrayList<>();
    String label = null;
    StringBuilder base64 = new StringBuilder();
    for (String line : read(file).split("\n", -1)) {
      String text = line.strip();
      if (text.startsWith("-----BEGIN ") && text.endsWith("-----")) {
        label = text.substring(11, text.length() - 5);
        base64.setLength(0);
      } else if (text.startsWith("-----END ") && label != null) {
        blocks.add(new Block(label, Base64.getMimeDecoder().decode(base64.toString())));
        label = null;
      } else if (text.indexOf(':') < 0) { // skips RFC 1421 headers
        base64.append(text);
      }
    }
    return blocks;
  }

  /** PrivateKeyInfo (RFC 5958): version 0, the algorithm, and the bare key as an octet string. */
  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    byte[] version = {0x02, 0x01, 0x00};
    return der(0x30, concat(version, concat(algorithm, der(0x04, key))));
  }

  /** The curve of an ECPrivateKey (RFC 5915) stands in its element [0]. */
  private static byte[] ecAlgorithm(byte[] key) throws IOException {
    for (int i = 0; i + 2 < key.length; i++) {
      // [0] { OBJECT IDENTIFIER ... }: the only place where these two tags nest in this structure
      if (key[i] == (byte) 0xa0 && key[i + 2] == 0x06 && key[i + 1] == key[i + 3] + 2) {
        byte[] curve = new byte[key[i + 1]];
        System.arraycopy(key, i + 2, curve, 0, curve.length);
        return der(0x30, concat(EC_PUBLIC_KEY_OID, curve));
      }
    }
    throw new IOException("tls: EC private key names no curve");
  }

  private static byte[] der(int tag, byte[] content) {
    int length = content.length;
    byte[] header =
        length < 0x80
            ? new byte[] {(byte) tag, (byte) length}
            : length < 0x100
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    return concat(header, content);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
