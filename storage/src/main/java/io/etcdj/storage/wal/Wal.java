package io.etcdj.storage.wal;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.walpb.Snapshot;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log of a member: what it must remember before it answers.
 *
 * <p>One thread saves, and reads entries again; another may save snapshots and release segments.
 * After a write or a sync has failed nobody can tell what is on the disk, so the log then refuses
 * everything, and the member must stop. None of its threads may be interrupted: Java then closes
 * the file under it.
 *
 * <pre>
 *   wal = Wal.create(disk, dir, metadata, options)       a new member, ready to save
 *
 *   valid = Wal.validSnapshotEntries(disk, dir)          a restart
 *   wal = Wal.open(disk, dir, valid.get(...), options)
 *   contents = wal.readAll()                             now ready to save
 *   TORN? close, Wal.repair(disk, dir), and once more
 *
 *   wal.save(hardState, entries, true)                   all of it is safe when this returns
 * </pre>
 */
public final class Wal implements Closeable {
  private static final DateTimeFormatter BROKEN_SUFFIX =
      DateTimeFormatter.ofPattern("yyyyMMdd.HHmmss.SSSSSS");

  private final Disk disk;
  private final Path directory;
  private final WalOptions options;
  private final WalSnapshot start;

  /** Oldest first; all are locked. The last is the one that grows. */
  private final List<Segment> segments;

  private final NextSegment nextSegment;

  private final EntryPlaces places = new EntryPlaces();
  private final EntryReader rereader = new EntryReader();

  /** What {@code places} say; to ask for it must not wait for a sync. */
  private volatile long firstReadable = Long.MAX_VALUE;

  private byte[] metadata = {};

  private HardState lastState = HardState.getDefaultInstance();

  /** The index of the last entry saved, or of the last snapshot if that is higher. */
  private long lastIndex;

  /** Null until everything has been read: nothing can be appended to an unknown end. */
  private @Nullable SegmentWriter writer;

  /** What fills the growing segment with zeros; the writer's companion. */
  private @Nullable ZeroFill ahead;

  private @Nullable Throwable failure;

  private record Segment(SegmentName name, DiskFile file) {}

  private Wal(
      Disk disk, Path directory, WalOptions options, WalSnapshot start, List<Segment> segments) {
    this.disk = disk;
    this.directory = directory;
    this.options = options;
    this.start = start;
    this.segments = new ArrayList<>(segments);
    this.nextSegment = new NextSegment(disk, directory, options);
  }

  /** Whether the directory holds a log. */
  public static boolean exists(Disk disk, Path directory) throws IOException {
    if (!disk.exists(directory)) {
      return false;
    }
    return disk.list(directory).stream().anyMatch(name -> name.endsWith(SegmentName.SUFFIX));
  }

  /**
   * Makes a new log. It is built under another name, so that a crash leaves either none or a whole
   * one.
   */
  public static Wal create(Disk disk, Path directory, ByteString metadata, WalOptions options)
      throws IOException {
    if (exists(disk, directory)) {
      throw new WalException(Reason.EXISTS, directory.toString());
    }
    Path parent = parentOf(directory);
    Path building = parent.resolve(directory.getFileName() + ".tmp");
    disk.deleteDirectory(building);
    disk.createDirectories(building);
    SegmentName name = new SegmentName(0, 0);
    DiskFile file = disk.open(building.resolve(name.toString()), Disk.Mode.CREATE);
    Wal wal =
        new Wal(disk, directory, options, WalSnapshot.EMPTY, List.of(new Segment(name, file)));
    try {
      wal.writeHead(metadata.toByteArray());
      wal.syncDirectory(building);
      disk.deleteDirectory(directory); // may hold left-overs, but no segment
      disk.rename(building, directory);
    } catch (IOException | RuntimeException e) {
      wal.abandon(e);
      throw e;
    }
    try {
      wal.syncDirectory(parent);
    } catch (IOException | RuntimeException e) {
      wal.abandon(e);
      disk.rename(
          directory,
          parent.resolve(
              directory.getFileName()
                  + ".broken."
                  + LocalDateTime.now(ZoneId.systemDefault()).format(BROKEN_SUFFIX)));
      throw e;
    }
    return wal;
  }

