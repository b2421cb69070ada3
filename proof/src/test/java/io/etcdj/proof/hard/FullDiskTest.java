package io.etcdj.proof.hard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.SnapshotRequest;
import io.etcdj.api.etcdserverpb.SnapshotResponse;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up and is emptied again. Needs the right to mount. */
final class FullDiskTest {
  private static final String NO_SPACE = "etcdserver: mvcc: database space exceeded";

  @TempDir private Path directory;

  private boolean mounted;

  @BeforeEach
  void mountASmallDisk() throws IOException, InterruptedException {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", directory.toString()) == 0;
    assumeTrue(mounted, "mounting a small file system is not allowed here");
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    if (mounted) {
      assertThat(run("umount", "-l", directory.toString())).isZero();
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor();
    } catch (IOException missing) {
      return -1;
    }
  }

  private Path fill(long leaveBytes) throws IOException {
    Path filler = directory.resolve("filler");
    long bytes = Files.getFileStore(directory).getUsableSpace() - leaveBytes;
    byte[] block = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(filler)) {
      for (long written = 0; written < bytes; written += block.length) {
        out.write(block, 0, (int) Math.min(block.length, bytes - written));
      }
    } catch (IOException full) {
      // the server took some of it meanwhile
    }
    return filler;
  }

  private static void awaitNoSpace(GrpcClient client, AtomicInteger acknowledged) {
    Liveness.await(
        60,
        () -> {
          try {
            client.put("n" + acknowledged.get(), "value");
            acknowledged.incrementAndGet();
            return false;
          } catch (StatusRuntimeException refusal) {
            assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(refusal.getStatus().getDescription()).isEqualTo(NO_SPACE);
            return true;
          }
        },
        () -> "writes refused");
  }

  private static void awaitWritable(GrpcClient client, AtomicInteger acknowledged) {
    Liveness.await(
        60,
        () -> {
          try {
            client.put("n" + acknowledged.get(), "value");
            acknowledged.incrementAndGet();
            return true;
          } catch (StatusRuntimeException refusal) {
            assertThat(refusal.getStatus().getDescription()).isEqualTo(NO_SPACE);
            return false;
          }
        },
        () -> "writes accepted");
  }

  @Test
  void writesAreRefusedWhileTheDiskIsFullAndWorkAgainAfterwards() throws IOException {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    AtomicInteger acknowledged = new AtomicInteger();
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      client.put("before", "full");
      Path filler = fill(0);
      awaitNoSpace(client, acknowledged);

      // Reads go on, writes stay refused, the process stays.
      assertThat(client.get("before").getKvs(0).getValue().toStringUtf8()).isEqualTo("full");
      assertThat(client.list("n").getCount()).isEqualTo(acknowledged.get());
      Liveness.pause(3_000);
      assertThat(client.get("before").getCount()).isEqualTo(1);
      assertThat(server.isAlive()).isTrue();

      Files.delete(filler);
      awaitWritable(client, acknowledged);
      Liveness.assertServes(server);
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      assertThat(client.list("n").getCount()).isEqualTo(acknowledged.get());
      assertThat(client.get("before").getCount()).isEqualTo(1);
    }
  }

  @Test
  void aRestartOnAFullDiskServesReads() throws IOException {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    AtomicInteger acknowledged = new AtomicInteger();
    Path filler;
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      client.put("before", "full");
      filler = fill(0);
      awaitNoSpace(client, acknowledged);
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      assertThat(client.get("before").getCount()).isEqualTo(1);
      assertThat(client.list("n").getCount()).isEqualTo(acknowledged.get());
      Files.delete(filler);
      awaitWritable(client, acknowledged);
      Liveness.assertServes(server);
    }
  }

  /** Writers at full speed come nowhere near the end of the space. */
  @Test
  void theDiskIsNeverFilledByWriters() throws IOException {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    byte[] large = new byte[500_000];
    new Random(3).nextBytes(large);
    int acknowledged = 0;
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      while (acknowledged < 2_000) {
        try {
          client.call(
              GrpcClient.PUT,
              GrpcClient.putRequest(
                  String.format("large%05d", acknowledged), ByteString.copyFrom(large)));
          acknowledged++;
        } catch (StatusRuntimeException refusal) {
          assertThat(refusal.getStatus().getDescription()).isEqualTo(NO_SPACE);
          break;
        }
      }
      assertThat(acknowledged).isBetween(20, 1_999);
      assertThat(client.get("large00000").getCount()).isEqualTo(1);

      // A snapshot of the database needs as much again, which is not there.
      fill(10 << 20);
      assertThatThrownBy(() -> readSnapshot(client)).isInstanceOf(StatusRuntimeException.class);
      Liveness.pause(1_500);
      assertThat(server.isAlive()).isTrue();
      assertThat(client.get("large00000").getCount()).isEqualTo(1);
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      for (int i = 0; i < acknowledged; i++) {
        assertThat(client.get(String.format("large%05d", i)).getKvs(0).getValue().size())
            .isEqualTo(large.length);
      }
      try (var files = Files.list(directory.resolve("data/member/snap"))) {
        assertThat(files.map(f -> f.getFileName().toString()).toList())
            .noneMatch(name -> name.contains("tmp"));
      }
    }
  }

  private static void readSnapshot(GrpcClient client) {
    ClientCalls.blockingServerStreamingCall(
            client.channel(),
            GrpcClient.method(
                "etcdserverpb.Maintenance/Snapshot",
                MethodType.SERVER_STREAMING,
                SnapshotRequest.class,
                SnapshotResponse.class),
            CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
            SnapshotRequest.getDefaultInstance())
        .forEachRemaining(piece -> {});
  }
}
