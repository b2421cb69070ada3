package io.etcdj.proof.conform;

import static io.etcdj.proof.GrpcClient.bytes;
import static io.etcdj.proof.conform.Requests.OPEN;
import static io.etcdj.proof.conform.Requests.compare;
import static io.etcdj.proof.conform.Requests.delete;
import static io.etcdj.proof.conform.Requests.deleting;
import static io.etcdj.proof.conform.Requests.get;
import static io.etcdj.proof.conform.Requests.op;
import static io.etcdj.proof.conform.Requests.put;
import static io.etcdj.proof.conform.Requests.putting;
import static io.etcdj.proof.conform.Requests.range;
import static io.etcdj.proof.conform.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.Compare.CompareResult;
import io.etcdj.api.etcdserverpb.Compare.CompareTarget;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What transactions decide, do and refuse. */
@Timeout(120)
class TxnTest {
  private static final String TOO_MANY = "etcdserver: too many operations in txn request";
  private static final String DUPLICATE = "etcdserver: duplicate key given in txn request";
  private static final String NO_KEY = "etcdserver: key is not provided";
  private static final String NOT_FOUND = "etcdserver: key not found";

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

  private static void decide(Compare... compares) {
    both.same(
        Rpc.TXN,
        TxnRequest.newBuilder()
            .addAllCompare(List.of(compares))
            .addSuccess(op(get("t/yes")))
            .addFailure(op(get("t/no")))
            .build());
  }

  private static List<CompareResult> results() {
    return List.of(
        CompareResult.EQUAL, CompareResult.GREATER, CompareResult.LESS, CompareResult.NOT_EQUAL);
  }

  private static void refused(TxnRequest request, String words) {
    both.refused(Rpc.TXN, request, GrpcCode.INVALID_ARGUMENT, words);
  }

  @ParameterizedTest
  @EnumSource
  void everyComparisonOfOneKeyOfManyAndOfNone(Transport transport) {
    both.over(transport);
    long lease = 300 + transport.offset;
    both.same(Rpc.DELETE, deleting("t/", "t0").build());
    both.same(Rpc.GRANT, Requests.grant(lease, 600));
    both.same(Rpc.PUT, put("t/yes", "yes"));
    both.same(Rpc.PUT, put("t/no", "no"));
    both.same(Rpc.PUT, putting("t/c1", "b").setLease(lease).build());
    both.same(Rpc.PUT, put("t/c2", "b"));
    both.same(Rpc.PUT, put("t/c2", "b"));
    long now = both.revision();
    List<String[]> keys =
        List.of(
            new String[] {"t/c1", ""},
            new String[] {"t/c2", ""},
            new String[] {"t/missing", ""},
            new String[] {"t/c", "t/d"},
            new String[] {"t/x", "t/y"},
            new String[] {"t/d", "t/c"});
    for (String[] key : keys) {
      for (CompareResult result : results()) {
        for (long number = -1; number <= 3; number++) {
          decide(
              compare(key[0], CompareTarget.VERSION, result)
                  .setRangeEnd(bytes(key[1]))
                  .setVersion(number)
                  .build());
        }
        for (long number : new long[] {0, now - 2, now - 1, now, now + 1}) {
          decide(
              compare(key[0], CompareTarget.MOD, result)
                  .setRangeEnd(bytes(key[1]))
                  .setModRevision(number)
                  .build());
          decide(
              compare(key[0], CompareTarget.CREATE, result)
                  .setRangeEnd(bytes(key[1]))
                  .setCreateRevision(number)
                  .build());
        }
        for (long number : new long[] {0, lease, lease + 1}) {
          decide(
              compare(key[0], CompareTarget.LEASE, result)
                  .setRangeEnd(bytes(key[1]))
                  .setLease(number)
                  .build());
        }
        for (String value : List.of("", "a", "b", "c")) {
          decide(
              compare(key[0], CompareTarget.VALUE, result)
                  .setRangeEnd(bytes(key[1]))
                  .setValue(bytes(value))
                  .build());
        }
        for (CompareTarget target :
            List.of(
                CompareTarget.VERSION,
                CompareTarget.CREATE,
                CompareTarget.MOD,
                CompareTarget.LEASE,
                CompareTarget.VALUE)) {
          decide(
              compare(key[0], target, result).setRangeEnd(bytes(key[1])).build()); // with nothing
        }
      }
    }
    decide(compare("t/c", CompareTarget.VERSION, CompareResult.GREATER).setRangeEnd(OPEN).build());
    decide();
    decide(
        compare("t/c1", CompareTarget.VERSION, CompareResult.EQUAL).setVersion(1).build(),
        compare("t/c2", CompareTarget.VERSION, CompareResult.EQUAL).setVersion(1).build());
    decide(
        compare("t/c1", CompareTarget.VERSION, CompareResult.EQUAL).setVersion(1).build(),
        compare("t/c2", CompareTarget.VERSION, CompareResult.EQUAL).setVersion(2).build());
    // The value of another field than the target does not count.
    decide(compare("t/c1", CompareTarget.VERSION, CompareResult.EQUAL).setLease(1).build());
    refused(
        TxnRequest.newBuilder()
            .addCompare(compare("", CompareTarget.VERSION, CompareResult.EQUAL))
            .build(),
        NO_KEY);
    both.same(Rpc.REVOKE, Requests.revoke(lease));
  }

