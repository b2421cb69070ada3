package io.etcdj.server.service;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.SnapshotRequest;
import io.etcdj.api.etcdserverpb.SnapshotResponse;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.snapshot.BoltFiles;
import io.etcdj.storage.backend.Backend;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Streams the database as etcd's own file format, followed by its SHA-256.
 *
 * <p>A worker writes the tables, as of one moment, to a temporary file beside the database and then
 * reads it piece by piece as the client takes them. Its state is handed from one task to the next,
 * never used by two at once.
 */
final class SnapshotStreamer {
  private static final int PIECE_BYTES = 32 * 1024;

  private final Call<SnapshotRequest, SnapshotResponse> call;
  private final Backend backend;
  private final Executor workers;
  private final Path directory;
  private final String storageVersion;
  private final MessageDigest digest;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile boolean cancelled;
  private @Nullable Path file;
  private @Nullable InputStream in;
  private long remaining;
  private boolean released;

  SnapshotStreamer(
      Call<SnapshotRequest, SnapshotResponse> call,
      Backend backend,
      Executor workers,
      Path directory,
      String storageVersion) {
    this.call = call;
    this.backend = backend;
    this.workers = workers;
    this.directory = directory;
    this.storageVersion = storageVersion;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Writes the file and begins to send it; on a worker. */
  void start() {
    busy.set(true);
    try {
      Path target = Files.createTempFile(directory, "db.tmp.snapshot", "");
      file = target;
      write(target);
      remaining = Files.size(target);
      in = Files.newInputStream(target);
    } catch (IOException | RuntimeException e) {
      release();
      call.fail(EtcdException.of(GrpcCode.UNKNOWN, "snapshot: " + e.getMessage()));
      return;
    }
    call.loop()
        .execute(
            () -> {
              call.onCancel(
                  () -> {
                    cancelled = true;
                    pull();
                  });
              call.onDrain(this::pull);
              busy.set(false);
              pull();
            });
  }

  private void write(Path target) throws IOException {
    try (Backend.TableView tables = backend.openTables()) {
      BoltFiles.write(tables, Map.of(), target);
    }
  }

  /** Has the next piece read unless one is being read or the client has no room; on the loop. */
  private void pull() {
    boolean closed = cancelled || call.isClosed();
    if ((closed || !call.writeQueueFull()) && busy.compareAndSet(false, true)) {
      workers.execute(this::next);
    }
  }

  private void next() {
    if (released) {
      return;
    }
    if (cancelled || call.isClosed()) {
      release();
      return;
    }
    try {
      byte[] piece = in == null ? new byte[0] : in.readNBytes(PIECE_BYTES);
      boolean last = piece.length == 0;
      SnapshotResponse response;
      if (last) {
        response =
            SnapshotResponse.newBuilder()
                .setBlob(ByteString.copyFrom(digest.digest()))
                .setVersion(storageVersion)
                .build();
        release();
      } else {
        digest.update(piece);
        remaining -= piece.length;
        response =
            SnapshotResponse.newBuilder()
                .setRemainingBytes(remaining)
                .setBlob(ByteString.copyFrom(piece))
                .setVersion(storageVersion)
                .build();
      }
      call.loop().execute(() -> deliver(response, last));
    } catch (IOException | RuntimeException e) {
      release();
      call.fail(EtcdException.of(GrpcCode.UNKNOWN, "snapshot: " + e.getMessage()));
    }
  }

  private void deliver(SnapshotResponse response, boolean last) {
    call.send(response);
    if (last) {
      call.complete();
      return;
    }
    busy.set(false);
    pull();
  }

  private void release() {
    released = true; // busy stays true: nothing is read any more
    try {
      if (in != null) {
        in.close();
      }
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
