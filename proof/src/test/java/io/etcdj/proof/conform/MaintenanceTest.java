package io.etcdj.proof.conform;

import static io.etcdj.proof.conform.Requests.compact;
import static io.etcdj.proof.conform.Requests.delete;
import static io.etcdj.proof.conform.Requests.deleting;
import static io.etcdj.proof.conform.Requests.get;
import static io.etcdj.proof.conform.Requests.grant;
import static io.etcdj.proof.conform.Requests.op;
import static io.etcdj.proof.conform.Requests.put;
import static io.etcdj.proof.conform.Requests.putting;
import static io.etcdj.proof.conform.Requests.revoke;
import static io.etcdj.proof.conform.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.api.etcdserverpb.DefragmentRequest;
import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.api.etcdserverpb.HashRequest;
import io.etcdj.api.etcdserverpb.MemberListRequest;
import io.etcdj.api.etcdserverpb.SnapshotRequest;
import io.etcdj.api.etcdserverpb.SnapshotResponse;
import io.etcdj.api.etcdserverpb.StatusRequest;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.proof.GrpcClient;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the servers say of themselves. */
@Timeout(120)
class MaintenanceTest {
  private static final MethodDescriptor<SnapshotRequest, SnapshotResponse> SNAPSHOT =
      GrpcClient.method(
          "etcdserverpb.Maintenance/Snapshot",
          MethodType.SERVER_STREAMING,
          SnapshotRequest.class,
          SnapshotResponse.class);
  private static final int MOST_BYTES_AT_ONCE = 32 * 1024;
  private static final String NO_SPACE = "etcdserver: mvcc: database space exceeded";

  private static Both both;

  @BeforeAll
  static void start(@TempDir Path directory) {
    both = Both.start(directory);
  }

  @BeforeEach
  void together() {
    both.together();
  }

