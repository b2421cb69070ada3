package io.etcdj.proof.conform;

import static io.etcdj.proof.conform.Requests.OPEN;
import static io.etcdj.proof.conform.Requests.compact;
import static io.etcdj.proof.conform.Requests.delete;
import static io.etcdj.proof.conform.Requests.deleting;
import static io.etcdj.proof.conform.Requests.grant;
import static io.etcdj.proof.conform.Requests.op;
import static io.etcdj.proof.conform.Requests.put;
import static io.etcdj.proof.conform.Requests.putting;
import static io.etcdj.proof.conform.Requests.revoke;
import static io.etcdj.proof.conform.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.api.etcdserverpb.HashKVResponse;
import io.etcdj.api.etcdserverpb.LeaseLeasesRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.ctl.Etcdutl;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.proof.Command;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import io.etcdj.proof.ServerProcess.Settings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Data that one server wrote and the other goes on with. */
@Timeout(180)
class DataExchangeTest {
  private static final long LEASE = 0x42;

  @TempDir private Path directory;

  @BeforeEach
  void bothAreInstalled() {
    assumeTrue(
        Files.isExecutable(ServerProcess.ORIGINAL) && Files.isExecutable(Command.ETCDCTL),
        "needs /usr/bin/etcd and /usr/bin/etcdctl (on Debian: etcd-server, etcd-client)");
  }

  /** A history with everything in it that leaves a trace. */
  private static void write(GrpcClient client) {
    client.call(GrpcClient.GRANT, grant(LEASE, 5000));
    client.call(GrpcClient.GRANT, grant(LEASE + 1, 6000));
    client.call(GrpcClient.GRANT, grant(LEASE + 2, 7000));
    for (int i = 0; i < 300; i++) {
      client.call(GrpcClient.PUT, put("key/" + i % 90, "value " + i));
      if (i % 10 == 0) {
        client.call(GrpcClient.PUT, putting("leased/" + i, "v").setLease(LEASE).build());
        client.call(GrpcClient.PUT, putting("gone/" + i, "v").setLease(LEASE + 2).build());
      }
      if (i % 50 == 49) {
        client.call(GrpcClient.DELETE, deleting("key/2", "key/4").build());
        client.call(
            GrpcClient.TXN, txn(op(put("t/a", "" + i)), op(put("t/b", "")), op(delete("key/5"))));
      }
    }
    client.call(GrpcClient.REVOKE, revoke(LEASE + 2));
    client.call(GrpcClient.COMPACT, compact(client.get("x").getHeader().getRevision() - 60));
    client.put("large", "v".repeat(1 << 20));
  }

