package io.etcdj.proof.hard;

import static io.etcdj.proof.GrpcClient.bytes;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Much data and a heap of 256 MB. */
final class LargeAmountsTest {
  private static final int KEYS = 1_000_000;
  private static final int KEYS_PER_TXN = 125;

  /** Heap, buffers outside of it, code. */
  private static final long MOST_BYTES = 650L << 20;

  @TempDir private Path directory;

  private static String key(int i) {
    return String.format("key-%08d", i);
  }

  private static String value(int i) {
    return "value " + i + " " + "x".repeat(i % 64);
  }

  @Test
  void aMillionKeysAreReadInOneAnswer() {
    ServerProcess.Settings settings =
        ServerProcess.Settings.ours(directory).withJvmFlags("-Xmx256m");
    CRC32C crc = new CRC32C();
    for (int i = 0; i < KEYS; i++) {
      Digest.add(crc, key(i).getBytes(US_ASCII), value(i).getBytes(US_ASCII));
    }
    Digest expected = new Digest(KEYS, KEYS, crc.getValue());
    RangeRequest all =
        RangeRequest.newBuilder().setKey(bytes("key-")).setRangeEnd(bytes("key.")).build();
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      try (Load load = new Load(client, 32)) {
        for (int i = 0; i < KEYS; i += KEYS_PER_TXN) {
          TxnRequest.Builder txn = TxnRequest.newBuilder();
          for (int k = i; k < i + KEYS_PER_TXN; k++) {
            txn.addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(GrpcClient.putRequest(key(k), bytes(value(k)))));
          }
          load.call(GrpcClient.TXN, txn.build());
        }
      }
      assertThat(client.call(Digest.RANGE, all)).isEqualTo(expected);
      assertThat(server.anonymousBytes()).isLessThan(MOST_BYTES);
      Liveness.assertServes(server);

      // A page of them costs no more for all that lie behind it.
      Digest page = client.call(Digest.RANGE, all.toBuilder().setLimit(10).build());
      assertThat(page.keys()).isEqualTo(10);
      assertThat(page.count()).isEqualTo(KEYS);
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      assertThat(client.call(Digest.RANGE, all)).isEqualTo(expected);
    }
  }

  /** The log is read into memory at the start: what lies behind the last snapshot must fit. */
  @Test
  void aLogLargerThanTheHeapIsNoObstacleToAStart() {
    ServerProcess.Settings settings =
        ServerProcess.Settings.ours(directory).withJvmFlags("-Xmx192m");
    byte[] value = new byte[1_000_000];
    new Random(9).nextBytes(value);
    int puts = 400;
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      try (Load load = new Load(client, 4)) {
        for (int i = 0; i < puts; i++) {
          load.call(
              GrpcClient.PUT, GrpcClient.putRequest("large" + i % 20, ByteString.copyFrom(value)));
        }
      }
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      for (int i = 0; i < 20; i++) {
        assertThat(client.get("large" + i).getKvs(0).getVersion()).isEqualTo(puts / 20);
      }
      Liveness.assertServes(server);
    }
  }
}
