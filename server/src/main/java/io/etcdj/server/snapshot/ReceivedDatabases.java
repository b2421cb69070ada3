package io.etcdj.server.snapshot;

import io.etcdj.server.peer.SnapshotStore;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.rows.RowReader;
import io.etcdj.storage.snap.SnapFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Databases that come from other members, in the snapshot directory.
 *
 * <p>Rows from a member of our own kind become a database of ours as they come in, so that putting
 * it in its place is a rename. Go etcd's file is kept as it is: it can only be read when it is
 * whole.
 */
public record ReceivedDatabases(SnapFiles snapshots) implements SnapshotStore {
  private static final int PIECE_BYTES = 256 << 10;

  @Override
  public void receive(InputStream database, long index) throws IOException {
    byte[] lead = database.readNBytes(RowReader.LEAD_BYTES);
    if (RowReader.isLead(lead)) {
      receiveRows(database, index);
    } else {
      receiveFile(lead, database, index);
    }
  }

  private void receiveRows(InputStream rows, long index) throws IOException {
    Path temporary = snapshots.temporaryDatabase();
    try {
      LmdbBackend.write(temporary, new RowReader(rows));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (BackendCorruptException e) {
      throw new IOException("what came is damaged: " + e.getMessage(), e);
    }
    snapshots.keepDatabase(temporary, index);
  }

  private void receiveFile(byte[] start, InputStream rest, long index) throws IOException {
    byte[] lead = Arrays.copyOf(start, BoltFiles.LEAD_BYTES);
    int length = start.length + rest.readNBytes(lead, start.length, lead.length - start.length);
    if (!BoltFiles.isLead(Arrays.copyOf(lead, length))) {
      throw new IOException("what came is neither rows nor a database of Go etcd");
    }
    try (SnapFiles.Incoming file = snapshots.receiveDatabase()) {
      file.write(ByteBuffer.wrap(lead));
      byte[] piece = new byte[PIECE_BYTES];
      for (int n = rest.read(piece); n >= 0; n = rest.read(piece)) {
        file.write(ByteBuffer.wrap(piece, 0, n));
      }
      file.keep(index);
    }
  }
}
