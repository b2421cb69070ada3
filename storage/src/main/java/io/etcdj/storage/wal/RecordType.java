package io.etcdj.storage.wal;

/** The kinds of records by number; a number outside these is damage. */
final class RecordType {
  static final int METADATA = 1;
  static final int ENTRY = 2;
  static final int STATE = 3;

  /** First in each segment: the chain's value so far, and no data. */
  static final int CRC = 4;

  static final int SNAPSHOT = 5;

  private RecordType() {}
}
