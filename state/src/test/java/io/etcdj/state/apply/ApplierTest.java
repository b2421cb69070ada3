package io.etcdj.state.apply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.state.alarm.Alarms;
import io.etcdj.state.lease.Leases;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.storage.backend.MemoryBackend;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ApplierTest {
  private static final Leases.Observer NOBODY =
      new Leases.Observer() {
        @Override
        public void granted(Leases.Terms terms) {}

        @Override
        public void revoked(long id) {}

        @Override
        public void reloaded(List<Leases.Terms> all) {}
      };

  private final MemoryBackend backend = new MemoryBackend();
  private final Headers headers =
      revision -> ResponseHeader.newBuilder().setRevision(revision).build();
  private final StateMachine machine = machine(0);
  private final Leases leases = machine.leases();
  private final MvccStore store = machine.store();
  private final Applier applier = new Applier(machine, headers, false);

  private StateMachine machine(long quotaBytes) {
    return new StateMachine(backend, new StateMachine.Options(2, 1, quotaBytes), NOBODY, null);
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static InternalRaftRequest put(String key, String value) {
    return InternalRaftRequest.newBuilder()
        .setPut(PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)))
        .build();
  }

  private static InternalRaftRequest put(PutRequest.Builder put) {
    return InternalRaftRequest.newBuilder().setPut(put).build();
  }

  private static RequestOp putOp(String key, String value) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)))
        .build();
  }

  private Applied apply(InternalRaftRequest request) {
    Applied applied = applier.apply(request);
    store.publish();
    return applied;
  }

  private Applied grant(long id, long ttl) {
    return apply(
        InternalRaftRequest.newBuilder()
            .setLeaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl))
            .build());
  }

  private static EtcdError errorOf(Applied applied) {
    EtcdException refusal = Objects.requireNonNull(applied.refusal());
    return Objects.requireNonNull(refusal.error());
  }

  private static <R> R answer(Class<R> type, Applied applied) {
    return Objects.requireNonNull(type.cast(applied.response()));
  }

  @Test
  void aPutAnswersItsRevisionAndThePreviousValueWhereAsked() {
    apply(put("a", "1"));
    Applied second =
        apply(put(PutRequest.newBuilder().setKey(bytes("a")).setValue(bytes("2")).setPrevKv(true)));
    PutResponse response = answer(PutResponse.class, second);
    assertThat(response.getHeader().getRevision()).isEqualTo(3);
    assertThat(response.getPrevKv().getValue()).isEqualTo(bytes("1"));
    assertThat(second.changes()).hasSize(1);
  }

  @Test
  void aPutWithAnUnknownLeaseOrAnIgnoredValueOfAMissingKeyChangesNothing() {
    assertThat(errorOf(apply(put(PutRequest.newBuilder().setKey(bytes("a")).setLease(9)))))
        .isEqualTo(EtcdError.LEASE_NOT_FOUND);
    assertThat(errorOf(apply(put(PutRequest.newBuilder().setKey(bytes("a")).setIgnoreValue(true)))))
        .isEqualTo(EtcdError.KEY_NOT_FOUND);
    assertThat(store.revision()).isEqualTo(1);
  }

  @Test
  void ignoringKeepsValueOrLease() {
    grant(7, 60);
    apply(put(PutRequest.newBuilder().setKey(bytes("a")).setValue(bytes("1")).setLease(7)));
    apply(put(PutRequest.newBuilder().setKey(bytes("a")).setIgnoreLease(true)));
    assertThat(leases.leaseOf(bytes("a"))).isEqualTo(7);
    apply(put(PutRequest.newBuilder().setKey(bytes("a")).setValue(bytes("2"))));
    assertThat(leases.leaseOf(bytes("a"))).isZero();
  }

  @Test
  void revokingALeaseDeletesItsKeysInOneRevision() {
    grant(7, 60);
    for (String key : List.of("c", "a", "b")) {
      apply(put(PutRequest.newBuilder().setKey(bytes(key)).setLease(7)));
    }
    Applied revoked =
        apply(
            InternalRaftRequest.newBuilder()
                .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(7))
                .build());
    assertThat(revoked.changes()).hasSize(3).allMatch(c -> c.deleted() && c.main() == 5);
    assertThat(revoked.changes())
        .extracting(c -> new String(c.key(), UTF_8))
        .containsExactly("a", "b", "c");
    assertThat(store.revision()).isEqualTo(5);
  }

  @Test
  void aLeaseTooShortIsRaisedAndOneTooLongRefused() {
    assertThat(answer(LeaseGrantResponse.class, grant(7, -5)).getTTL()).isEqualTo(2);
    assertThat(errorOf(grant(7, 60))).isEqualTo(EtcdError.LEASE_EXIST);
    assertThat(errorOf(grant(8, 9_000_000_001L))).isEqualTo(EtcdError.LEASE_TTL_TOO_LARGE);
  }

  @Test
  void nestedComparesAreDecidedBeforeAnythingIsWritten() {
    TxnRequest inner =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(bytes("a"))
                    .setTarget(Compare.CompareTarget.VERSION)
                    .setResult(Compare.CompareResult.EQUAL)
                    .setVersion(0))
            .addSuccess(putOp("inner", "a was missing"))
            .addFailure(putOp("inner", "a was there"))
            .build();
    TxnRequest outer =
        TxnRequest.newBuilder()
            .addSuccess(putOp("a", "1"))
            .addSuccess(RequestOp.newBuilder().setRequestTxn(inner))
            .build();
    TxnResponse response =
        answer(TxnResponse.class, apply(InternalRaftRequest.newBuilder().setTxn(outer).build()));
    assertThat(response.getResponses(1).getResponseTxn().getSucceeded()).isTrue();
    assertThat(response.getHeader().getRevision()).isEqualTo(2);
    assertThat(response.getResponses(0).getResponsePut().getHeader().getRevision()).isEqualTo(2);
  }

  @Test
  void aTransactionThatFailsInItsLastOperationHasWrittenNothing() {
    TxnRequest txn =
        TxnRequest.newBuilder()
            .addSuccess(putOp("a", "1"))
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestRange(RangeRequest.newBuilder().setKey(bytes("a")).setRevision(99)))
            .build();
    assertThat(errorOf(apply(InternalRaftRequest.newBuilder().setTxn(txn).build())))
        .isEqualTo(EtcdError.FUTURE_REV);
    assertThat(store.revision()).isEqualTo(1);
  }

  @Test
  void aValueCompareOnAMissingKeyNeverHolds() {
    for (Compare.CompareResult result :
        List.of(Compare.CompareResult.EQUAL, Compare.CompareResult.NOT_EQUAL)) {
      TxnRequest txn =
          TxnRequest.newBuilder()
              .addCompare(
                  Compare.newBuilder()
                      .setKey(bytes("missing"))
                      .setTarget(Compare.CompareTarget.VALUE)
                      .setResult(result)
                      .setValue(bytes("x")))
              .build();
      TxnResponse response =
          answer(TxnResponse.class, apply(InternalRaftRequest.newBuilder().setTxn(txn).build()));
      assertThat(response.getSucceeded()).isFalse();
    }
  }

  @Test
  void beyondTheQuotaAWriteIsDoneAndAnsweredWithNoSpace() {
    StateMachine tight = machine(10);
    Applier small = new Applier(tight, headers, false);
    Applied applied = small.apply(put("a", "1"));
    tight.store().publish();
    assertThat(errorOf(applied)).isEqualTo(EtcdError.NO_SPACE);
    assertThat(applied.overQuota()).isTrue();
    assertThat(tight.store().revision()).isEqualTo(2);
  }

  @Test
  void theNoSpaceAlarmStopsWhatGrowsAndNothingElse() {
    InternalRaftRequest raise =
        InternalRaftRequest.newBuilder()
            .setAlarm(
                AlarmRequest.newBuilder()
                    .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                    .setMemberID(1)
                    .setAlarm(AlarmType.NOSPACE))
            .build();
    apply(put("a", "1"));
    assertThat(answer(AlarmResponse.class, apply(raise)).getAlarmsCount()).isEqualTo(1);
    assertThat(answer(AlarmResponse.class, apply(raise)).getAlarmsCount()).isEqualTo(1);
    assertThat(errorOf(apply(put("b", "1")))).isEqualTo(EtcdError.NO_SPACE);
    assertThat(errorOf(grant(7, 60))).isEqualTo(EtcdError.NO_SPACE);
    Applied deleted =
        apply(
            InternalRaftRequest.newBuilder()
                .setDeleteRange(DeleteRangeRequest.newBuilder().setKey(bytes("a")))
                .build());
    assertThat(deleted.refusal()).isNull();
    assertThat(new Alarms(backend).isActive(AlarmType.NOSPACE)).isTrue();
  }
}
