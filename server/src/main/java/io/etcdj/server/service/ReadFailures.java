package io.etcdj.server.service;

import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.storage.backend.BackendCorruptException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What a client is told when its read failed; nothing else may end for it. */
final class ReadFailures {
  private static final Logger LOG = System.getLogger("io.etcdj.server.service");

  private ReadFailures() {}

  /** A refusal as it is; a damaged row as data loss; anything else is a bug of ours. */
  static EtcdException refusal(RuntimeException failure) {
    if (failure instanceof EtcdException refusal) {
      return refusal;
    }
    LOG.log(Level.ERROR, "a read failed", failure);
    return failure instanceof BackendCorruptException
        ? EtcdError.CORRUPT.because(String.valueOf(failure.getMessage()))
        : EtcdException.of(GrpcCode.UNKNOWN, String.valueOf(failure.getMessage()));
  }
}
