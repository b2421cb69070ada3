package io.etcdj.storage.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that forgets what was not synced when the power goes, as badly as a real one
 * may.
 *
 * <p>For simulations of a member and its files. What a crash may leave:
 *
 * <ul>
 *   <li>each 512-byte sector of a file as it was at the last sync or after any one of the writes
 *       since, whatever its neighbours are; never half of a write to it;
 *   <li>the file's size as it was at the last sync or after any change since, whatever the sectors
 *       are; what is missing reads as zero;
 *   <li>in each directory, any subset of the names made, changed and removed since the directory
 *       was last synced, each such step whole or not at all. That a file was synced does not save
 *       its name.
 * </ul>
 *
 * <pre>
 *   disk.open(a, CREATE).write("one"), sync, write("two")
 *   disk.crash(random)     a is there or not; if it is, it reads "one" or "two"
 * </pre>
 *
 * <p>After a crash every open handle fails and every lock is free. Faults come from {@link
 * #interfere}: whatever it throws, the operation fails with, and has done nothing. To be slow, it
 * lets virtual time pass.
 */
public final class SimulatedDisk implements Disk {
  private static final int SECTOR_BYTES = 512;
  private static final byte[] EMPTY_SECTOR = new byte[SECTOR_BYTES];

  /** What is about to happen. */
  public enum Operation {
    OPEN,
    READ,
    WRITE,
    RESIZE,
    SYNC,
    LOCK,
    CREATE_DIRECTORY,
    RENAME,
    DELETE,
    SYNC_DIRECTORY
  }

  /** Called before each operation; makes it fail by throwing. */
  @FunctionalInterface
  public interface Interference {
    void before(Operation operation, Path path) throws IOException;
  }

  private final Directory root = new Directory();

  private Interference interference = (operation, path) -> {};

  private long freeBytes = Long.MAX_VALUE;

  /** Handles from before a crash have another number and are dead. */
  private int life;

  /** From now on, this is asked before each operation. */
  public synchronized void interfere(Interference newInterference) {
    interference = newInterference;
  }

  /**
   * From now on, no more than this many bytes can be newly taken; writing over what is there always
   * can. Space is not given back by deleting.
   */
  public synchronized void limitFreeBytes(long bytes) {
    freeBytes = bytes;
  }

  /** The power goes and comes back; {@code random} decides what of the unsynced part is there. */
  public synchronized void crash(RandomGenerator random) {
    life++;
    // Most crashes hit a disk that was about to be done or had not begun.
    int kept = random.nextInt(4);
    root.crash(
        switch (kept) {
          case 0 -> count -> 0;
          case 1 -> count -> count - 1;
          default -> random::nextInt;
        });
  }

  /** Picks one of {@code count} states, oldest first. */
  @FunctionalInterface
  private interface Choice {
    int among(int count);
  }

  @Override
  public synchronized List<String> list(Path directory) throws IOException {
    return new ArrayList<>(directoryAt(directory).now.keySet());
  }

  @Override
  public synchronized boolean exists(Path path) {
    try {
      return nodeAt(path) != null;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public synchronized void createDirectories(Path directory) throws IOException {
    interference.before(Operation.CREATE_DIRECTORY, directory);
    Directory at = root;
    for (Path name : directory.toAbsolutePath().normalize()) {
      Node child = at.now.get(name.toString());
      if (child == null) {
        child = new Directory();
        at.change(Map.of(name.toString(), child), List.of());
      }
      if (!(child instanceof Directory next)) {
        throw new FileAlreadyExistsException(directory.toString());
      }
      at = next;
    }
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    interference.before(Operation.RENAME, from);
    Node node = nodeAt(from);
    if (node == null) {
      throw new NoSuchFileException(from.toString());
    }
    if (nodeAt(to) instanceof Directory target && !target.now.isEmpty()) {
      throw new DirectoryNotEmptyException(to.toString());
    }
    Directory source = directoryAt(parent(from));
    Directory target = directoryAt(parent(to));
    if (source == target) {
      source.change(Map.of(name(to), node), List.of(name(from)));
    } else {
      target.change(Map.of(name(to), node), List.of());
      source.change(Map.of(), List.of(name(from)));
    }
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    interference.before(Operation.DELETE, path);
    Node node = nodeAt(path);
    if (node instanceof Directory directory && !directory.now.isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    if (node != null) {
      directoryAt(parent(path)).change(Map.of(), List.of(name(path)));
    }
  }

  @Override
  public synchronized void syncDirectory(Path directory) throws IOException {
    interference.before(Operation.SYNC_DIRECTORY, directory);
    directoryAt(directory).sync();
  }

  @Override
  public synchronized DiskFile open(Path file, Mode mode) throws IOException {
    interference.before(Operation.OPEN, file);
    Node node = nodeAt(file);
    if (node instanceof Directory) {
      throw new FileNotFoundException(file + " is a directory");
    }
    Content content = (Content) node;
    if (content == null) {
      if (mode != Mode.CREATE) {
        throw new NoSuchFileException(file.toString());
      }
      content = new Content();
      directoryAt(parent(file)).change(Map.of(name(file), content), List.of());
    } else if (mode == Mode.CREATE) {
      content.resize(0);
    }
    return new Handle(file, content, mode != Mode.READ, life);
  }

  private synchronized @Nullable Node nodeAt(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    return absolute.getParent() == null
        ? root
        : directoryAt(parent(absolute)).now.get(name(absolute));
  }

  private synchronized Directory directoryAt(Path path) throws IOException {
    Node at = root;
    for (Path name : path.toAbsolutePath().normalize()) {
      at = at instanceof Directory directory ? directory.now.get(name.toString()) : null;
    }
    if (at instanceof Directory directory) {
      return directory;
    }
    throw new NoSuchFileException(path.toString());
  }

  private static Path parent(Path path) {
    Path parent = path.toAbsolutePath().normalize().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("the root has no name: " + path);
    }
    return parent;
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private synchronized void take(long bytes) throws IOException {
    if (bytes > freeBytes) {
      throw new IOException("No space left on device");
    }
    freeBytes -= bytes;
  }

  /** What a name leads to. */
  private sealed interface Node {
    void crash(Choice choice);
  }

  private static final class Directory implements Node {
    TreeMap<String, Node> now = new TreeMap<>();
    private TreeMap<String, Node> synced = new TreeMap<>();
    private final List<Change> unsynced = new ArrayList<>();

    private record Change(Map<String, Node> added, List<String> removed) {
      void applyTo(TreeMap<String, Node> names) {
        removed.forEach(names::remove);
        names.putAll(added);
      }
    }

    void change(Map<String, Node> added, List<String> removed) {
      Change change = new Change(added, removed);
      change.applyTo(now);
      unsynced.add(change);
    }

    void sync() {
      synced = new TreeMap<>(now);
      unsynced.clear();
    }

    @Override
    public void crash(Choice choice) {
      for (Change change : unsynced) {
        if (choice.among(2) == 1) {
          change.applyTo(synced);
        }
      }
      now = synced;
      sync();
      now.values().forEach(node -> node.crash(choice));
    }
  }

  /**
   * The bytes of a file by sector; a sector that is not there is zero. Arrays are never changed.
   */
  private static final class Content implements Node {
    private final Map<Long, byte[]> sectors = new HashMap<>();
    private long size;

    /** What may be on the medium instead of what is in {@link #sectors}: synced first. */
    private final Map<Long, List<byte[]>> unsynced = new HashMap<>();

    private final List<Long> unsyncedSizes = new ArrayList<>();
    private long syncedSize;
    @Nullable Handle lockedBy;

    byte[] sector(long number) {
      return sectors.getOrDefault(number, EMPTY_SECTOR);
    }

    void put(long number, byte[] bytes) {
      unsynced.computeIfAbsent(number, n -> new ArrayList<>(List.of(sector(n)))).add(bytes);
      sectors.put(number, bytes);
    }

    long sectorsMissing(long from, long to) {
      long missing = 0;
      for (long number = from / SECTOR_BYTES; number * SECTOR_BYTES < to; number++) {
        missing += sectors.containsKey(number) ? 0 : 1;
      }
      return missing;
    }

    void write(ByteBuffer from, long position) {
      long at = position;
      while (from.hasRemaining()) {
        long number = at / SECTOR_BYTES;
        int offset = (int) (at % SECTOR_BYTES);
        int piece = Math.min(SECTOR_BYTES - offset, from.remaining());
        byte[] bytes = sector(number).clone();
        from.get(bytes, offset, piece);
        put(number, bytes);
        at += piece;
      }
      grow(at);
    }

    void zero(long from, long to) {
      for (long number = from / SECTOR_BYTES; number * SECTOR_BYTES < to; number++) {
        if (!sectors.containsKey(number)) {
          sectors.put(number, EMPTY_SECTOR); // was zero, is zero: only the space is new
        } else if (sectors.get(number) != EMPTY_SECTOR) {
          byte[] bytes = sector(number).clone();
          long start = number * SECTOR_BYTES;
          int first = (int) (Math.max(from, start) - start);
          int last = (int) (Math.min(to, start + SECTOR_BYTES) - start);
          Arrays.fill(bytes, first, last, (byte) 0);
          put(number, bytes);
        }
      }
      grow(to);
    }

    void grow(long to) {
      if (to > size) {
        size = to;
        unsyncedSizes.add(size);
      }
    }

    void resize(long to) {
      if (to < size) {
        long last = to / SECTOR_BYTES;
        for (long number : List.copyOf(sectors.keySet())) {
          if (number > last || (number == last && to % SECTOR_BYTES == 0)) {
            put(number, EMPTY_SECTOR);
            sectors.remove(number);
          } else if (number == last) {
            byte[] bytes = sector(number).clone();
            Arrays.fill(bytes, (int) (to % SECTOR_BYTES), SECTOR_BYTES, (byte) 0);
            put(number, bytes);
          }
        }
        size = to;
        unsyncedSizes.add(size);
      } else {
        grow(to);
      }
    }

    void sync() {
      unsynced.clear();
      unsyncedSizes.clear();
      syncedSize = size;
    }

    @Override
    public void crash(Choice choice) {
      lockedBy = null;
      for (Map.Entry<Long, List<byte[]>> entry : unsynced.entrySet()) {
        List<byte[]> versions = entry.getValue();
        sectors.put(entry.getKey(), versions.get(choice.among(versions.size())));
      }
      int sizeChoice = choice.among(unsyncedSizes.size() + 1);
      size = Long.MAX_VALUE; // whatever lies behind the end is gone for good
      resize(sizeChoice == 0 ? syncedSize : unsyncedSizes.get(sizeChoice - 1));
      sync();
    }
  }

  private final class Handle implements DiskFile {
    private final Path path;
    private final Content content;
    private final boolean writable;
    private final int bornIn;
    private boolean open = true;

    Handle(Path path, Content content, boolean writable, int bornIn) {
      this.path = path;
      this.content = content;
      this.writable = writable;
      this.bornIn = bornIn;
    }

    @Override
    public long size() throws IOException {
      synchronized (SimulatedDisk.this) {
        checkAlive();
        return content.size;
      }
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      synchronized (SimulatedDisk.this) {
        before(Operation.READ);
        if (position >= content.size) {
          return -1;
        }
        int start = into.position();
        long at = position;
        while (into.hasRemaining() && at < content.size) {
          int offset = (int) (at % SECTOR_BYTES);
          int piece = (int) Math.min(SECTOR_BYTES - offset, content.size - at);
          piece = Math.min(piece, into.remaining());
          into.put(content.sector(at / SECTOR_BYTES), offset, piece);
          at += piece;
        }
        return into.position() - start;
      }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      synchronized (SimulatedDisk.this) {
        before(Operation.WRITE);
        checkWritable();
        long missing = content.sectorsMissing(position, position + from.remaining());
        take(missing * SECTOR_BYTES);
        content.write(from, position);
      }
    }

    @Override
    public void zero(long from, long to) throws IOException {
      synchronized (SimulatedDisk.this) {
        before(Operation.WRITE);
        checkWritable();
        take(content.sectorsMissing(from, to) * SECTOR_BYTES);
        content.zero(from, to);
      }
    }

    @Override
    public void resize(long size) throws IOException {
      synchronized (SimulatedDisk.this) {
        before(Operation.RESIZE);
        checkWritable();
        content.resize(size);
      }
    }

    @Override
    public void sync() throws IOException {
      synchronized (SimulatedDisk.this) {
        before(Operation.SYNC);
        content.sync();
      }
    }

    @Override
    public boolean tryLock() throws IOException {
      synchronized (SimulatedDisk.this) {
        before(Operation.LOCK);
        if (content.lockedBy != null) {
          return false;
        }
        content.lockedBy = this;
        return true;
      }
    }

    @Override
    public void close() {
      synchronized (SimulatedDisk.this) {
        open = false;
        if (content.lockedBy == this) {
          content.lockedBy = null;
        }
      }
    }

    private void before(Operation operation) throws IOException {
      synchronized (SimulatedDisk.this) {
        checkAlive();
        interference.before(operation, path);
        checkAlive();
      }
    }

    private void checkAlive() throws IOException {
      synchronized (SimulatedDisk.this) {
        if (!open || bornIn != life) {
          throw new IOException(path + (open ? " was open when the disk crashed" : " is closed"));
        }
      }
    }

    private void checkWritable() throws IOException {
      if (!writable) {
        throw new IOException(path + " was opened for reading");
      }
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }
}