  @AfterAll
  static void stop() {
    if (both != null) {
      both.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theMembers(Transport transport) {
    both.over(transport);
    both.same(Rpc.MEMBERS, MemberListRequest.getDefaultInstance());
    both.same(Rpc.MEMBERS, MemberListRequest.newBuilder().setLinearizable(true).build());
  }

  @ParameterizedTest
  @EnumSource
  void theStatus(Transport transport) {
    both.over(transport);
    both.same(Rpc.PUT, put("k", "v"));
    StatusResponse status = both.same(Rpc.STATUS, StatusRequest.getDefaultInstance());
    assertThat(status.getVersion()).as("%s", Since34.ADDED_FIELDS).startsWith("3.7.");
    assertThat(status.getStorageVersion()).as("%s", Since34.ADDED_FIELDS).startsWith("3.7.");
    assertThat(status.getDbSizeQuota()).as("%s", Since34.ADDED_FIELDS).isEqualTo(2L << 30);
    assertThat(status.hasDowngradeInfo()).as("%s", Since34.ADDED_FIELDS).isTrue();
    assertThat(status.getLeader()).isEqualTo(status.getHeader().getMemberId());
    assertThat(status.getRaftAppliedIndex()).isEqualTo(status.getRaftIndex());
  }

  @ParameterizedTest
  @EnumSource
  void alarmsAndWhatTheyStop(Transport transport) {
    both.over(transport);
    both.same(Rpc.PUT, put("k", "v"));
    AlarmRequest.Builder list = AlarmRequest.newBuilder().setAction(AlarmAction.GET);
    both.same(Rpc.ALARM, list.build());
    AlarmRequest.Builder activate =
        AlarmRequest.newBuilder()
            .setAction(AlarmAction.ACTIVATE)
            .setMemberID(7)
            .setAlarm(AlarmType.NOSPACE);
    assertThat(both.same(Rpc.ALARM, activate.build()).hasHeader())
        .as("%s", Since34.ADDED_FIELDS)
        .isTrue();
    both.same(Rpc.ALARM, activate.build());
    both.same(Rpc.ALARM, activate.clone().setMemberID(8).build());
    both.same(Rpc.ALARM, list.build());
    both.same(Rpc.ALARM, list.clone().setAlarm(AlarmType.NOSPACE).build());
    both.same(Rpc.ALARM, list.clone().setAlarm(AlarmType.CORRUPT).build());
    both.same(Rpc.STATUS, StatusRequest.getDefaultInstance()); // names the alarms as errors
    both.refused(Rpc.PUT, put("k", "v"), GrpcCode.RESOURCE_EXHAUSTED, NO_SPACE);
    both.refused(Rpc.GRANT, grant(1, 60), GrpcCode.RESOURCE_EXHAUSTED, NO_SPACE);
    both.refused(Rpc.TXN, txn(op(put("k", "v"))), GrpcCode.RESOURCE_EXHAUSTED, NO_SPACE);
    both.same(Rpc.RANGE, get("k"));
    both.same(Rpc.TXN, txn(op(get("k"))));
    both.same(Rpc.TXN, txn(op(delete("none"))));
    both.same(Rpc.DELETE, delete("k"));
    both.same(Rpc.COMPACT, compact(both.revision()));
    AlarmRequest.Builder deactivate = activate.clone().setAction(AlarmAction.DEACTIVATE);
    both.same(Rpc.ALARM, deactivate.build());
    both.same(Rpc.ALARM, deactivate.build());
    both.refused(Rpc.PUT, put("k", "v"), GrpcCode.RESOURCE_EXHAUSTED, NO_SPACE);
    both.same(Rpc.ALARM, deactivate.clone().setMemberID(8).build());
    both.same(Rpc.ALARM, list.build());
    both.same(Rpc.PUT, put("k", "v"));
    both.sameHash();
  }

  @Test
  void anAlarmOfNoTypeIsNoneAnyMore() {
    AlarmRequest none =
        AlarmRequest.newBuilder().setAction(AlarmAction.ACTIVATE).setMemberID(7).build();
    assertThat(both.theirs().ask(Transport.GRPC, Rpc.ALARM, none).comparable())
        .as("%s", Since34.ALARM_OF_NO_TYPE)
        .contains("memberID: 7");
    assertThat(both.ours().ask(Transport.GRPC, Rpc.ALARM, none).comparable())
        .as("%s", Since34.ALARM_OF_NO_TYPE)
        .isEmpty();
    both.theirs()
        .ask(Transport.GRPC, Rpc.ALARM, none.toBuilder().setAction(AlarmAction.DEACTIVATE).build());
  }

  @Test
  void afterACorruptionAlarmNothingIsWritten() {
    both.over(Transport.GRPC);
    AlarmRequest.Builder corrupt =
        AlarmRequest.newBuilder()
            .setAction(AlarmAction.ACTIVATE)
            .setMemberID(7)
            .setAlarm(AlarmType.CORRUPT);
    both.same(Rpc.ALARM, corrupt.build());
    both.refused(Rpc.PUT, put("k", "v"), GrpcCode.DATA_LOSS, "etcdserver: corrupt cluster");
    both.refused(Rpc.DELETE, delete("k"), GrpcCode.DATA_LOSS, "etcdserver: corrupt cluster");
    both.refused(Rpc.GRANT, grant(1, 60), GrpcCode.DATA_LOSS, "etcdserver: corrupt cluster");
    both.refused(Rpc.COMPACT, compact(1), GrpcCode.DATA_LOSS, "etcdserver: corrupt cluster");
    both.same(Rpc.RANGE, get("k"));
    both.same(Rpc.ALARM, corrupt.setAction(AlarmAction.DEACTIVATE).build());
    both.same(Rpc.PUT, put("k", "v"));
  }

  @ParameterizedTest
  @EnumSource
  void theHashOfOneHistoryIsOneHash(Transport transport) {
    both.over(transport);
    long lease = 700 + transport.offset;
    both.same(Rpc.GRANT, grant(lease, 600));
    for (int i = 0; i < 30; i++) {
      both.same(Rpc.PUT, put("h/" + i % 7, "v" + i));
      if (i % 5 == 0) {
        both.same(Rpc.PUT, putting("h/leased/" + i, "v").setLease(lease).build());
      }
      if (i % 6 == 5) {
        both.same(Rpc.DELETE, deleting("h/2", "h/4").build());
      }
      if (i % 9 == 8) {
        both.same(Rpc.TXN, txn(op(put("h/t", "" + i)), op(delete("h/5")), op(put("h/u", "x"))));
      }
    }
    both.same(Rpc.REVOKE, revoke(lease));
    long last = both.revision();
    both.over(Transport.GRPC);
    for (long at = last - 20; at <= last; at++) {
      both.same(Rpc.HASH_KV, HashKVRequest.newBuilder().setRevision(at).build());
    }
    for (long at = last - 15; at < last; at += 3) {
      both.same(Rpc.COMPACT, compact(at));
      HashKVRequest atCompaction = HashKVRequest.newBuilder().setRevision(at).build();
      assertThat(both.theirs().ask(Transport.GRPC, Rpc.HASH_KV, atCompaction).code())
          .as("%s", Since34.HASH_AT_COMPACTION)
          .isEqualTo(GrpcCode.OUT_OF_RANGE);
      assertThat(both.ours().ask(Transport.GRPC, Rpc.HASH_KV, atCompaction).code())
          .as("%s", Since34.HASH_AT_COMPACTION)
          .isEqualTo(GrpcCode.OK);
      for (long hashed = at + 1; hashed <= last; hashed++) {
        both.same(Rpc.HASH_KV, HashKVRequest.newBuilder().setRevision(hashed).build());
      }
    }
    both.refused(
        Rpc.HASH_KV,
        HashKVRequest.newBuilder().setRevision(last + 1).build(),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    both.refused(
        Rpc.HASH_KV,
        HashKVRequest.newBuilder().setRevision(last - 16).build(),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision has been compacted");
    both.same(Rpc.DEFRAGMENT, DefragmentRequest.getDefaultInstance());
    both.sameHash();
  }

  @Test
  void theHashOfTheWholeDatabase() {
    both.over(Transport.GRPC);
    both.same(Rpc.HASH, HashRequest.getDefaultInstance());
  }

  @Test
  void aSnapshotIsStreamedInPiecesAndEndsWithItsDigest() throws NoSuchAlgorithmException {
    for (int i = 0; i < 20; i++) {
      both.same(Rpc.PUT, put("s/" + i, "v".repeat(10_000)));
    }
    for (Side side : List.of(both.theirs(), both.ours())) {
      Iterator<SnapshotResponse> pieces =
          ClientCalls.blockingServerStreamingCall(
              side.client().channel(),
              SNAPSHOT,
              CallOptions.DEFAULT,
              SnapshotRequest.getDefaultInstance());
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      long received = 0;
      long announced = 0;
      SnapshotResponse piece = pieces.next();
      while (pieces.hasNext()) {
        assertThat(piece.getBlob().size()).isPositive().isLessThanOrEqualTo(MOST_BYTES_AT_ONCE);
        received += piece.getBlob().size();
        announced = announced == 0 ? received + piece.getRemainingBytes() : announced;
        assertThat(received + piece.getRemainingBytes()).isEqualTo(announced);
        sha256.update(piece.getBlob().toByteArray());
        piece = pieces.next();
      }
      assertThat(piece.getRemainingBytes()).isZero();
      assertThat(piece.getBlob()).isEqualTo(ByteString.copyFrom(sha256.digest()));
      assertThat(received).isEqualTo(announced).isGreaterThan(200_000);
    }
  }
}