  @ParameterizedTest
  @EnumSource
  void operationsInOrderEachSeeingTheOnesBefore(Transport transport) {
    both.over(transport);
    both.same(Rpc.DELETE, deleting("o/", "o0").build());
    both.same(Rpc.TXN, txn());
    both.same(Rpc.TXN, txn(op(get("o/a"))));
    both.same(
        Rpc.TXN,
        txn(
            op(get("o/a")),
            op(put("o/a", "1")),
            op(get("o/a")),
            op(putting("o/b", "2").setPrevKv(true).build()),
            op(range("o/", "o0").build())));
    both.same(
        Rpc.TXN,
        txn(
            op(deleting("o/a", "").setPrevKv(true).build()),
            op(range("o/", "o0").build()),
            op(putting("o/b", "3").setPrevKv(true).build()),
            op(delete("o/none")),
            op(range("o/", "o0").setCountOnly(true).build())));
    both.same(Rpc.TXN, txn(op(delete("o/none")), op(get("o/b")))); // writes nothing
    both.same(
        Rpc.TXN,
        txn(
            op(deleting("o/b", "").build()),
            op(deleting("o/a", "o/z").setPrevKv(true).build()),
            op(deleting("o/", "o0").build())));
    long now = both.revision();
    both.same(
        Rpc.TXN,
        txn(
            op(put("o/c", "4")),
            op(range("o/", "o0").setRevision(now).build()),
            op(range("o/", "o0").setRevision(now - 1).build()),
            op(
                range("o/", "o0")
                    .setSortTarget(RangeRequest.SortTarget.MOD)
                    .setSortOrder(RangeRequest.SortOrder.DESCEND)
                    .setLimit(1)
                    .build())));
    both.sameHash();
  }

