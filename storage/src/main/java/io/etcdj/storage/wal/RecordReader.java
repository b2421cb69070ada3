package io.etcdj.storage.wal;

import com.google.protobuf.CodedInputStream;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the records of a row of segments and checks the chain of CRCs that runs through them.
 *
 * <pre>
 *   while (reader.next()) { reader.type(), reader.data() }
 * </pre>
 *
 * <p>The record's bytes are only good until the following {@link #next}. CRC records are checked
 * here and not handed out. The files belong to the caller.
 */
final class RecordReader {
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int LENGTH_BYTES = 8;

  /** What a disk writes whole or not at all. */
  private static final int SECTOR_BYTES = 512;

  /** No record's fields before its data are longer: tags, type, crc, size. */
  private static final int HEAD_BYTES = 32;

  /** What fits into one array; only a file that is larger still could make us try more. */
  private static final int MOST_RECORD_BYTES = Integer.MAX_VALUE - 64;

  /** A segment begins with the state of the chain and the log's owner. */
  private static final int HEAD_RECORDS = 2;

  private static final int RECORD_TYPE_TAG = 0x08;
  private static final int RECORD_CRC_TAG = 0x10;
  private static final int RECORD_DATA_TAG = 0x1a;

  /** The fields of a record with data, in their order. */
  private static final int[] HEAD_TAGS = {RECORD_TYPE_TAG, RECORD_CRC_TAG, RECORD_DATA_TAG};

  private List<DiskFile> files;
  private final RunningCrc crc = new RunningCrc();
  private int fileIndex;
  private long fileBytes = -1;
  private long offset;
  private int recordsInFile;

  /** A piece of the file: {@code window[0, windowBytes)} is what starts at {@code windowStart}. */
  private byte[] window;

  private ByteBuffer windowView;
  private long windowStart;
  private int windowBytes;

  private int type;
  private long recordCrc;
  private int dataStart;
  private int dataBytes;

  RecordReader(List<DiskFile> files) {
    this(files, WINDOW_BYTES);
  }

  /**
   * @param windowBytes how much to read at once
   */
  RecordReader(List<DiskFile> files, int windowBytes) {
    this.files = files;
    window = new byte[windowBytes];
    windowView = ByteBuffer.wrap(window).order(ByteOrder.LITTLE_ENDIAN);
    crc.seed(0);
  }

  /**
   * Begins in the middle instead.
   *
   * @param row the segments from this one on
   * @param position where in the first of them a record behind the head begins
   * @param chain where the chain of CRCs stands before it
   */
  void startAt(List<DiskFile> row, long position, int chain) throws IOException {
    files = row;
    fileIndex = 0;
    fileBytes = file().size();
    offset = position;
    recordsInFile = HEAD_RECORDS;
    windowBytes = 0;
    crc.seed(chain);
  }

  /** Goes to the next record; false at the clean end of the last segment. */
  boolean next() throws IOException {
    while (fileIndex < files.size()) {
      if (fileBytes < 0) {
        fileBytes = file().size();
        offset = 0;
        recordsInFile = 0;
        windowBytes = 0;
      }
      if (!readRecord()) {
        if (recordsInFile < HEAD_RECORDS) {
          throw damaged("the segment has no head");
        }
        if (fileIndex == files.size() - 1) {
          return false;
        }
        fileIndex++;
        fileBytes = -1;
      } else if (type == RecordType.CRC) {
        joinChain();
      } else {
        return true;
      }
    }
    return false;
  }

  /** Checks all that is left. */
  void skipToEnd() throws IOException {
    boolean more = next();
    while (more) {
      more = next();
    }
  }

  int type() {
    return type;
  }

  /** The record's data, to be read before the following {@link #next}. */
  CodedInputStream data() {
    return CodedInputStream.newInstance(window, dataStart, dataBytes);
  }

