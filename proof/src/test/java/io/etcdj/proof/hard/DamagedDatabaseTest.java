package io.etcdj.proof.hard;

import static io.etcdj.proof.GrpcClient.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bit of the database that changes under the server: an error, never other data. */
final class DamagedDatabaseTest {
  private static final String MARK = "mark-of-the-row-to-damage";

  @TempDir private Path directory;

  private static void assertError(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal ->
                assertThat(refusal.getStatus().getCode())
                    .as("%s", refusal.getStatus())
                    .isEqualTo(Status.Code.DATA_LOSS));
  }

  @Test
  void readsOfADamagedRowFailAndAllElseGoesOn() throws IOException, InterruptedException {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory);
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      client.put("a", "before");
      client.put("bad", MARK);
      for (int i = 0; i < 300; i++) {
        client.put(String.format("c%03d", i), "behind");
      }
      DamagedLogTest.flushDatabase(client);
      Damage.flipBitOf(Damage.database(directory), MARK);

      assertError(() -> client.get("bad"));
      assertThat(client.get("a").getKvs(0).getValue()).isEqualTo(bytes("before"));
      assertThat(client.list("c").getCount()).isEqualTo(300);

      RangeRequest everything =
          RangeRequest.newBuilder().setKey(bytes("a")).setRangeEnd(bytes("z")).build();
      assertError(() -> client.call(GrpcClient.RANGE, everything));
      assertError(
          () ->
              client.call(GrpcClient.RANGE, everything.toBuilder().setSerializable(true).build()));
      assertError(
          () ->
              client.call(
                  GrpcClient.TXN,
                  TxnRequest.newBuilder()
                      .addSuccess(RequestOp.newBuilder().setRequestRange(everything))
                      .build()));
      assertError(() -> client.call(GrpcClient.HASH_KV, HashKVRequest.newBuilder().build()));
      Liveness.assertServes(server);

      // Whoever follows the history cannot be told what happened there, and is told that.
      try (WatchProbe probe = new WatchProbe(server)) {
        probe.create(1, "a", "z", 2);
        probe.await(60, () -> probe.canceled(1), "cancellation");
        assertThat(probe.cancelReason(1)).contains("corrupt");
      }
      // Live watchers are not concerned, except who wants the value before.
      try (WatchProbe probe = new WatchProbe(server)) {
        probe.create(1, "bad", "", 0);
        probe.createWithPrevious(2, "bad");
        probe.await(60, () -> probe.created() == 2, "creation");
        client.put("bad", "mended");
        probe.await(60, () -> probe.events(1) == 1 && probe.canceled(2), "one event, one end");
      }
      assertThat(client.get("bad").getKvs(0).getValue()).isEqualTo(bytes("mended"));
      Liveness.assertServes(server);
      server.kill();
    }
    try (ServerProcess again = ServerProcess.launch(settings)) {
      assertThat(again.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
      assertThat(again.log())
          .contains(Damage.database(directory).toString())
          .contains("checksum")
          .doesNotContain("ready to serve");
    }
  }

  /** The outcome of such a write cannot be known, and others may know it: the member must stop. */
  @Test
  void aWriteThatMustReadADamagedRowStopsTheMember() throws IOException {
    try (ServerProcess server = ServerProcess.start(ServerProcess.Settings.ours(directory));
        GrpcClient client = new GrpcClient(server.clientPort())) {
      client.put("bad", MARK);
      DamagedLogTest.flushDatabase(client);
      Damage.flipBitOf(Damage.database(directory), MARK);

      assertThatThrownBy(
              () ->
                  client.call(
                      GrpcClient.PUT,
                      PutRequest.newBuilder()
                          .setKey(bytes("bad"))
                          .setValue(bytes("new"))
                          .setPrevKv(true)
                          .build()))
          .isInstanceOf(StatusRuntimeException.class);
      assertThat(server.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
      assertThat(server.log()).contains("the member cannot go on").contains("checksum");
    }
  }
}
