package io.etcdj.state.mvcc;

import com.google.protobuf.WireFormat;
import io.etcdj.api.mvccpb.KeyValue;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * What the index needs of a stored {@code mvccpb.KeyValue}, read where it lies.
 *
 * <p>A start reads every row there is. Parsing messages would copy each value only to drop it, and
 * most of the work would be done before the parser is compiled.
 */
final class RowFields {
  private static final int KEY =
      tag(KeyValue.KEY_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int CREATE_REVISION =
      tag(KeyValue.CREATE_REVISION_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
  private static final int VERSION = tag(KeyValue.VERSION_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
  private static final int LEASE = tag(KeyValue.LEASE_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);

  private static final byte[] NO_KEY = {};
  private static final int VARINT_BITS = 64;

  private byte[] key = NO_KEY;
  private long createRevision;
  private long version;
  private long lease;

  private static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  byte[] key() {
    return key;
  }

  long createRevision() {
    return createRevision;
  }

  /** Number of puts since the key was created. */
  long version() {
    return version;
  }

  long lease() {
    return lease;
  }

  /** Takes the fields of one row, which is used up; false if it is no such message. */
  boolean read(ByteBuffer row) {
    key = NO_KEY;
    createRevision = 0;
    version = 0;
    lease = 0;
    try {
      while (row.hasRemaining()) {
        int tag = (int) varint(row);
        if (tag == KEY) {
          key = new byte[length(row)];
          row.get(key);
        } else if (tag == CREATE_REVISION) {
          createRevision = varint(row);
        } else if (tag == VERSION) {
          version = varint(row);
        } else if (tag == LEASE) {
          lease = varint(row);
        } else if (!skip(row, tag)) {
          return false;
        }
      }
      return true;
    } catch (BufferUnderflowException e) {
      return false; // it ends within a field
    }
  }

  private static boolean skip(ByteBuffer row, int tag) {
    switch (tag & 7) {
      case WireFormat.WIRETYPE_VARINT -> {
        var unused = varint(row);
      }
      case WireFormat.WIRETYPE_FIXED64 -> row.getLong();
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
        int length = length(row);
        row.position(row.position() + length);
      }
      case WireFormat.WIRETYPE_FIXED32 -> row.getInt();
      default -> {
        return false;
      }
    }
    return true;
  }

  /** A length that what is left of the row can have. */
  private static int length(ByteBuffer row) {
    long length = varint(row);
    if (length < 0 || length > row.remaining()) {
      throw new BufferUnderflowException();
    }
    return (int) length;
  }

  private static long varint(ByteBuffer row) {
    long value = 0;
    for (int shift = 0; shift < VARINT_BITS; shift += 7) {
      byte piece = row.get();
      value |= (long) (piece & 0x7f) << shift;
      if (piece >= 0) {
        return value;
      }
    }
    throw new BufferUnderflowException(); // longer than any number
  }
}
