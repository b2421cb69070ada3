package io.etcdj.server.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.server.apply.ConfStates;
import io.etcdj.server.log.Log;
import io.etcdj.server.peer.PeerTransport;
import io.etcdj.server.peer.SnapshotBody;
import io.etcdj.state.membership.Membership;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the database to members for which the log no longer reaches back far enough.
 *
 * <p>The Raft core only says who needs one. What is sent is the database as of now, not as of the
 * index that the core named: a view of all tables says itself which entry it goes up to, so neither
 * the apply thread nor writers wait. Any thread.
 */
public final class DatabaseSender {
  /** Snapshots that may be under way at once. */
  private static final int MAX_UNDER_WAY = 16;

  private static final int PIECE_BYTES = 256 << 10;

  private final Backend backend;
  private final Path directory;
  private final PeerTransport transport;
  private final LongSupplier logBytes;
  private final LongConsumer failed;
  private final Executor workers;
  private final Log log;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * @param directory for files on their way
   * @param logBytes how much was ever written to the log
   * @param failed told the member whose snapshot could not even be made
   */
  public DatabaseSender(
      Backend backend,
      Path directory,
      PeerTransport transport,
      LongSupplier logBytes,
      LongConsumer failed,
      Executor workers,
      Log log) {
    this.backend = backend;
    this.directory = directory;
    this.transport = transport;
    this.logBytes = logBytes;
    this.failed = failed;
    this.workers = workers;
    this.log = log;
  }

  /** Sends a snapshot as {@code wanted}, a MsgSnap of the core, asks. */
  public void send(Message wanted) {
    if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
      underWay.decrementAndGet();
      failed.accept(wanted.getTo());
      return;
    }
    try {
      workers.execute(() -> make(wanted));
    } catch (RejectedExecutionException e) {
      underWay.decrementAndGet(); // the member stops
    }
  }

  private void make(Message wanted) {
    try {
      if (transport.isOwnKind(wanted.getTo())) {
        sendRows(wanted);
      } else {
        sendFile(wanted);
      }
    } catch (IOException | RuntimeException | Error e) { // without memory too: it is tried again
      log.warn(
          "failed to make a snapshot",
          "remote-peer-id",
          Long.toHexString(wanted.getTo()),
          "error",
          e);
      underWay.decrementAndGet();
      failed.accept(wanted.getTo());
    }
  }

  /** Nothing is written to our disk, which is busy with the log. */
  private void sendRows(Message wanted) throws IOException {
    try (Backend.TableView tables = backend.openTables()) {
      Message message = wanted.toBuilder().setSnapshot(describe(tables)).build();
      Pace pace = new Pace(backend.inUseBytes(), logBytes, System::nanoTime);
      RowBody body = new RowBody(pace, underWay::decrementAndGet);
      transport.sendSnapshot(message, body);
      body.produce(tables);
    }
  }

  private void sendFile(Message wanted) throws IOException {
    Path file = Files.createTempFile(directory, "db.tmp.snapshot", "");
    try {
      Message message;
      try (Backend.TableView tables = backend.openTables()) {
        message = wanted.toBuilder().setSnapshot(describe(tables)).build();
        BoltFiles.write(tables, Map.of(), file);
      }
      transport.sendSnapshot(message, new FileBody(file));
    } catch (IOException | RuntimeException | Error e) {
      delete(file);
      throw e;
    }
  }

  /** What Raft must know of a view. */
  private static Snapshot describe(Backend.TableView tables) throws IOException {
    ConfState confState = ConfStates.load(tables);
    long index = number(tables, Backend.APPLIED_INDEX);
    if (confState == null || index == 0) {
      throw new IOException("nothing is applied yet");
    }
    return Snapshot.newBuilder()
        .setData(Membership.treeOf(tables))
        .setMetadata(
            SnapshotMetadata.newBuilder()
                .setConfState(confState)
                .setIndex(index)
                .setTerm(number(tables, Backend.APPLIED_TERM)))
        .build();
  }

  private static long number(Backend.TableView tables, String row) {
    byte[] stored = tables.get(Table.META, row.getBytes(US_ASCII));
    return stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file's bytes; it goes when they are sent or nobody wants them any more. */
  private final class FileBody implements SnapshotBody {
    private final Path file;
    private final FileChannel channel;

    FileBody(Path file) throws IOException {
      this.file = file;
      this.channel = FileChannel.open(file, StandardOpenOption.READ);
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
      while (piece.hasRemaining() && channel.read(piece) >= 0) {
        // until the piece is full or the file ends
      }
      return piece.position() == 0 ? null : piece.flip();
    }

    @Override
    public void close() {
      try {
        channel.close();
        delete(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        underWay.decrementAndGet();
      }
    }
  }
}
