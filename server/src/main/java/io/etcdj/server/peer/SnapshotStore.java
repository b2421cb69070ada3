package io.etcdj.server.peer;

import java.io.IOException;
import java.io.InputStream;

/** Where databases from other members go. */
@FunctionalInterface
public interface SnapshotStore {
  /**
   * Reads a database to its end and keeps it, on the disk, as that of the snapshot at {@code
   * index}. May take minutes.
   *
   * @throws IOException if it does not come whole, or cannot be kept; nothing is left of it then
   */
  void receive(InputStream database, long index) throws IOException;
}
