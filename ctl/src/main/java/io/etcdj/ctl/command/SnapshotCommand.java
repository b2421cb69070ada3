package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.SnapshotRequest;
import io.etcdj.api.etcdserverpb.SnapshotResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.GrpcCall;
import io.etcdj.ctl.rpc.RpcException;
import io.etcdj.ctl.text.GoDuration;
import io.etcdj.ctl.text.GoStrings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code snapshot}: a copy of one member's backend. */
final class SnapshotCommand extends Command {
  private static final int CHECKSUM_BYTES = 32;
  private static final int PAGE_FRACTION_BYTES = 512;

  SnapshotCommand() {
    super("snapshot <subcommand>", "Manages etcd node snapshots");
  }

  @Override
  public List<String> children() {
    return List.of("save");
  }

  @Override
  public @Nullable Command child(String name) {
    return name.equals("save") ? new Save() : null;
  }

  private static final class Save extends Command {
    Save() {
      super("save <filename>", "Stores an etcd node backend snapshot to a given file");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      if (flags.arguments().size() != 1) {
        throw Failure.badArgs("snapshot save expects one argument <filename>");
      }
      String file = flags.arguments().get(0);
      try (Session session = Session.open(flags, environment)) {
        if (session.endpoints().size() != 1) {
          throw new Failure(
              ExitCode.INTERRUPTED,
              "snapshot must be requested to one selected node, not multiple "
                  + GoStrings.slice(session.endpoints()));
        }
        String version = save(session, file);
        environment.out().print("Snapshot saved at " + file + "\n");
        if (!version.isEmpty()) {
          environment.out().print("Server version " + version + "\n");
        }
        return ExitCode.SUCCESS;
      } catch (RpcException e) {
        throw new Failure(ExitCode.INTERRUPTED, e.text());
      } catch (NoSuchFileException e) {
        throw new Failure(
            ExitCode.INTERRUPTED,
            "could not open "
                + e.getFile()
                + " (open "
                + e.getFile()
                + ": no such file or directory)");
      } catch (IOException e) {
        throw new Failure(ExitCode.INTERRUPTED, e.getMessage());
      }
    }

    /** Downloads into FILE.part, which becomes FILE only when it is whole and on disk. */
    private static String save(Session session, String file) throws IOException, RpcException {
      Environment environment = session.environment();
      Path target = Path.of(file);
      Path part = Path.of(file + ".part");
      long start = System.nanoTime();
      Files.deleteIfExists(part);
      String version = "";
      long size = 0;
      try (FileChannel out =
          FileChannel.open(
              part,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        Log.info(environment, "created temporary db file", "path", part.toString());
        GrpcCall call =
            session
                .channel()
                .serverStream(
                    Rpc.SNAPSHOT, SnapshotRequest.getDefaultInstance(), session.longDeadline());
        Log.info(environment, "fetching snapshot", "endpoint", session.endpoints().get(0));
        environment.flush();
        for (SnapshotResponse piece = call.receive(SnapshotResponse.parser());
            piece != null;
            piece = call.receive(SnapshotResponse.parser())) {
          version = piece.getVersion().isEmpty() ? version : piece.getVersion();
          size += write(out, piece.getBlob());
        }
        out.force(true);
      }
      if (size % PAGE_FRACTION_BYTES != CHECKSUM_BYTES) {
        throw new IOException("sha256 checksum not found [bytes: " + size + "]");
      }
      Log.info(
          environment,
          "fetched snapshot",
          "endpoint",
          session.endpoints().get(0),
          "size",
          GoStrings.bytes(size),
          "took",
          GoDuration.format(System.nanoTime() - start),
          "etcd-version",
          version);
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      Log.info(environment, "saved", "path", file);
      return version;
    }

    private static int write(FileChannel out, ByteString blob) throws IOException {
      for (ByteBuffer buffer : blob.asReadOnlyByteBufferList()) {
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
      return blob.size();
    }
  }
}