  @ParameterizedTest
  @EnumSource
  void transactionsWithinTransactions(Transport transport) {
    both.over(transport);
    both.same(Rpc.DELETE, deleting("n/", "n0").build());
    Compare exists = compare("n/a", CompareTarget.VERSION, CompareResult.GREATER).build();
    TxnRequest inner =
        TxnRequest.newBuilder()
            .addCompare(exists)
            .addSuccess(op(put("n/b", "there")))
            .addSuccess(op(get("n/b")))
            .addFailure(op(put("n/b", "not there")))
            .addFailure(op(get("n/b")))
            .build();
    // What is compared sees what was written before it, in the same transaction too.
    both.same(Rpc.TXN, txn(op(inner), op(get("n/b"))));
    both.same(Rpc.TXN, txn(op(put("n/a", "1")), op(inner), op(get("n/b"))));
    both.same(Rpc.TXN, txn(op(inner)));
    both.same(
        Rpc.TXN,
        txn(op(txn(op(txn(op(put("n/deep", "1")), op(get("n/deep")))))), op(get("n/deep"))));
    both.same(Rpc.TXN, txn(op(txn()), op(txn())));
    both.same(Rpc.TXN, txn(op(txn(op(get("n/a"))))));
    both.same(Rpc.TXN, txn(op(txn(op(delete("n/none"))))));
    refused(
        TxnRequest.newBuilder().addFailure(op(inner)).addFailure(op(put("n/b", "2"))).build(),
        DUPLICATE);
    both.sameHash();
  }

  @ParameterizedTest
  @EnumSource
  void keysWrittenTwice(Transport transport) {
    both.over(transport);
    long before = both.revision();
    refused(txn(op(put("k", "1")), op(put("k", "2"))), DUPLICATE);
    refused(
        TxnRequest.newBuilder().addFailure(op(put("k", "1"))).addFailure(op(put("k", "2"))).build(),
        DUPLICATE);
    refused(txn(op(put("k", "1")), op(delete("k"))), DUPLICATE);
    refused(txn(op(delete("k")), op(put("k", "1"))), DUPLICATE);
    refused(txn(op(deleting("a", "z").build()), op(put("k", "1"))), DUPLICATE);
    refused(txn(op(put("k", "1")), op(txn(op(put("k", "2"))))), DUPLICATE);
    refused(txn(op(txn(op(put("k", "2")))), op(put("k", "1"))), DUPLICATE);
    refused(txn(op(txn(op(put("k", "2")))), op(delete("k"))), DUPLICATE);
    refused(txn(op(put("k", "2")), op(txn(op(delete("k"))))), DUPLICATE);
    refused(txn(op(txn(op(put("k", "1")))), op(txn(op(put("k", "2"))))), DUPLICATE);
    refused(txn(op(txn(op(delete("k")))), op(txn(op(put("k", "1"))))), DUPLICATE);
    refused(
        TxnRequest.newBuilder()
            .addSuccess(op(TxnRequest.newBuilder().addFailure(op(put("k", "1"))).build()))
            .addSuccess(op(put("k", "2")))
            .build(),
        DUPLICATE);
    assertThat(both.revision()).isEqualTo(before);
    // The branches exclude each other.
    both.same(
        Rpc.TXN,
        TxnRequest.newBuilder()
            .addSuccess(op(put("k", "1")))
            .addFailure(op(put("k", "2")))
            .build());
    both.same(
        Rpc.TXN,
        txn(
            op(
                TxnRequest.newBuilder()
                    .addSuccess(op(put("k", "1")))
                    .addFailure(op(put("k", "2")))
                    .build())));
    both.same(
        Rpc.TXN,
        txn(
            op(
                TxnRequest.newBuilder()
                    .addSuccess(op(put("k", "1")))
                    .addFailure(op(delete("k")))
                    .build())));
    both.same(Rpc.TXN, txn(op(txn(op(put("k", "1")))), op(txn(op(delete("k"))))));
    both.same(Rpc.TXN, txn(op(delete("k")), op(delete("k")), op(deleting("a", "z").build())));
    both.same(Rpc.TXN, txn(op(put("k", "1")), op(deleting("z", "a").build())));
    both.same(Rpc.TXN, txn(op(put("k", "1")), op(deleting("a", "k").build()))); // up to, without it
  }