  /** A copy of the record's data. */
  byte[] dataBytes() {
    return Arrays.copyOfRange(window, dataStart, dataStart + dataBytes);
  }

  /** Behind the last good record of the current segment. */
  long offset() {
    return offset;
  }

  /** Where the chain stands after the last record. */
  int crc() {
    return crc.value();
  }

  private DiskFile file() {
    return files.get(fileIndex);
  }

  private boolean isLastFile() {
    return fileIndex == files.size() - 1;
  }

  /** Reads the frame at {@code offset}; false if there is none. */
  private boolean readRecord() throws IOException {
    long left = fileBytes - offset;
    if (left == 0) {
      return false;
    }
    if (left < LENGTH_BYTES) {
      throw new WalException(
          isLastFile() ? Reason.TORN : Reason.CORRUPT, "half a length field in " + file());
    }
    long length = windowView.getLong(at(offset, LENGTH_BYTES));
    if (length == 0) {
      checkSectorIsEmpty();
      return false;
    }
    int top = (int) (length >>> 56);
    long recordBytes = length & (1L << 56) - 1;
    int padding = top & 7;
    if ((top != 0 && top != (0x80 | padding)) || (recordBytes + padding) % 8 != 0) {
      throw damaged(String.format("length field %016x", length));
    }
    if (recordBytes > left - LENGTH_BYTES - padding) {
      throw new WalException(
          mayBeTorn(recordBytes) ? Reason.TORN : Reason.CORRUPT,
          String.format(
              "a record of %d bytes at %d of %d in %s", recordBytes, offset, fileBytes, file()));
    }
    if (recordBytes > MOST_RECORD_BYTES) {
      throw damaged("a record of " + recordBytes + " bytes");
    }
    int bodyBytes = (int) recordBytes + padding;
    int body = at(offset + LENGTH_BYTES, bodyBytes);
    if (!parseRecord(body, (int) recordBytes)) {
      throw wrong(Reason.CORRUPT, "no record", recordBytes, bodyBytes);
    }
    if (type != RecordType.CRC) {
      crc.update(window, dataStart, dataBytes);
      if (crc.value() != (int) recordCrc) {
        throw wrong(
            Reason.CRC_MISMATCH,
            String.format("expected %x, computed %x", recordCrc, crc.value()),
            recordBytes,
            bodyBytes);
      }
    }
    if (type < RecordType.METADATA || type > RecordType.SNAPSHOT) {
      throw damaged("unexpected block type " + type);
    }
    // Every segment begins with where the chain stands and whose it is, and says so only there.
    // Neither the type nor the order of records is under the CRC: this shows a damaged head.
    if ((recordsInFile == 0) != (type == RecordType.CRC)
        || (recordsInFile == 1) != (type == RecordType.METADATA)) {
      throw damaged("record " + recordsInFile + " of the segment has type " + type);
    }
    recordsInFile++;
    offset += LENGTH_BYTES + bodyBytes;
    return true;
  }

  /** A CRC record repeats where the chain stands; only at the very start there is no chain yet. */
  private void joinChain() throws WalException {
    if (crc.value() != 0 && crc.value() != (int) recordCrc) {
      throw new WalException(
          Reason.CRC_MISMATCH,
          String.format(
              "%s continues at %x, the chain before it ends at %x",
              file(), recordCrc, crc.value()));
    }
    crc.seed((int) recordCrc);
  }

  private boolean parseRecord(int start, int length) {
    CodedInputStream in = CodedInputStream.newInstance(window, start, length);
    type = 0;
    recordCrc = 0;
    dataStart = start;
    dataBytes = 0;
    try {
      while (!in.isAtEnd()) {
        int tag = in.readTag();
        switch (tag) {
          case RECORD_TYPE_TAG -> type = (int) in.readInt64();
          case RECORD_CRC_TAG -> recordCrc = in.readUInt32() & 0xffffffffL;
          case RECORD_DATA_TAG -> {
            dataBytes = in.readRawVarint32();
            dataStart = start + in.getTotalBytesRead();
            in.skipRawBytes(dataBytes);
          }
          default -> {
            if (!in.skipField(tag)) {
              return false;
            }
          }
        }
      }
      return true;
    } catch (IOException e) {
      return false; // not a record; whoever called knows more about where
    }
  }

