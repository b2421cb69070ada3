package io.etcdj.state.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.CompactionResponse;
import io.etcdj.api.etcdserverpb.EmptyResponse;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.LeaseCheckpoint;
import io.etcdj.api.etcdserverpb.LeaseCheckpointRequest;
import io.etcdj.api.etcdserverpb.LeaseCheckpointResponse;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
import io.etcdj.api.membershippb.Attributes;
import io.etcdj.state.alarm.Alarms;
import io.etcdj.state.lease.Leases;
import io.etcdj.state.membership.Downgrade;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.membership.ServerVersion;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.state.v2.V2Store;
import java.util.ArrayList;
import java.util.List;

/**
 * Applies committed commands; every member must reach the same state and the same answers.
 *
 * <p>Confined to the apply thread, which brackets each command with the backend's {@code begin} and
 * {@code end}.
 */
public final class Applier {
  private final MvccStore store;
  private final Leases leases;
  private final Alarms alarms;
  private final Membership membership;
  private final V2Store v2;
  private final Quota quota;
  private final Headers headers;
  private final boolean persistLeaseCheckpoints;
  private final TxnApplier txns;

  /**
   * @param persistLeaseCheckpoints whether what a lease had left outlives a restart also while the
   *     cluster speaks less than 3.6, with which it always does
   */
  public Applier(StateMachine machine, Headers headers, boolean persistLeaseCheckpoints) {
    this.store = machine.store();
    this.leases = machine.leases();
    this.alarms = machine.alarms();
    this.membership = machine.membership();
    this.v2 = machine.v2();
    this.quota = machine.quota();
    this.headers = headers;
    this.persistLeaseCheckpoints = persistLeaseCheckpoints;
    this.txns = new TxnApplier(leases);
  }

  /**
   * Applies one command. A refusal is part of history; any other exception is a bug and must stop
   * the member.
   */
  public Applied apply(InternalRaftRequest request) {
    try {
      checkAlarms(request);
      boolean fits = quota.allows(request); // as of before the write
      Applied applied = dispatch(request);
      return fits ? applied : applied.beyondQuota(EtcdError.NO_SPACE.exception());
    } catch (EtcdException refusal) {
      return Applied.refused(refusal);
    }
  }

  private void checkAlarms(InternalRaftRequest request) {
    if (alarms.isActive(AlarmType.CORRUPT) && touchesData(request)) {
      throw EtcdError.CORRUPT.exception();
    }
    if (alarms.isActive(AlarmType.NOSPACE) && Quota.cost(request) > 0) {
      throw EtcdError.NO_SPACE.exception();
    }
  }

  private static boolean touchesData(InternalRaftRequest request) {
    return request.hasRange()
        || request.hasPut()
        || request.hasDeleteRange()
        || request.hasTxn()
        || request.hasCompaction()
        || request.hasLeaseGrant()
        || request.hasLeaseRevoke();
  }

  private Applied dispatch(InternalRaftRequest request) {
    if (request.hasPut()) {
      MvccStore.WriteTxn txn = store.write();
      var response = txns.put(txn, request.getPut());
      List<Change> changes = txn.end();
      return Applied.changed(response.setHeader(headers.at(txn.revision())).build(), changes);
    }
    if (request.hasTxn()) {
      MvccStore.WriteTxn txn = store.write();
      var response = txns.txn(txn, request.getTxn());
      List<Change> changes = txn.end();
      return Applied.changed(response.setHeader(headers.at(txn.revision())).build(), changes);
    }
    if (request.hasDeleteRange()) {
      MvccStore.WriteTxn txn = store.write();
      var response = txns.delete(txn, request.getDeleteRange());
      List<Change> changes = txn.end();
      return Applied.changed(response.setHeader(headers.at(txn.revision())).build(), changes);
    }
    if (request.hasRange()) {
      var result = store.write().range(Ranges.query(request.getRange()));
      return Applied.answer(
          Ranges.response(result).setHeader(headers.at(result.revision())).build());
    }
    if (request.hasCompaction()) {
      return compact(request.getCompaction());
    }
    if (request.hasLeaseGrant()) {
      return grant(request.getLeaseGrant());
    }
    if (request.hasLeaseRevoke()) {
      return revoke(request.getLeaseRevoke());
    }
    if (request.hasLeaseCheckpoint()) {
      return checkpoint(request.getLeaseCheckpoint());
    }
    if (request.hasAlarm()) {
      return alarm(request.getAlarm());
    }
    return dispatchCluster(request);
  }

