package io.etcdj.proof.conform;

import static io.etcdj.proof.conform.Requests.OPEN;
import static io.etcdj.proof.conform.Requests.compact;
import static io.etcdj.proof.conform.Requests.delete;
import static io.etcdj.proof.conform.Requests.deleting;
import static io.etcdj.proof.conform.Requests.get;
import static io.etcdj.proof.conform.Requests.grant;
import static io.etcdj.proof.conform.Requests.put;
import static io.etcdj.proof.conform.Requests.putting;
import static io.etcdj.proof.conform.Requests.range;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What putting, deleting and compacting say and do. */
@Timeout(120)
class WriteTest {
  private static final long UNKNOWN_LEASE = 0x1234;

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
  void aKeyFromCreationToDeletionAndBack(Transport transport) {
    both.over(transport);
    for (int life = 0; life < 2; life++) {
      both.same(Rpc.PUT, putting("k", "1").setPrevKv(true).build());
      both.same(Rpc.PUT, putting("k", "2").setPrevKv(true).build());
      both.same(Rpc.PUT, put("k", ""));
      both.same(Rpc.RANGE, get("k"));
      both.same(Rpc.PUT, putting("k", "3").setPrevKv(true).build());
      both.same(Rpc.PUT, putting("k", "").setIgnoreValue(true).setPrevKv(true).build());
      both.same(Rpc.RANGE, get("k"));
      both.same(Rpc.DELETE, deleting("k", "").setPrevKv(true).build());
      both.same(Rpc.DELETE, deleting("k", "").setPrevKv(true).build());
      both.same(Rpc.RANGE, get("k"));
    }
    both.sameHash();
  }

  @ParameterizedTest
  @EnumSource
  void putsThatAreRefused(Transport transport) {
    both.over(transport);
    both.same(Rpc.PUT, put("there", "v"));
    long before = both.revision();
    GrpcCode invalid = GrpcCode.INVALID_ARGUMENT;
    both.refused(Rpc.PUT, put("", "v"), invalid, "etcdserver: key is not provided");
    both.refused(
        Rpc.PUT,
        putting("there", "v").setIgnoreValue(true).build(),
        invalid,
        "etcdserver: value is provided");
    both.refused(
        Rpc.PUT,
        putting("there", "v").setIgnoreLease(true).setLease(UNKNOWN_LEASE).build(),
        invalid,
        "etcdserver: lease is provided");
    both.refused(
        Rpc.PUT,
        putting("absent", "").setIgnoreValue(true).build(),
        invalid,
        "etcdserver: key not found");
    both.refused(
        Rpc.PUT,
        putting("absent", "v").setIgnoreLease(true).build(),
        invalid,
        "etcdserver: key not found");
    both.refused(
        Rpc.PUT,
        putting("there", "v").setLease(UNKNOWN_LEASE).build(),
        GrpcCode.NOT_FOUND,
        "etcdserver: requested lease not found");
    both.refused(
        Rpc.PUT,
        putting("there", "v").setLease(-1).build(),
        GrpcCode.NOT_FOUND,
        "etcdserver: requested lease not found");
    both.refused(
        Rpc.PUT,
        putting("absent", "").setIgnoreValue(true).setLease(UNKNOWN_LEASE).build(),
        GrpcCode.NOT_FOUND,
        "etcdserver: requested lease not found");
    both.refused(
        Rpc.PUT,
        putting("big", "").setValue(ByteString.copyFrom(new byte[1_572_864])).build(),
        invalid,
        "etcdserver: request is too large");
    assertThat(both.revision()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void leasesOfAKeyAreTakenKeptAndLeft(Transport transport) {
    both.over(transport);
    long lease = 100 + transport.offset;
    both.same(Rpc.GRANT, grant(lease, 600));
    both.same(Rpc.PUT, putting("leased", "1").setLease(lease).build());
    both.same(Rpc.RANGE, get("leased"));
    both.same(Rpc.PUT, putting("leased", "2").setIgnoreLease(true).setPrevKv(true).build());
    both.same(Rpc.RANGE, get("leased"));
    both.same(Rpc.PUT, putting("leased", "").setIgnoreValue(true).setLease(lease).build());
    both.same(Rpc.RANGE, get("leased"));
    both.same(Rpc.PUT, put("leased", "3"));
    both.same(Rpc.RANGE, get("leased"));
    both.same(Rpc.REVOKE, Requests.revoke(lease));
    both.same(Rpc.RANGE, get("leased"));
    both.sameHash();
  }

  @ParameterizedTest
  @EnumSource
  void rangesAreDeleted(Transport transport) {
    both.over(transport);
    for (int i = 0; i < 10; i++) {
      both.same(Rpc.PUT, put("d/" + i, "v" + i));
    }
    both.refused(
        Rpc.DELETE, delete(""), GrpcCode.INVALID_ARGUMENT, "etcdserver: key is not provided");
    both.same(Rpc.DELETE, delete("d/none"));
    both.same(Rpc.DELETE, deleting("d/5", "d/3").setPrevKv(true).build());
    both.same(Rpc.DELETE, deleting("d/5", "d/5").setPrevKv(true).build());
    both.same(Rpc.DELETE, deleting("d/2", "d/4").setPrevKv(true).build());
    both.same(Rpc.DELETE, deleting("d/8", "d0").build());
    both.same(Rpc.RANGE, range("d/", "d0").build());
    both.same(Rpc.DELETE, deleting("d/6", "").setRangeEnd(OPEN).setPrevKv(true).build());
    both.same(Rpc.RANGE, range("\u0000", "").setRangeEnd(OPEN).build());
    both.same(Rpc.DELETE, deleting("\u0000", "").setRangeEnd(OPEN).setPrevKv(true).build());
    both.same(Rpc.RANGE, range("\u0000", "").setRangeEnd(OPEN).build());
    both.same(Rpc.DELETE, deleting("\u0000", "").setRangeEnd(OPEN).build());
    both.sameHash();
  }

  @ParameterizedTest
  @EnumSource
  void compactionsAndWhatTheyKeep(Transport transport) {
    both.over(transport);
    for (int i = 0; i < 20; i++) {
      both.same(Rpc.PUT, put("c/" + i % 4, "v" + i));
    }
    both.same(Rpc.DELETE, deleting("c/1", "c/3").build());
    both.same(Rpc.PUT, put("c/2", "back"));
    long now = both.revision();
    both.refused(
        Rpc.COMPACT,
        compact(now + 1),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    both.refused(
        Rpc.COMPACT,
        compact(-1),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision has been compacted");
    for (long target : new long[] {now - 10, now - 9, now - 1, now}) {
      both.same(Rpc.COMPACT, compact(target));
      both.sameHash();
      both.refused(
          Rpc.COMPACT,
          CompactionRequest.newBuilder().setRevision(target).build(),
          GrpcCode.OUT_OF_RANGE,
          "etcdserver: mvcc: required revision has been compacted");
      for (long at = target; at <= now; at++) {
        both.same(Rpc.RANGE, range("c/", "c0").setRevision(at).build());
      }
    }
    both.refused(
        Rpc.COMPACT,
        compact(0),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision has been compacted");
  }
}
