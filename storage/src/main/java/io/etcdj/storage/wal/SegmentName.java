package io.etcdj.storage.wal;

import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A segment's place: its number in the row, and the first index that it was expected to hold.
 *
 * <pre>
 *   0000000000000001-0000000000004e21.wal   is   sequence 1, index 20001
 * </pre>
 */
record SegmentName(long sequence, long index) {
  static final String SUFFIX = ".wal";

  private static final Pattern FORM = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.wal");

  static @Nullable SegmentName parse(String name) {
    Matcher matcher = FORM.matcher(name);
    return matcher.matches()
        ? new SegmentName(
            Long.parseUnsignedLong(matcher.group(1), 16),
            Long.parseUnsignedLong(matcher.group(2), 16))
        : null;
  }

  /** The segments of a directory in their order. Left-over {@code .tmp} and the like is skipped. */
  static List<SegmentName> in(Disk disk, Path directory) throws IOException {
    List<SegmentName> segments = new ArrayList<>();
    if (disk.exists(directory)) {
      for (String name : disk.list(directory)) {
        SegmentName segment = parse(name);
        if (segment != null) {
          segments.add(segment);
        }
      }
    }
    if (segments.isEmpty()) {
      throw new WalException(Reason.FILE_NOT_FOUND, "no segment in " + directory);
    }
    return segments;
  }

  /** The tail of {@code segments} that holds everything behind {@code index}. */
  static List<SegmentName> from(List<SegmentName> segments, long index) throws WalException {
    int first = segments.size() - 1;
    while (first >= 0 && segments.get(first).index > index) {
      first--;
    }
    if (first < 0) {
      throw new WalException(
          Reason.FILE_NOT_FOUND, "the oldest segment is " + segments.get(0) + ", wanted " + index);
    }
    List<SegmentName> tail = segments.subList(first, segments.size());
    for (int i = 1; i < tail.size(); i++) {
      // etcd looks away while the number before is 0; a gap there shows as a wrong CRC.
      long before = tail.get(i - 1).sequence;
      if (before != 0 && tail.get(i).sequence != before + 1) {
        throw new WalException(Reason.SEGMENT_MISSING, tail.get(i) + " after number " + before);
      }
    }
    return tail;
  }

  SegmentName next(long nextIndex) {
    return new SegmentName(sequence + 1, nextIndex);
  }

  @Override
  public String toString() {
    return String.format("%016x-%016x%s", sequence, index, SUFFIX);
  }
}
