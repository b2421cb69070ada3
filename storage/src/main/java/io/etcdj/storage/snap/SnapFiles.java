package io.etcdj.storage.snap;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.disk.Retention;
import io.etcdj.storage.wal.WalSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot directory of a member.
 *
 * <p>Holds no state but the directory's name; whoever takes snapshots owns it. A snapshot counts
 * once the log has a note of it, so the order is: {@link #save}, then {@code Wal.saveSnapshot}.
 */
public final class SnapFiles {
  private static final String SUFFIX = ".snap";
  private static final String DATABASE_SUFFIX = ".snap.db";
  private static final Pattern DATABASE = Pattern.compile("([0-9a-f]{16})\\.snap\\.db");
  private static final Pattern LEFT_OVER = Pattern.compile("db\\.tmp.*|tmp[0-9]+(-lock)?");

  /**
   * A database is synced as it comes in, so many bytes at a time: the log's own sync would wait for
   * all of it otherwise.
   */
  private static final long SYNC_BYTES = 4 << 20;

  private final Disk disk;
  private final Path directory;
  private final Consumer<String> warnings;

  /**
   * Over a directory that exists.
   *
   * @param warnings told in a sentence about each file that is broken
   */
  public SnapFiles(Disk disk, Path directory, Consumer<String> warnings) {
    this.disk = disk;
    this.directory = directory;
    this.warnings = warnings;
  }

  /**
   * Writes a snapshot; it is on the disk when this returns. The empty one (index 0) is not written.
   *
   * <p>etcd does not sync the directory here. We do: the note in the log that follows must not
   * outlive the file's name.
   */
  public void save(Snapshot snapshot) throws IOException {
    SnapshotMetadata metadata = snapshot.getMetadata();
    if (metadata.getIndex() == 0) {
      return;
    }
    byte[] data = canonical(snapshot).toByteArray();
    byte[] file =
        io.etcdj.api.snappb.Snapshot.newBuilder()
            .setCrc(crc(data))
            .setData(ByteString.copyFrom(data))
            .build()
            .toByteArray();
    Path path =
        directory.resolve(
            String.format("%016x-%016x%s", metadata.getTerm(), metadata.getIndex(), SUFFIX));
    try (DiskFile out = disk.open(path, Disk.Mode.CREATE)) {
      out.write(ByteBuffer.wrap(file), 0);
      out.sync();
    } catch (IOException e) {
      disk.delete(path);
      throw e;
    }
    disk.syncDirectory(directory);
  }

  /** The newest readable snapshot, or null; broken ones are put aside on the way. */
  public @Nullable Snapshot load() throws IOException {
    for (String name : newestFirst()) {
      Snapshot snapshot = readOrPutAside(name);
      if (snapshot != null) {
        return snapshot;
      }
    }
    return null;
  }

  /**
   * The newest readable snapshot that the log has a note of, or null.
   *
   * <p>Newer ones without a note are what crashes left between file and note. They are deleted:
   * else enough of them would be kept in the place of the one that counts.
   */
  public @Nullable Snapshot load(List<WalSnapshot> valid) throws IOException {
    List<String> unnoted = new ArrayList<>();
    for (String name : newestFirst()) {
      Snapshot snapshot = readOrPutAside(name);
      if (snapshot == null) {
        continue;
      }
      if (isNoted(snapshot.getMetadata(), valid)) {
        for (String crashed : unnoted) {
          warnings.accept("snapshot file " + crashed + " has no note in the log and is deleted");
          disk.delete(directory.resolve(crashed));
        }
        return snapshot;
      }
      unnoted.add(name);
    }
    return null;
  }

  private static boolean isNoted(SnapshotMetadata metadata, List<WalSnapshot> notes) {
    return notes.stream()
        .anyMatch(note -> note.index() == metadata.getIndex() && note.term() == metadata.getTerm());
  }

  /** An empty file of its own for a database that is to be received. Any thread. */
  public synchronized Path temporaryDatabase() throws IOException {
    Path temporary = freeName();
    disk.open(temporary, Disk.Mode.CREATE).close();
    return temporary;
  }

  /** Begins to receive a database, under a name that is not in use yet. Any thread. */
  public synchronized Incoming receiveDatabase() throws IOException {
    Path temporary = freeName();
    return new Incoming(temporary, disk.open(temporary, Disk.Mode.CREATE));
  }

  private Path freeName() {
    int number = 0;
    while (disk.exists(directory.resolve("tmp" + number))) {
      number++;
    }
    return directory.resolve("tmp" + number);
  }

  /** A database on its way in: it counts once it is kept, and is gone if it is not. */
  public final class Incoming implements AutoCloseable {
    private final Path temporary;
    private final DiskFile file;
    private long bytes;
    private long syncedBytes;
    private boolean closed;

    private Incoming(Path temporary, DiskFile file) {
      this.temporary = temporary;
      this.file = file;
    }

    public void write(ByteBuffer piece) throws IOException {
      int more = piece.remaining();
      file.write(piece, bytes);
      bytes += more;
      if (bytes - syncedBytes >= SYNC_BYTES) {
        file.sync();
        syncedBytes = bytes;
      }
    }

    /** How much has come so far. */
    public long bytes() {
      return bytes;
    }

    /** It is whole: it is on the disk, and the database of that snapshot, when this returns. */
    public void keep(long index) throws IOException {
      file.sync();
      closed = true;
      file.close();
      keepDatabase(temporary, index);
    }

    /** Drops it, unless it was kept. */
    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        file.close();
        disk.delete(temporary);
      }
    }
  }

  /** Where the database of the snapshot at {@code index} is, or would be. */
  public Path database(long index) {
    return directory.resolve(String.format("%016x%s", index, DATABASE_SUFFIX));
  }

  /** Gives a received and synced database its name; if that has been received before, drops it. */
  public void keepDatabase(Path temporary, long index) throws IOException {
    Path path = database(index);
    if (disk.exists(path)) {
      disk.delete(temporary);
    } else {
      disk.rename(temporary, path);
      disk.syncDirectory(directory);
    }
  }

  /** Deletes received databases from before {@code index}: they were overtaken. */
  public void releaseDatabasesBefore(long index) throws IOException {
    for (String name : disk.list(directory)) {
      Matcher matcher = DATABASE.matcher(name);
      if (matcher.matches()
          && Long.compareUnsigned(Long.parseUnsignedLong(matcher.group(1), 16), index) < 0) {
        disk.delete(directory.resolve(name));
      }
    }
  }

  /** Deletes what an interrupted defragmentation or reception left; for before the start. */
  public void removeLeftOvers() throws IOException {
    for (String name : disk.list(directory)) {
      if (LEFT_OVER.matcher(name).matches()) {
        disk.delete(directory.resolve(name));
      }
    }
  }

  /**
   * Keeps the newest {@code count} snapshots, and as many received databases; 0 keeps all.
   *
   * @param few how many of either kind go now; see {@link Retention#keepNewest}
   */
  public List<String> purge(int count, int few) throws IOException {
    List<String> gone = new ArrayList<>(Retention.keepNewest(disk, directory, SUFFIX, count, few));
    gone.addAll(Retention.keepNewest(disk, directory, DATABASE_SUFFIX, count, few));
    return gone;
  }

  private List<String> newestFirst() throws IOException {
    List<String> names = new ArrayList<>(disk.list(directory));
    names.removeIf(name -> !name.endsWith(SUFFIX));
    Collections.reverse(names);
    return names;
  }

  private @Nullable Snapshot readOrPutAside(String name) throws IOException {
    Path path = directory.resolve(name);
    try {
      return parse(readAll(path));
    } catch (InvalidProtocolBufferException e) {
      warnings.accept("snapshot file " + name + " is broken and put aside: " + e.getMessage());
      disk.rename(path, directory.resolve(name + ".broken"));
      return null;
    }
  }

  /** Anything wrong with the content is a broken message; a disk that fails is not. */
  private static Snapshot parse(byte[] file) throws InvalidProtocolBufferException {
    if (file.length == 0) {
      throw new InvalidProtocolBufferException("snap: empty snapshot");
    }
    var envelope = io.etcdj.api.snappb.Snapshot.parseFrom(file);
    if (envelope.getData().isEmpty() || envelope.getCrc() == 0) {
      throw new InvalidProtocolBufferException("snap: empty snapshot");
    }
    byte[] data = envelope.getData().toByteArray();
    if (crc(data) != envelope.getCrc()) {
      throw new InvalidProtocolBufferException("snap: crc mismatch");
    }
    return Snapshot.parseFrom(data);
  }

  private byte[] readAll(Path path) throws IOException {
    try (DiskFile file = disk.open(path, Disk.Mode.READ)) {
      ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.readFully(all, 0);
      return all.array();
    }
  }

  /** With every scalar present, also zeros: that is how etcd up to 3.6 writes them. */
  private static Snapshot canonical(Snapshot snapshot) {
    SnapshotMetadata metadata = snapshot.getMetadata();
    return snapshot.toBuilder()
        .setMetadata(
            metadata.toBuilder()
                .setConfState(
                    metadata.getConfState().toBuilder()
                        .setAutoLeave(metadata.getConfState().getAutoLeave()))
                .setIndex(metadata.getIndex())
                .setTerm(metadata.getTerm()))
        .build();
  }

  private static int crc(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return (int) crc.getValue();
  }
}