  private Applied dispatchCluster(InternalRaftRequest request) {
    if (request.hasClusterVersionSet()) {
      membership.setClusterVersion(request.getClusterVersionSet().getVer());
      v2.skip(1);
      return Applied.answer(EmptyResponse.getDefaultInstance());
    }
    if (request.hasClusterMemberAttrSet()) {
      var told = request.getClusterMemberAttrSet();
      Attributes attributes = told.getMemberAttributes();
      if (membership.member(told.getMemberID()) != null) {
        v2.skip(1);
      }
      membership.setAttributes(
          told.getMemberID(), attributes.getName(), attributes.getClientUrlsList());
      return Applied.answer(EmptyResponse.getDefaultInstance());
    }
    if (request.hasDowngradeInfoSet()) {
      var told = request.getDowngradeInfoSet();
      membership.setDowngrade(
          told.getEnabled() ? new Downgrade(true, told.getVer()) : Downgrade.NONE);
      return Applied.answer(EmptyResponse.getDefaultInstance());
    }
    if (request.hasDowngradeVersionTest()) {
      return Applied.answer(EmptyResponse.getDefaultInstance()); // by design without effect
    }
    throw new IllegalStateException(
        "log entry with a command that this release cannot apply: "
            + request.getAllFields().keySet());
  }

  private Applied compact(CompactionRequest request) {
    store.compact(request.getRevision());
    Message response =
        CompactionResponse.newBuilder().setHeader(headers.at(store.writerRevision())).build();
    return Applied.compacting(response, request.getRevision());
  }

  private Applied grant(LeaseGrantRequest request) {
    long ttlSeconds = leases.grant(request.getID(), request.getTTL());
    return Applied.answer(
        LeaseGrantResponse.newBuilder()
            .setHeader(headers.at(store.writerRevision()))
            .setID(request.getID())
            .setTTL(ttlSeconds)
            .build());
  }

  private Applied revoke(LeaseRevokeRequest request) {
    List<ByteString> keys = leases.revoke(request.getID());
    MvccStore.WriteTxn txn = store.write();
    for (ByteString key : keys) {
      txn.delete(KeyRange.of(key.toByteArray(), new byte[0]));
    }
    List<Change> changes = txn.end();
    return Applied.changed(
        LeaseRevokeResponse.newBuilder().setHeader(headers.at(txn.revision())).build(), changes);
  }

  private Applied checkpoint(LeaseCheckpointRequest request) {
    ServerVersion version = ServerVersion.parse(membership.clusterVersion());
    boolean persist = persistLeaseCheckpoints || (version != null && version.isAtLeast(3, 6));
    for (LeaseCheckpoint checkpoint : request.getCheckpointsList()) {
      leases.checkpoint(checkpoint.getID(), checkpoint.getRemainingTTL(), persist);
    }
    return Applied.answer(
        LeaseCheckpointResponse.newBuilder().setHeader(headers.at(store.writerRevision())).build());
  }

  private Applied alarm(AlarmRequest request) {
    List<AlarmMember> touched = new ArrayList<>();
    AlarmMember asked =
        AlarmMember.newBuilder()
            .setMemberID(request.getMemberID())
            .setAlarm(request.getAlarm())
            .build();
    switch (request.getAction()) {
      case GET -> touched.addAll(alarms.list(request.getAlarm()));
      case ACTIVATE -> {
        if (alarms.activate(request.getMemberID(), request.getAlarm())) {
          touched.add(asked);
        }
      }
      case DEACTIVATE -> {
        if (alarms.deactivate(request.getMemberID(), request.getAlarm())) {
          touched.add(asked);
        }
      }
      case UNRECOGNIZED -> {}
    }
    return Applied.answer(
        AlarmResponse.newBuilder()
            .setHeader(headers.at(store.writerRevision()))
            .addAllAlarms(touched)
            .build());
  }
}
