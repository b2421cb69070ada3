package io.etcdj.storage.bolt;

import java.io.IOException;

/** The file is not what a bbolt file can be; says at which page, and why. */
public final class BoltException extends IOException {
  private static final long serialVersionUID = 1L;

  BoltException(String message) {
    super(message);
  }

  static BoltException at(long page, String reason) {
    return new BoltException("page " + Long.toUnsignedString(page) + ": " + reason);
  }
}
