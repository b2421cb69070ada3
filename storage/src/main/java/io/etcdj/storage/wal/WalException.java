package io.etcdj.storage.wal;

import java.io.IOException;

/**
 * The log cannot be read, or not by us; says where, and {@link Reason} says what to do about it.
 */
public final class WalException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, in etcd's words where it has any. */
  public enum Reason {
    /** The last write was cut short by a crash. {@link Wal#repair} takes its remains away. */
    TORN("unexpected EOF"),
    /** Data that was once whole has changed. Fatal. */
    CRC_MISMATCH("walpb: crc mismatch"),
    /** Bytes that no writer produces and no crash leaves behind. Fatal. */
    CORRUPT("wal: corrupt record"),
    /** Segments of different members in one directory. Fatal. */
    METADATA_CONFLICT("wal: conflicting metadata found"),
    /** The snapshot to start from is known here, but with another term. */
    SNAPSHOT_MISMATCH("wal: snapshot mismatch"),
    /** The snapshot to start from was never recorded. */
    SNAPSHOT_NOT_FOUND("wal: snapshot not found"),
    /** No segment covers what was asked for. */
    FILE_NOT_FOUND("wal: file not found"),
    /** A segment in the middle is missing. Fatal. */
    SEGMENT_MISSING("wal: file sequence numbers do not increase continuously"),
    /** An entry is missing before the one read. Fatal. */
    ENTRY_MISSING("wal: slice bounds out of range"),
    /** Another process, or another part of this one, has the log open. */
    LOCKED("fileutil: file already locked"),
    /** A log is where a new one was to be made. */
    EXISTS("file already exists");

    private final String words;

    Reason(String words) {
      this.words = words;
    }
  }

  private final Reason reason;

  WalException(Reason reason, String detail) {
    super(reason.words + " (" + detail + ")");
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