  @ParameterizedTest
  @EnumSource
  void keysPutAndDeletedByARangeWithoutEnd(Transport transport) {
    both.over(transport);
    RequestOp openEnd = op(deleting("a", "").setRangeEnd(OPEN).setPrevKv(true).build());
    long first = both.revision() + 1;
    both.same(Rpc.TXN, txn(op(put("k", "1")), openEnd, op(get("k"))));
    both.same(Rpc.TXN, txn(openEnd, op(put("k", "2")), op(get("k"))));
    both.same(Rpc.TXN, txn(openEnd, op(put("k", "3")), openEnd, op(get("k"))));
    both.same(Rpc.TXN, txn(op(txn(op(put("k", "4")))), openEnd));
    both.same(Rpc.TXN, txn(openEnd, op(putting("k", "5").setPrevKv(true).build())));
    both.same(Rpc.TXN, txn(openEnd, op(putting("k", "6").setPrevKv(true).build())));
    long last = both.revision();
    for (long at = first; at <= last; at++) {
      both.same(Rpc.RANGE, range("a", "z").setRevision(at).build());
    }
    List<Map<Long, List<String>>> told = new ArrayList<>();
    for (Side side : List.of(both.theirs(), both.ours())) {
      try (Watching watching = new Watching(side)) {
        watching.create(
            WatchCreateRequest.newBuilder()
                .setKey(bytes("k"))
                .setPrevKv(true)
                .setStartRevision(first)
                .build());
        watching.awaitEvents(10);
        watching.drain();
        told.add(watching.told());
      }
    }
    assertThat(told.get(1)).isEqualTo(told.get(0));
    both.sameHash();
    for (long at = first; at <= last; at++) {
      both.same(Rpc.COMPACT, Requests.compact(at));
      both.same(Rpc.RANGE, range("a", "z").setRevision(at).build());
      both.sameHash();
    }
    both.sameHash();
  }

