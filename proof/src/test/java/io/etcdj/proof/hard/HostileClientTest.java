package io.etcdj.proof.hard;

import static io.etcdj.proof.GrpcClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that do not behave, against a server with a small heap; others must not notice. */
final class HostileClientTest {
  /** Heap, buffers outside of it, code. */
  private static final long MOST_BYTES = 600L << 20;

  private static final int LARGE_VALUES = 300;

  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static ServerProcess server;

  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void startWithLargeValues() {
    server =
        ServerProcess.start(ServerProcess.Settings.ours(directory).withJvmFlags("-Xmx256m"));
    byte[] value = new byte[1_000_000];
    new Random(5).nextBytes(value);
    try (GrpcClient client = new GrpcClient(server.clientPort());
        Load load = new Load(client, 8)) {
      for (int i = 0; i < LARGE_VALUES; i++) {
        load.call(
            GrpcClient.PUT,
            GrpcClient.putRequest(String.format("large%03d", i), ByteString.copyFrom(value)));
      }
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** While the rude ones are still there, and after they left. */
  @AfterEach
  void theServerServes() throws Exception {
    Liveness.assertServes(server);
    for (AutoCloseable each : open) {
      each.close();
    }
    Liveness.assertServes(server);
    assertThat(server.anonymousBytes()).isLessThan(MOST_BYTES);
  }

  private RudeConnection connect() throws IOException {
    RudeConnection connection = new RudeConnection(server);
    open.add(connection);
    return connection;
  }

  private static RangeRequest largeKeys(int from, int to, RangeRequest.SortTarget sort) {
    return RangeRequest.newBuilder()
        .setKey(bytes(String.format("large%03d", from)))
        .setRangeEnd(bytes(String.format("large%03d", to)))
        .setSortTarget(sort)
        .build();
  }

  @Test
  void garbageEndsNothingButItsOwnConnection() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    byte[][] starts = {
      {},
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
      "POST /v3/kv/put HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII),
      {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}
    };
    for (int i = 0; i < 100; i++) {
      RudeConnection connection = connect();
      byte[] noise = new byte[1 + random.nextInt(20_000)];
      random.nextBytes(noise);
      try {
        connection.bytes(starts[i % starts.length]);
        connection.bytes(noise);
      } catch (IOException closed) {
        // the server has had enough of it, seed or no seed
      }
    }
  }

  @Test
  void aThousandConnectionsWithoutARequestKeepNobodyOut() throws IOException {
    for (int i = 0; i < 1_000; i++) {
      connect();
    }
  }

  @Test
  void aFloodOfPingsIsCutOff() throws IOException {
    for (int i = 0; i < 5; i++) {
      RudeConnection connection = connect();
      connection.preface();
      try {
        for (int ping = 0; ping < 20_000; ping++) {
          connection.ping();
        }
      } catch (IOException cutOff) {
        // as it should be
      }
    }
  }

  @Test
  void answersThatNobodyReadsAreNotHeldInMemory() throws IOException {
    for (int i = 0; i < 10; i++) {
      RudeConnection connection = connect();
      connection.preface();
      for (int call = 0; call < 50; call++) { // 30 MB each
        connection.call(
            1 + 2 * call,
            "/etcdserverpb.KV/Range",
            largeKeys(call, call + 30, RangeRequest.SortTarget.KEY));
      }
    }
    Liveness.pause(2_000);
  }

  @Test
  void singleValuesThatNobodyReadsAreNotHeldInMemory() throws IOException {
    for (int i = 0; i < 10; i++) {
      RudeConnection connection = connect();
      connection.preface();
      for (int call = 0; call < 200; call++) {
        connection.call(
            1 + 2 * call,
            "/etcdserverpb.KV/Range",
            RangeRequest.newBuilder()
                .setKey(bytes(String.format("large%03d", call)))
                .build());
      }
    }
    Liveness.pause(2_000);
  }

  @Test
  void anAnswerLargerThanTheHeapIsServed() {
    try (GrpcClient client = new GrpcClient(server.clientPort())) {
      RangeRequest all = largeKeys(0, 999, RangeRequest.SortTarget.KEY);
      assertThat(client.call(Digest.RANGE, all).count()).isEqualTo(LARGE_VALUES);
    }
  }
}