  /** All that can be asked of a server about its data. */
  private record Contents(
      long revision,
      List<KeyValue> keys,
      HashKVResponse hash,
      Map<Long, LeaseTimeToLiveResponse> leases) {

    static Contents of(GrpcClient client) {
      RangeRequest all = RangeRequest.newBuilder().setKey(OPEN).setRangeEnd(OPEN).build();
      var range = client.call(GrpcClient.RANGE, all);
      HashKVResponse hash =
          client.call(GrpcClient.HASH_KV, HashKVRequest.getDefaultInstance()).toBuilder()
              .clearHeader()
              .clearHashRevision()
              .build();
      Map<Long, LeaseTimeToLiveResponse> leases = new TreeMap<>();
      client
          .call(Rpc.LEASES.grpc(), LeaseLeasesRequest.getDefaultInstance())
          .getLeasesList()
          .forEach(lease -> leases.put(lease.getID(), lease(client, lease.getID())));
      return new Contents(range.getHeader().getRevision(), range.getKvsList(), hash, leases);
    }

    private static LeaseTimeToLiveResponse lease(GrpcClient client, long id) {
      LeaseTimeToLiveResponse lease =
          client.call(
              GrpcClient.TIME_TO_LIVE,
              LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true).build());
      return lease.toBuilder()
          .clearHeader()
          .clearTTL()
          .clearKeys()
          .addAllKeys(
              lease.getKeysList().stream()
                  .sorted(ByteString.unsignedLexicographicalComparator())
                  .toList())
          .build();
    }
  }

  private static Contents contentsOf(ServerProcess server) {
    try (GrpcClient client = new GrpcClient(server.clientPort())) {
      return Contents.of(client);
    }
  }

  private static Contents fill(ServerProcess server) {
    try (GrpcClient client = new GrpcClient(server.clientPort())) {
      write(client);
      return Contents.of(client);
    }
  }

  /** Demands what was there, and that the server goes on from there. */
  private static void serves(Settings settings, Contents expected) {
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      assertThat(Contents.of(client)).isEqualTo(expected);
      assertThat(client.put("after", "it")).isEqualTo(expected.revision() + 1);
      client.call(GrpcClient.REVOKE, revoke(LEASE));
      assertThat(client.list("leased/").getCount()).isZero();
      assertThat(client.get("after").getKvs(0).getValue().toStringUtf8()).isEqualTo("it");
    }
  }

  private static String initialCluster(Settings settings) {
    return "--initial-cluster=proof=" + peerUrl(settings);
  }

  private static String peerUrl(Settings settings) {
    return "http://127.0.0.1:" + settings.peerPort();
  }

  private static String etcdutl(String... arguments) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    int exitCode =
        Etcdutl.run(
            arguments, new Environment(Map.of(), new ByteArrayInputStream(new byte[0]), out, out));
    out.flush();
    String text = said.toString(StandardCharsets.UTF_8);
    assertThat(exitCode).as(text).isZero();
    return text;
  }

  @Test
  void theirToolsRestoreOurSnapshotAndTheirServerServesIt() {
    Path file = directory.resolve("ours.db");
    Contents contents;
    try (ServerProcess ours = ServerProcess.start(Settings.ours(directory.resolve("ours")))) {
      contents = fill(ours);
      Command.etcdctl(3, "--endpoints=" + ours.endpoint(), "snapshot", "save", file.toString())
          .orFail();
    }
    String status = Command.etcdctl(3, "snapshot", "status", file.toString()).orFail();
    assertThat(status.split(", ", -1)[1]).isEqualTo(Long.toString(contents.revision()));
    assertThat(etcdutl("snapshot", "status", file.toString()).split(", ", -1)[0])
        .as("the checksum of the file")
        .isEqualTo(status.split(", ", -1)[0]);
    Settings settings = Settings.original(directory.resolve("restored"));
    Command.etcdctl(
            3,
            "snapshot",
            "restore",
            file.toString(),
            "--name=proof",
            "--data-dir=" + settings.dataDirectory(),
            "--initial-advertise-peer-urls=" + peerUrl(settings),
            initialCluster(settings))
        .orFail();
    serves(settings, contents);
  }

  @Test
  void ourToolsRestoreTheirSnapshotAndOurServerServesIt() {
    Path file = directory.resolve("theirs.db");
    Contents contents;
    try (ServerProcess theirs =
        ServerProcess.start(Settings.original(directory.resolve("theirs")))) {
      contents = fill(theirs);
      Command.etcdctl(3, "--endpoints=" + theirs.endpoint(), "snapshot", "save", file.toString())
          .orFail();
    }
    assertThat(etcdutl("snapshot", "status", file.toString()).split(", ", -1)[1])
        .isEqualTo(Long.toString(contents.revision()));
    assertThat(etcdutl("hashkv", file.toString()))
        .startsWith(
            Integer.toUnsignedString(contents.hash().getHash())
                + ", "
                + contents.revision()
                + ", "
                + contents.hash().getCompactRevision());
    Settings settings = Settings.ours(directory.resolve("restored"));
    etcdutl(
        "snapshot",
        "restore",
        file.toString(),
        "--name=proof",
        "--data-dir=" + settings.dataDirectory(),
        "--initial-advertise-peer-urls=" + peerUrl(settings),
        initialCluster(settings));
    serves(settings, contents);
    // What it was converted from has not been needed a second time.
    try (ServerProcess again = ServerProcess.start(settings)) {
      assertThat(contentsOf(again).keys()).hasSize(contents.keys().size() + 1 - 30);
    }
  }

  @Test
  void ourServerGoesOnWithTheDataOfTheirsOnceASnapshotCoversItsOldEntries() {
    Settings theirs = Settings.original(directory.resolve("data")).withFlags("--snapshot-count=50");
    Contents contents;
    try (ServerProcess server = ServerProcess.start(theirs)) {
      contents = fill(server);
      server.awaitLog("saved snapshot", Duration.ofSeconds(30));
      server.terminate();
      server.awaitExit(Duration.ofSeconds(30));
    }
    Settings ours = Settings.ours(directory.resolve("data"));
    serves(ours, contents);
    try (ServerProcess again = ServerProcess.start(ours)) { // from what is now its own
      assertThat(contentsOf(again).revision()).isEqualTo(contents.revision() + 2);
    }
  }

  @Test
  void ourServerGoesOnWithTheDataOfTheirsAlsoWhenItWasKilled() {
    Settings theirs = Settings.original(directory.resolve("data"));
    Contents contents;
    try (ServerProcess server = ServerProcess.start(theirs)) {
      contents = fill(server);
      server.kill();
    }
    serves(Settings.ours(directory.resolve("data")), contents);
  }

  /** Also what releases before 3.6 log as writes of the v2 store: names and versions. */
  @Test
  void ourServerMakesTheDataOfTheirsAnewFromTheirWholeLog() throws IOException {
    Settings theirs = Settings.original(directory.resolve("data"));
    Contents contents;
    try (ServerProcess server = ServerProcess.start(theirs)) {
      contents = fill(server);
      server.terminate();
      server.awaitExit(Duration.ofSeconds(30));
    }
    Files.delete(directory.resolve("data/member/snap/db"));
    serves(Settings.ours(directory.resolve("data")), contents);
  }

  @Test
  void theirOldBackupReadsOurLogAndSnapshots() throws IOException {
    Settings ours = Settings.ours(directory.resolve("data")).withFlags("--snapshot-count=100");
    try (ServerProcess server = ServerProcess.start(ours)) {
      fill(server);
      server.terminate();
      server.awaitExit(Duration.ofSeconds(30));
    }
    Path backup = directory.resolve("backup");
    String said =
        Command.etcdctl(2, "backup", "--data-dir=" + ours.dataDirectory(), "--backup-dir=" + backup)
            .orFail();
    try (Stream<Path> files = Files.walk(backup)) {
      List<String> names = files.map(file -> file.getFileName().toString()).toList();
      assertThat(names).as(said).anyMatch(name -> name.endsWith(".snap"));
      assertThat(names).as(said).anyMatch(name -> name.endsWith(".wal"));
    }
  }
}