  /**
   * Opens a log to go on with it, and locks the segments behind {@code start}. The next call must
   * be {@link #readAll}.
   */
  public static Wal open(Disk disk, Path directory, WalSnapshot start, WalOptions options)
      throws IOException {
    List<SegmentName> names = SegmentName.from(SegmentName.in(disk, directory), start.index());
    List<Segment> segments = openSegments(disk, directory, names, Disk.Mode.WRITE);
    return new Wal(disk, directory, options, start, segments);
  }

  /**
   * Reads a log without touching it, also while a member runs on it; a torn end is left out.
   *
   * @throws WalException as {@link #readAll}
   */
  public static WalContents read(Disk disk, Path directory, WalSnapshot start) throws IOException {
    List<SegmentName> names = SegmentName.from(SegmentName.in(disk, directory), start.index());
    List<Segment> segments = openSegments(disk, directory, names, Disk.Mode.READ);
    try {
      Contents contents = new Contents(start);
      try {
        contents.readFrom(reader(segments));
      } catch (WalException e) {
        if (e.reason() != Reason.TORN) {
          throw e;
        }
      }
      return contents.finish();
    } finally {
      closeAll(segments);
    }
  }

  /**
   * Every snapshot that the log has a note of and that is committed, oldest first. Only with one of
   * these, or with {@link WalSnapshot#EMPTY} if it is among them, can the log be opened.
   */
  public static List<WalSnapshot> validSnapshotEntries(Disk disk, Path directory)
      throws IOException {
    List<SegmentName> names = SegmentName.in(disk, directory);
    SegmentName.checkComplete(names);
    return validSnapshotEntries(disk, directory, names);
  }

  /**
   * Those of {@link #validSnapshotEntries(Disk, Path)} from {@code index} on, and perhaps some
   * before, without a look at the segments that lie wholly before it. A snapshot is noted when the
   * log has come as far, hence in what is read; and each segment begins with the state.
   */
  public static List<WalSnapshot> validSnapshotEntriesFrom(Disk disk, Path directory, long index)
      throws IOException {
    return validSnapshotEntries(
        disk, directory, SegmentName.from(SegmentName.in(disk, directory), index));
  }

  private static List<WalSnapshot> validSnapshotEntries(
      Disk disk, Path directory, List<SegmentName> names) throws IOException {
    List<Segment> segments = openSegments(disk, directory, names, Disk.Mode.READ);
    try {
      List<WalSnapshot> snapshots = new ArrayList<>();
      HardState state = HardState.getDefaultInstance();
      RecordReader reader = reader(segments);
      try {
        while (reader.next()) {
          switch (reader.type()) {
            case RecordType.SNAPSHOT -> snapshots.add(parseSnapshot(reader));
            case RecordType.STATE -> state = parseState(reader);
            default -> {} // entries are not looked into here
          }
        }
      } catch (WalException e) {
        if (e.reason() != Reason.TORN) {
          throw e;
        }
      }
      long commit = state.getCommit();
      snapshots.removeIf(snapshot -> Long.compareUnsigned(snapshot.index(), commit) > 0);
      return snapshots;
    } finally {
      closeAll(segments);
    }
  }

  /**
   * Takes away what a crash left of the last write, and keeps a copy of the segment as {@code
   * .broken}. Only the end of the last segment can be torn; anything else is thrown.
   *
   * @return whether there was something to take away
   */
  public static boolean repair(Disk disk, Path directory) throws IOException {
    List<SegmentName> names = SegmentName.in(disk, directory);
    String name = names.get(names.size() - 1).toString();
    try (DiskFile file = disk.open(directory.resolve(name), Disk.Mode.WRITE)) {
      if (!file.tryLock()) {
        throw new WalException(Reason.LOCKED, name);
      }
      RecordReader reader = new RecordReader(List.of(file));
      try {
        reader.skipToEnd();
        return false;
      } catch (WalException e) {
        if (e.reason() != Reason.TORN) {
          throw e;
        }
      }
      try (DiskFile copy = disk.open(directory.resolve(name + ".broken"), Disk.Mode.CREATE)) {
        copyAll(file, copy);
        copy.sync();
      }
      file.resize(reader.offset());
      file.sync();
    }
    disk.syncDirectory(directory);
    return true;
  }

