package io.etcdj.proof.hard;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A write-ahead log that a crash or a disk has damaged. */
final class DamagedLogTest {
  private static final Duration EXIT = Duration.ofSeconds(30);
  private static final int KEYS = 50;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init") // set before each test
  private ServerProcess.Settings settings;

  @BeforeEach
  void chooseSettings() {
    settings = ServerProcess.Settings.ours(directory);
  }

  /** Writes keys and is killed; with a long interval the database has nothing of it yet. */
  private void writeAndDie(String... flags) {
    try (ServerProcess server = ServerProcess.start(settings.withFlags(flags));
        GrpcClient client = new GrpcClient(server.clientPort())) {
      for (int i = 0; i < KEYS; i++) {
        client.put(String.format("key%03d", i), "value" + i);
      }
      if (flags.length == 0) {
        flushDatabase(client);
      }
      server.kill();
    }
  }

  /** A hash over all tables waits until the database has all of them. */
  static void flushDatabase(GrpcClient client) {
    client.call(
        GrpcClient.method(
            "etcdserverpb.Maintenance/Hash",
            io.grpc.MethodDescriptor.MethodType.UNARY,
            io.etcdj.api.etcdserverpb.HashRequest.class,
            io.etcdj.api.etcdserverpb.HashResponse.class),
        io.etcdj.api.etcdserverpb.HashRequest.getDefaultInstance());
  }

  @Test
  void aTornWriteAtTheEndIsRepairedAndNothingAcknowledgedIsLost() throws IOException {
    writeAndDie();
    Path segment = Damage.newestSegment(directory);
    int used = Damage.usedBytes(segment);
    Damage.truncate(segment, used);
    ByteBuffer begun = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    begun.putLong(304).put(new byte[] {8, 2, 16, (byte) 0xa1, (byte) 0xb2, 3, 26, (byte) 0xa7, 2});
    Damage.write(segment, used, begun.array()); // a record of 304 bytes of which 32 arrived

    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      assertThat(client.list("key").getCount()).isEqualTo(KEYS);
      assertThat(server.log()).contains("repairing a torn end of the write-ahead log");
      Liveness.assertServes(server);
    }
  }

  @Test
  void whatLiesBeforeATornRecordIsKept() throws IOException {
    writeAndDie("--backend-batch-interval=1h");
    Path segment = Damage.newestSegment(directory);
    Damage.truncate(segment, Damage.usedBytes(segment) - 60);

    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      var found = client.list("key");
      assertThat(found.getCount()).isBetween(KEYS - 2L, (long) KEYS);
      for (int i = 0; i < found.getCount(); i++) {
        assertThat(found.getKvs(i).getValue().toStringUtf8()).isEqualTo("value" + i);
      }
      assertThat(server.log()).contains("repairing a torn end of the write-ahead log");
      Liveness.assertServes(server);
    }
  }

  @Test
  void aLogThatEndsBeforeTheDatabaseIsRefused() throws IOException {
    writeAndDie();
    Path segment = Damage.newestSegment(directory);
    Damage.truncate(segment, Damage.usedBytes(segment) - 400);

    try (ServerProcess server = ServerProcess.launch(settings)) {
      assertThat(server.awaitExit(EXIT)).isEqualTo(1);
      assertThat(server.log())
          .contains("the log lost entries that were applied")
          .doesNotContain("ready to serve");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.5, 0.9})
  void aFlippedBitInTheMiddleIsRefused(double where) throws IOException {
    writeAndDie("--backend-batch-interval=1h");
    Path segment = Damage.newestSegment(directory);
    byte[] value = "value".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] bytes = java.nio.file.Files.readAllBytes(segment);
    int at = (int) (Damage.usedBytes(segment) * where);
    while (!java.util.Arrays.equals(bytes, at, at + value.length, value, 0, value.length)) {
      at++; // padding is not covered by a checksum, a value is
    }
    Damage.flipBit(segment, at);

    try (ServerProcess server = ServerProcess.launch(settings)) {
      assertThat(server.awaitExit(EXIT)).isEqualTo(1);
      assertThat(server.log())
          .contains("write-ahead log in " + directory)
          .contains("crc")
          .doesNotContain("ready to serve");
    }
  }

  @Test
  void anEmptyDatabaseIsFilledFromTheLog() throws IOException {
    writeAndDie();
    java.nio.file.Files.delete(Damage.database(directory));

    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      assertThat(client.list("key").getCount()).isEqualTo(KEYS);
    }
  }
}
