package io.etcdj.storage.wal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads entries again that were saved since the start; once it did, it keeps its memory. */
final class EntryReader {
  /** About what is asked for at once, and what lies between the place before it and it. */
  private static final int WINDOW_BYTES = 384 << 10;

  private @Nullable RecordReader reader;

  /**
   * Entries from {@code lo} up to but without {@code hi}, cut at {@code maxBytes} of encoded size,
   * at least one.
   *
   * @param files the segments from that of {@code places.before(lo)} on
   * @throws WalException when they are not what was saved
   */
  List<Entry> read(List<DiskFile> files, EntryPlaces places, long lo, long hi, long maxBytes)
      throws IOException {
    EntryPlaces.Place place = places.before(lo);
    RecordReader records = reader == null ? new RecordReader(files, WINDOW_BYTES) : reader;
    reader = records;
    records.startAt(files, place.offset(), place.crc());
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    long next = place.index();
    while (next < hi) {
      if (!records.next()) {
        throw new WalException(Reason.CORRUPT, "entry " + next + " is not there any more");
      }
      if (records.type() != RecordType.ENTRY) {
        continue;
      }
      Entry entry = parse(records);
      if (entry.getIndex() != next || entry.getTerm() != places.term(next)) {
        continue; // replaced by a later one
      }
      next++;
      if (entry.getIndex() >= lo) {
        bytes += entry.getSerializedSize();
        if (bytes > maxBytes && !entries.isEmpty()) {
          break;
        }
        entries.add(entry);
      }
    }
    return entries;
  }

  static Entry parse(RecordReader reader) throws IOException {
    try {
      Entry entry = Entry.parseFrom(reader.data());
      if (!entry.getUnknownFields().asMap().isEmpty()
          || (entry.getType() == EntryType.EntryConfChange && !entry.hasData())) {
        throw new WalException(Reason.CORRUPT, "this is no entry: " + entry);
      }
      return entry;
    } catch (InvalidProtocolBufferException e) {
      throw new WalException(Reason.CORRUPT, "entry record: " + e.getMessage());
    }
  }
}