  /**
   * Reads everything behind the start snapshot and makes the log ready to save.
   *
   * @throws WalException {@link Reason#TORN} if the last write was cut short: close, {@link
   *     #repair}, open again. Any other reason is not to be got round.
   */
  public synchronized WalContents readAll() throws IOException {
    checkHealthy();
    if (writer != null) {
      throw new IllegalStateException("the log has been read already");
    }
    Contents contents = new Contents(start);
    RecordReader reader = reader(segments);
    contents.readFrom(reader);
    WalContents result = contents.finish();
    DiskFile tail = tail().file;
    // Behind a zero length there may be pieces of a torn write. New frames would grow into them.
    long end = reader.offset();
    tail.resize(end);
    tail.resize(Math.max(end, options.segmentBytes()));
    sync(tail);
    metadata = result.metadata().toByteArray();
    lastState = result.hardState();
    lastIndex = Math.max(contents.lastIndex, start.index());
    ahead = new ZeroFill(tail, end, options.segmentBytes(), options);
    writer = new SegmentWriter(tail, ahead, end, reader.crc(), options.listener());
    return result;
  }

  /**
   * Appends entries and then the state. With {@code mustSync} they are on the disk when this
   * returns; without, they may wait for the next save that syncs.
   *
   * @param state null or all zero if it has not changed
   */
  public synchronized void save(@Nullable HardState state, List<Entry> entries, boolean mustSync)
      throws IOException {
    SegmentWriter out = ready();
    boolean hasState = state != null && !isEmpty(state);
    if (!hasState && entries.isEmpty()) {
      return;
    }
    try {
      for (Entry entry : entries) {
        places.saving(entry, tail().file, out.position(), out.crc());
        out.entry(entry);
        lastIndex = entry.getIndex();
      }
      firstReadable = places.first();
      if (state != null && hasState) {
        out.record(RecordType.STATE, encode(state));
        lastState = state;
      }
      if (mustSync) {
        out.flush();
      }
      if (out.flushedBytes() >= options.segmentBytes()) {
        cut(out);
      } else {
        if (mustSync) {
          sync(tail().file);
        }
        nextSegment.reserve();
        if (out.flushedBytes() >= options.segmentBytes() / 2) {
          nextSegment.prepare();
        }
      }
    } catch (IOException | RuntimeException e) {
      failure = e; // from here on nothing is accepted
      throw e;
    }
  }

  /**
   * Notes that a snapshot file exists, on the disk when this returns. The file must have been
   * written before: the note is what makes a restart look for it.
   */
  public synchronized void saveSnapshot(WalSnapshot snapshot) throws IOException {
    SegmentWriter out = ready();
    if (snapshot.index() != 0 && snapshot.confState() == null) {
      throw new IllegalArgumentException("Saved snapshot is missing ConfState: " + snapshot);
    }
    try {
      out.record(RecordType.SNAPSHOT, snapshot.encode());
      if (lastIndex < snapshot.index()) {
        lastIndex = snapshot.index();
      }
      out.flush();
      sync(tail().file);
    } catch (IOException | RuntimeException e) {
      failure = e; // from here on nothing is accepted
      throw e;
    }
  }

  /** Puts on the disk whatever has been saved without. */
  public synchronized void sync() throws IOException {
    SegmentWriter out = ready();
    try {
      out.flush();
      sync(tail().file);
    } catch (IOException | RuntimeException e) {
      failure = e; // from here on nothing is accepted
      throw e;
    }
  }

  /**
   * Gives up the locks of segments that end before {@code index} and hold no entries that are to be
   * read again, so that they can be purged. The one that holds the index stays, and so does the one
   * before where the names do not tell.
   */
  public synchronized void releaseLockTo(long index) throws IOException {
    int position = 0;
    while (position < segments.size() && segments.get(position).name.index() < index) {
      position++;
    }
    // The last segment whose name lies below the index is the one that may hold it.
    int releasable = position - 1;
    DiskFile wanted = places.oldest();
    for (int i = 0; i < releasable && segments.get(0).file != wanted; i++) {
      segments.remove(0).file.close();
    }
  }

  /**
   * The first entry of those saved since the start that {@link #entries} can read; {@link
   * Long#MAX_VALUE} if there is none. All behind it can be read, too.
   */
  public long firstReadable() {
    return firstReadable;
  }

  /** From about where on entries take no more than {@code maxBytes}. */
  public synchronized long firstReadableWithin(long maxBytes) {
    return places.firstWithin(maxBytes);
  }

  /** The term of an entry that can be read, or of the one before the first of those. */
  public synchronized long term(long index) {
    return places.term(index);
  }

