package io.etcdj.storage.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lmdbjava.Meta;
import org.lmdbjava.TargetName;

/**
 * LMDB itself, which comes in a jar and can only be loaded from a file.
 *
 * <p>lmdbjava leaves that file to the end of the process, and one that is killed leaves it for
 * ever. Here it goes as soon as it is loaded, unless the operator has said where it is or where it
 * is to be unpacked.
 */
final class LmdbLibrary {
  /** Read by lmdbjava when it loads the library. */
  private static final String UNPACK_INTO = "lmdbjava.extract.dir";

  private static boolean loaded;

  private LmdbLibrary() {}

  /** Loads it unless it is; any thread. */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    if (TargetName.IS_EXTERNAL || System.getProperty(UNPACK_INTO) != null) {
      var unused = Meta.version();
    } else {
      try {
        loadFromPassingFile();
      } catch (IOException e) {
        String directory = System.getProperty("java.io.tmpdir");
        throw new UncheckedIOException(
            "cannot unpack the LMDB library into " + directory + ": " + e.getMessage(), e);
      }
    }
    loaded = true;
  }

  private static void loadFromPassingFile() throws IOException {
    Path directory = Files.createTempDirectory("etcdj-lmdb-");
    System.setProperty(UNPACK_INTO, directory.toString());
    try {
      var unused = Meta.version();
    } finally {
      System.clearProperty(UNPACK_INTO);
      remove(directory);
    }
  }

  private static void remove(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      // Not every system lets go of a file that is in use; lmdbjava deletes it at the end.
    }
  }
}
