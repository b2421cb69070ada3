package io.etcdj.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The file system of the machine.
 *
 * <p>Locks are POSIX record locks on the whole file: they exclude the open-file-description locks
 * that etcd takes, and the other way round.
 */
public final class FileDisk implements Disk {
  private static final Map<Mode, Set<OpenOption>> OPTIONS =
      Map.of(
          Mode.READ, Set.of(StandardOpenOption.READ),
          Mode.WRITE, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE),
          Mode.CREATE,
              Set.of(
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING));

  /**
   * Which files this process has locked, by device and inode, and which handles wait to be closed.
   *
   * <p>POSIX takes a process's lock away when it closes <em>any</em> descriptor of the file. A
   * purge that merely looks at a live segment would so unlock it. A handle on a locked file is
   * therefore only closed together with the one that holds the lock.
   */
  private static final Map<Object, List<FileChannel>> LOCKED = new HashMap<>();

  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(256 << 10).asReadOnlyBuffer();

  @Override
  public List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
      for (Path path : paths) {
        names.add(String.valueOf(path.getFileName()));
      }
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory, ownerOnly(directory, "rwx------"));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public DiskFile open(Path file, Mode mode) throws IOException {
    FileChannel channel =
        mode == Mode.CREATE
            ? FileChannel.open(file, options(mode), ownerOnly(file, "rw-------"))
            : FileChannel.open(file, options(mode));
    try {
      return new Handle(file, channel, identity(file));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public boolean isLockedHere(Path file) throws IOException {
    try {
      Object identity = identity(file);
      synchronized (LOCKED) {
        return LOCKED.containsKey(identity);
      }
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static Set<OpenOption> options(Mode mode) {
    return OPTIONS.getOrDefault(mode, Set.of());
  }

  private static Object identity(Path file) throws IOException {
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    return key != null ? key : file.toRealPath();
  }

  private static FileAttribute<?>[] ownerOnly(Path path, String permissions) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static final class Handle implements DiskFile {
    private final Path path;
    private final FileChannel channel;
    private final Object identity;

    private boolean holdsLock;

    Handle(Path path, FileChannel channel, Object identity) {
      this.path = path;
      this.channel = channel;
      this.identity = identity;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return channel.read(into, position);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      long at = position;
      while (from.hasRemaining()) {
        at += channel.write(from, at);
      }
    }

    @Override
    public void zero(long from, long to) throws IOException {
      for (long at = from; at < to; ) {
        ByteBuffer zeros = ZEROS.duplicate();
        zeros.limit((int) Math.min(zeros.capacity(), to - at));
        at += channel.write(zeros, at);
      }
    }

    @Override
    public void resize(long size) throws IOException {
      if (size < channel.size()) {
        channel.truncate(size);
      } else if (size > channel.size()) {
        channel.write(ByteBuffer.allocate(1), size - 1);
      }
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public boolean tryLock() throws IOException {
      synchronized (LOCKED) {
        if (LOCKED.containsKey(identity)) {
          return false;
        }
        FileLock lock;
        try {
          lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
          return false; // held in this process by someone who did not come through here
        }
        if (lock == null) {
          return false;
        }
        LOCKED.put(identity, new ArrayList<>());
        holdsLock = true;
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      synchronized (LOCKED) {
        if (holdsLock) {
          holdsLock = false;
          List<FileChannel> waiting = LOCKED.remove(identity);
          if (waiting != null) {
            for (FileChannel other : waiting) {
              other.close();
            }
          }
          channel.close();
        } else if (channel.isOpen()) {
          List<FileChannel> waiting = LOCKED.get(identity);
          if (waiting == null) {
            channel.close();
          } else if (!waiting.contains(channel)) {
            waiting.add(channel);
          }
        }
      }
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }
}