  /**
   * A zero length ends the segment. Behind it may be what a torn write left, but not before the
   * next sector begins: a sector is written whole, and its length field would have come along.
   */
  private void checkSectorIsEmpty() throws IOException {
    long sectorEnd = Math.min(fileBytes, (offset / SECTOR_BYTES + 1) * SECTOR_BYTES);
    int start = at(offset, (int) (sectorEnd - offset));
    if (!isZero(start, (int) (sectorEnd - offset))) {
      throw damaged("data behind a zero length");
    }
  }

  /**
   * Whether the frame may be what a crash left of a larger one. Its length field is there, so it is
   * right; then the head of the record must say the same, or never have been written.
   */
  private boolean mayBeTorn(long recordBytes) throws IOException {
    if (!isLastFile()) {
      return false;
    }
    long bodyOffset = offset + LENGTH_BYTES;
    int there = (int) Math.min(HEAD_BYTES, Math.min(recordBytes, fileBytes - bodyOffset));
    int body = at(bodyOffset, there);
    if (hasEmptySector(bodyOffset, body, there)) {
      return true;
    }
    CodedInputStream in = CodedInputStream.newInstance(window, body, there);
    boolean cutShort = there < HEAD_BYTES;
    try {
      for (int tag : HEAD_TAGS) {
        if (in.isAtEnd()) {
          return cutShort;
        }
        if (in.readTag() != tag) {
          return false;
        }
        if (tag != RECORD_DATA_TAG) {
          in.skipField(tag);
        }
      }
      return in.readRawVarint32() + (long) in.getTotalBytesRead() == recordBytes;
    } catch (IOException e) {
      return cutShort; // too little is left to tell
    }
  }

  private WalException damaged(String what) {
    return new WalException(Reason.CORRUPT, what + " in " + file() + " at " + offset);
  }

  /** A frame that is there but not whole: torn if a sector of it was never written. */
  private WalException wrong(Reason reason, String what, long recordBytes, int bodyBytes)
      throws IOException {
    long bodyOffset = offset + LENGTH_BYTES;
    boolean torn =
        mayBeTorn(recordBytes) && hasEmptySector(bodyOffset, at(bodyOffset, bodyBytes), bodyBytes);
    return new WalException(torn ? Reason.TORN : reason, what + " in " + file() + " at " + offset);
  }

  /** Whether one of the sectors, as far as they lie in this part of the file, is all zero. */
  private boolean hasEmptySector(long fileOffset, int start, int length) {
    int done = 0;
    while (done < length) {
      int toSectorEnd = SECTOR_BYTES - (int) ((fileOffset + done) % SECTOR_BYTES);
      int piece = Math.min(toSectorEnd, length - done);
      if (isZero(start + done, piece)) {
        return true;
      }
      done += piece;
    }
    return length == 0;
  }

  private boolean isZero(int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (window[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Makes the window hold this part of the file, and says where in the window it starts. */
  private int at(long fileOffset, int length) throws IOException {
    if (fileOffset < windowStart || fileOffset + length > windowStart + windowBytes) {
      if (length > window.length) {
        window = new byte[Math.max(length, WINDOW_BYTES)];
        windowView = ByteBuffer.wrap(window).order(ByteOrder.LITTLE_ENDIAN);
      }
      int wanted = (int) Math.min(window.length, fileBytes - fileOffset);
      file().readFully(windowView.clear().limit(wanted), fileOffset);
      windowView.clear();
      windowStart = fileOffset;
      windowBytes = wanted;
    }
    return (int) (fileOffset - windowStart);
  }
}