  /**
   * Reads entries again that were saved with a sync, from {@code lo} up to but without {@code hi},
   * cut at {@code maxBytes} of encoded size, at least one.
   *
   * @throws IOException when they cannot be read, or are not what was saved; that is no reason to
   *     refuse others
   */
  public synchronized List<Entry> entries(long lo, long hi, long maxBytes) throws IOException {
    checkHealthy();
    DiskFile first = places.before(lo).file();
    List<DiskFile> files = segments.stream().map(Segment::file).dropWhile(f -> f != first).toList();
    return rereader.read(files, places, lo, hi, maxBytes);
  }

  /** Entries up to and including {@code index} are not going to be read again. */
  public synchronized void forget(long index) {
    places.forget(index);
    firstReadable = places.first();
  }

  /** Writes out what has been saved and gives up all locks. */
  @Override
  public synchronized void close() throws IOException {
    try {
      if (writer != null && failure == null) {
        writer.flush();
        sync(tail().file);
      }
    } finally {
      abandon(new IllegalStateException("the log is closed"));
    }
  }

  /** The segment where everything starts: its chain, its owner, and the snapshot of nothing. */
  private synchronized void writeHead(byte[] owner) throws IOException {
    DiskFile file = tail().file;
    if (!file.tryLock()) {
      throw new WalException(Reason.LOCKED, file.toString());
    }
    file.resize(options.segmentBytes());
    ZeroFill fill = new ZeroFill(file, 0, options.segmentBytes(), options);
    SegmentWriter out = new SegmentWriter(file, fill, 0, 0, options.listener());
    out.crcRecord();
    out.record(RecordType.METADATA, owner);
    out.record(RecordType.SNAPSHOT, WalSnapshot.EMPTY.encode());
    out.flush();
    sync(file);
    metadata = owner;
    ahead = fill;
    writer = out;
  }

  /**
   * Ends the segment and begins the next. Until the rename the old segment alone is the log; the
   * new one has its head on the disk before it gets its name.
   */
  private synchronized void cut(SegmentWriter out) throws IOException {
    out.flush();
    Segment old = tail();
    stopFilling();
    old.file.resize(out.flushedBytes());
    sync(old.file);
    NextSegment.Prepared prepared = nextSegment.take();
    SegmentName name = old.name.next(lastIndex + 1);
    segments.add(new Segment(name, prepared.file()));
    ahead = ZeroFill.none(prepared.file(), options); // it is full of zeros
    out.moveTo(prepared.file(), ahead);
    out.crcRecord();
    out.record(RecordType.METADATA, metadata);
    if (!isEmpty(lastState)) {
      out.record(RecordType.STATE, encode(lastState));
    }
    out.flush();
    sync(prepared.file());
    disk.rename(prepared.path(), directory.resolve(name.toString()));
    syncDirectory(directory);
  }

  private synchronized void stopFilling() throws IOException {
    if (ahead != null) {
      ahead.stop();
    }
  }

  private void sync(DiskFile file) throws IOException {
    if (options.sync()) {
      long began = System.nanoTime();
      file.sync();
      options.listener().synced(System.nanoTime() - began);
    }
  }

  private void syncDirectory(Path which) throws IOException {
    if (options.sync()) {
      disk.syncDirectory(which);
    }
  }

  private synchronized Segment tail() {
    return segments.get(segments.size() - 1);
  }

  private synchronized SegmentWriter ready() throws IOException {
    checkHealthy();
    if (writer == null) {
      throw new IllegalStateException("the log must be read before anything is saved");
    }
    return writer;
  }

  private synchronized void checkHealthy() throws IOException {
    if (failure != null) {
      throw new IOException("wal: refused after: " + failure.getMessage(), failure);
    }
  }

  private synchronized void abandon(Exception why) throws IOException {
    if (failure == null) {
      failure = why;
    }
    try {
      stopFilling();
      nextSegment.close();
    } finally {
      closeAll(segments);
      segments.clear();
    }
  }

  private static RecordReader reader(List<Segment> segments) {
    return new RecordReader(segments.stream().map(Segment::file).toList());
  }

  private static List<Segment> openSegments(
      Disk disk, Path directory, List<SegmentName> names, Disk.Mode mode) throws IOException {
    List<Segment> segments = new ArrayList<>();
    try {
      for (SegmentName name : names) {
        DiskFile file = disk.open(directory.resolve(name.toString()), mode);
        segments.add(new Segment(name, file));
        if (mode == Disk.Mode.WRITE && !file.tryLock()) {
          throw new WalException(Reason.LOCKED, file.toString());
        }
      }
      return segments;
    } catch (IOException | RuntimeException e) {
      closeAll(segments);
      throw e;
    }
  }

