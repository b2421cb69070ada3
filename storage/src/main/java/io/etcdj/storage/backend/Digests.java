package io.etcdj.storage.backend;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Digests that every JVM has. */
final class Digests {
  private Digests() {}

  static byte[] sha256(byte[] data) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(data);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
