package io.etcdj.storage.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Directories, and the way to open files.
 *
 * <p>A change of names (create, rename, delete) is only sure to survive a power cut after {@link
 * #syncDirectory} of the directory that holds the name.
 */
public interface Disk {
  /** How a file is opened. */
  enum Mode {
    /** An existing file, for reading. */
    READ,
    /** An existing file, for reading and writing. */
    WRITE,
    /** A file for reading and writing, empty; what had the name before is cut to nothing. */
    CREATE
  }

  /** Names in a directory, in string order. */
  List<String> list(Path directory) throws IOException;

  boolean exists(Path path);

  /** Makes the directory and its missing parents, for the owner only; fine if it is there. */
  void createDirectories(Path directory) throws IOException;

  /** Gives a file or directory a new name in one step; a file that had the name is replaced. */
  void rename(Path from, Path to) throws IOException;

  /** Removes a file or an empty directory; fine if it is not there. */
  void delete(Path path) throws IOException;

  /** Makes the names in the directory survive a power cut. */
  void syncDirectory(Path directory) throws IOException;

  DiskFile open(Path file, Mode mode) throws IOException;

  /** Whether this process itself is known to hold the lock of a file, without opening it. */
  default boolean isLockedHere(Path file) throws IOException {
    return false;
  }

  /** Removes a flat directory, that is one without further directories in it. */
  default void deleteDirectory(Path directory) throws IOException {
    if (!exists(directory)) {
      return;
    }
    for (String name : list(directory)) {
      delete(directory.resolve(name));
    }
    delete(directory);
  }
}