  private static void closeAll(List<Segment> segments) throws IOException {
    for (Segment segment : segments) {
      segment.file.close();
    }
  }

  private static void copyAll(DiskFile from, DiskFile to) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(1 << 16);
    for (long at = 0; from.read(piece.clear(), at) > 0; at += piece.limit()) {
      to.write(piece.flip(), at);
    }
  }

  private static Path parentOf(Path directory) {
    Path parent = directory.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("the log needs a directory of its own: " + directory);
    }
    return parent;
  }

  private static boolean isEmpty(HardState state) {
    return state.getTerm() == 0 && state.getVote() == 0 && state.getCommit() == 0;
  }

  private static byte[] encode(HardState state) {
    // Every field is written, also zeros: that is how etcd up to 3.6 does it.
    return HardState.newBuilder()
        .setTerm(state.getTerm())
        .setVote(state.getVote())
        .setCommit(state.getCommit())
        .build()
        .toByteArray();
  }

  private static WalSnapshot parseSnapshot(RecordReader reader) throws IOException {
    try {
      return WalSnapshot.of(Snapshot.parseFrom(reader.data()));
    } catch (InvalidProtocolBufferException e) {
      throw new WalException(Reason.CORRUPT, "snapshot record: " + e.getMessage());
    }
  }

  /** A record's type is not under the CRC, so what it holds must look the part. */
  private static HardState parseState(RecordReader reader) throws IOException {
    try {
      HardState state = HardState.parseFrom(reader.data());
      if (!state.getUnknownFields().asMap().isEmpty()
          || (state.getTerm() == 0 && !isEmpty(state))) {
        throw new WalException(Reason.CORRUPT, "this is no hard state: " + state);
      }
      return state;
    } catch (InvalidProtocolBufferException e) {
      throw new WalException(Reason.CORRUPT, "state record: " + e.getMessage());
    }
  }

  /** What reading collects. */
  private static final class Contents {
    private final WalSnapshot start;
    private final List<Entry> entries = new ArrayList<>();
    private @Nullable ByteString metadata;
    private HardState state = HardState.getDefaultInstance();
    private long lastIndex;
    private boolean foundStart;

    Contents(WalSnapshot start) {
      this.start = start;
    }

    void readFrom(RecordReader reader) throws IOException {
      while (reader.next()) {
        switch (reader.type()) {
          case RecordType.ENTRY -> add(EntryReader.parse(reader));
          case RecordType.STATE -> state = parseState(reader);
          case RecordType.METADATA -> identify(reader);
          case RecordType.SNAPSHOT -> compare(parseSnapshot(reader));
          default -> throw new IllegalStateException("record type " + reader.type());
        }
      }
    }

    WalContents finish() throws WalException {
      if (!foundStart) {
        throw new WalException(Reason.SNAPSHOT_NOT_FOUND, start.toString());
      }
      return new WalContents(
          metadata == null ? ByteString.EMPTY : metadata, state, List.copyOf(entries));
    }

    /** A position that is written again was never committed: the new entry ends the old tail. */
    private void add(Entry entry) throws WalException {
      if (Long.compareUnsigned(entry.getIndex(), start.index()) > 0) {
        long position = entry.getIndex() - start.index() - 1;
        if (Long.compareUnsigned(position, entries.size()) > 0) {
          throw new WalException(
              Reason.ENTRY_MISSING,
              "entry " + entry.getIndex() + ", " + entries.size() + " behind " + start);
        }
        entries.subList((int) position, entries.size()).clear();
        entries.add(entry);
      }
      lastIndex = entry.getIndex();
    }

    private void identify(RecordReader reader) throws IOException {
      ByteString found = ByteString.copyFrom(reader.dataBytes());
      if (metadata != null && !metadata.equals(found)) {
        throw new WalException(Reason.METADATA_CONFLICT, "two members in one log");
      }
      metadata = found;
    }

    private void compare(WalSnapshot found) throws WalException {
      if (found.index() == start.index()) {
        if (found.term() != start.term()) {
          throw new WalException(Reason.SNAPSHOT_MISMATCH, found + " recorded, wanted " + start);
        }
        foundStart = true;
      }
    }
  }
}