  /** The original does not, up to 3.7: it panics, after the check that the key is there. */
  @Test
  void aKeyWhoseValueIsGoneWithinTheTransactionIsPutWithoutOne(@TempDir Path directory) {
    try (Side alone = Side.ours(directory)) {
      alone.client().put("k", "v");
      RequestOp all = op(deleting("a", "").setRangeEnd(OPEN).build());
      alone
          .client()
          .call(Rpc.TXN.grpc(), txn(all, op(putting("k", "").setIgnoreValue(true).build())));
      assertThat(alone.client().get("k").getKvs(0).getValue()).isEmpty();
      assertThat(alone.client().get("k").getKvs(0).getVersion()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void operationsThatAreRefused(Transport transport) {
    both.over(transport);
    both.same(Rpc.PUT, put("there", "1"));
    long before = both.revision();
    RequestOp write = op(put("other", "never"));
    refused(txn(write, RequestOp.getDefaultInstance()), NOT_FOUND);
    refused(txn(write, op(put("", "1"))), NO_KEY);
    refused(txn(write, op(get(""))), NO_KEY);
    refused(txn(write, op(delete(""))), NO_KEY);
    refused(TxnRequest.newBuilder().addSuccess(write).addFailure(op(get(""))).build(), NO_KEY);
    refused(txn(write, op(txn(op(get(""))))), NO_KEY);
    refused(
        txn(write, op(putting("there", "x").setIgnoreValue(true).build())),
        "etcdserver: value is provided");
    refused(
        txn(write, op(putting("there", "x").setIgnoreLease(true).setLease(5).build())),
        "etcdserver: lease is provided");
    refused(txn(write, op(putting("absent", "").setIgnoreValue(true).build())), NOT_FOUND);
    refused(txn(write, op(putting("absent", "x").setIgnoreLease(true).build())), NOT_FOUND);
    both.refused(
        Rpc.TXN,
        txn(write, op(putting("there", "x").setLease(0x1234).build())),
        GrpcCode.NOT_FOUND,
        "etcdserver: requested lease not found");
    both.refused(
        Rpc.TXN,
        txn(write, op(range("there", "").setRevision(before + 100).build())),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    both.refused(
        Rpc.TXN,
        txn(op(range("there", "").setRevision(before + 100).build())),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    for (RequestOp[] ops : List.of(new RequestOp[] {write}, new RequestOp[0])) {
      both.refused(
          Rpc.TXN,
          txn(ops).toBuilder().addSuccess(op(range("there", "").setRevision(-2).build())).build(),
          GrpcCode.OUT_OF_RANGE,
          "etcdserver: mvcc: required revision has been compacted");
    }
    // Faults of the branch that is not taken do not matter, unless one can see them without data.
    both.same(
        Rpc.TXN,
        TxnRequest.newBuilder()
            .addSuccess(op(get("there")))
            .addFailure(op(putting("there", "x").setLease(0x1234).build()))
            .addFailure(op(range("there", "").setRevision(before + 100).build()))
            .addFailure(op(putting("absent", "").setIgnoreValue(true).build()))
            .build());
    assertThat(both.revision()).isEqualTo(before);
    both.same(Rpc.PUT, put("there", "2"));
    both.same(Rpc.COMPACT, Requests.compact(both.revision()));
    both.refused(
        Rpc.TXN,
        txn(write, op(range("there", "").setRevision(before).build())),
        GrpcCode.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision has been compacted");
  }

  @ParameterizedTest
  @EnumSource
  void theFirstOfTwoFaults(Transport transport) {
    both.over(transport);
    TxnRequest request =
        txn(
            op(range("k", "").setRevision(both.revision() + 100).build()),
            op(putting("k", "x").setLease(0x1234).build()));
    assertThat(both.theirs().ask(transport, Rpc.TXN, request).words())
        .as("%s", Since34.ORDER_OF_CHECKS)
        .isEqualTo("etcdserver: requested lease not found");
    assertThat(both.ours().ask(transport, Rpc.TXN, request).words())
        .as("%s", Since34.ORDER_OF_CHECKS)
        .isEqualTo("etcdserver: mvcc: required revision is a future revision");
  }

  private static List<RequestOp> puts(int count, String prefix) {
    List<RequestOp> ops = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ops.add(op(put(prefix + i, "v")));
    }
    return ops;
  }

  @ParameterizedTest
  @EnumSource
  void theLimitOnOperations(Transport transport) {
    both.over(transport);
    Compare any = compare("m", CompareTarget.VERSION, CompareResult.EQUAL).build();
    List<Compare> compares = new ArrayList<>();
    for (int i = 0; i < 128; i++) {
      compares.add(any);
    }
    TxnRequest full =
        TxnRequest.newBuilder()
            .addAllCompare(compares)
            .addAllSuccess(puts(128, "m/"))
            .addAllFailure(puts(128, "m/"))
            .build();
    both.same(Rpc.TXN, full);
    refused(full.toBuilder().addCompare(any).build(), TOO_MANY);
    refused(full.toBuilder().addSuccess(op(get("m"))).build(), TOO_MANY);
    refused(full.toBuilder().addFailure(op(get("m"))).build(), TOO_MANY);
    // A nested one has what its parent left.
    TxnRequest of100 = TxnRequest.newBuilder().addAllSuccess(puts(99, "m/")).build();
    TxnRequest of28 = TxnRequest.newBuilder().addAllSuccess(puts(28, "nested/")).build();
    both.same(Rpc.TXN, of100.toBuilder().addSuccess(op(of28)).build());
    refused(
        of100.toBuilder().addSuccess(op(of28.toBuilder().addSuccess(op(get("m"))).build())).build(),
        TOO_MANY);
    both.sameHash();
  }

  @ParameterizedTest
  @EnumSource
  void valuesOfAllSizesUpToTheLimit(Transport transport) {
    both.over(transport);
    ByteString half = ByteString.copyFrom(new byte[750_000]);
    both.same(
        Rpc.TXN,
        txn(
            op(put("big/1", "").toBuilder().setValue(half).build()),
            op(put("big/2", "").toBuilder().setValue(half).build()),
            op(range("big/", "big0").build())));
    both.sameHash();
  }
}
