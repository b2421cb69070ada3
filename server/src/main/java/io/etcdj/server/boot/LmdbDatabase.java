package io.etcdj.server.boot;

import io.etcdj.server.log.Log;
import io.etcdj.server.snapshot.BoltFiles;
import io.etcdj.server.snapshot.DatabaseFiles;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.LmdbBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The database in the data directory: ours, or one of Go etcd that is converted when it is met.
 *
 * @param path {@code member/snap/db}
 */
record LmdbDatabase(Path path, LmdbBackend.Options options, Log log) implements Database {
  @Override
  public boolean exists() {
    return Files.exists(path);
  }

  @Override
  public Backend open() throws IOException, StartException {
    if (BoltFiles.isBolt(path)) {
      log.info("converting the database of Go etcd", "path", path.toString());
      DatabaseFiles.move(path, path);
    }
    return openFile();
  }

  @Override
  public Backend replaceBy(Path received) throws IOException, StartException {
    log.info("installing the database of a received snapshot", "path", received.toString());
    DatabaseFiles.move(received, path);
    return openFile();
  }

  private Backend openFile() throws StartException {
    try {
      return new LmdbBackend(path, options);
    } catch (RuntimeException e) {
      // The engine says what is wrong, but not with which file.
      throw new StartException(
          "database "
              + path
              + " cannot be opened; is it damaged, or in the format of another release? "
              + e.getMessage(),
          e);
    }
  }
}
