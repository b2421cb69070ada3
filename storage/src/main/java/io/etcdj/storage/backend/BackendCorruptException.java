package io.etcdj.storage.backend;

/** A stored row is not what was written: its checksum, key or length does not fit. */
public final class BackendCorruptException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BackendCorruptException(String message) {
    super(message);
  }
}
