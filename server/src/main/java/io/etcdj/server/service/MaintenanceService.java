package io.etcdj.server.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.api.etcdserverpb.DefragmentRequest;
import io.etcdj.api.etcdserverpb.DefragmentResponse;
import io.etcdj.api.etcdserverpb.DowngradeInfo;
import io.etcdj.api.etcdserverpb.DowngradeRequest;
import io.etcdj.api.etcdserverpb.DowngradeResponse;
import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.api.etcdserverpb.HashKVResponse;
import io.etcdj.api.etcdserverpb.HashRequest;
import io.etcdj.api.etcdserverpb.HashResponse;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.MoveLeaderRequest;
import io.etcdj.api.etcdserverpb.MoveLeaderResponse;
import io.etcdj.api.etcdserverpb.SnapshotRequest;
import io.etcdj.api.etcdserverpb.SnapshotResponse;
import io.etcdj.api.etcdserverpb.StatusRequest;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.server.cluster.Downgrades;
import io.etcdj.server.cluster.LeaderCalls;
import io.etcdj.server.cluster.LeaderTransfer;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.read.ReadGate;
import io.etcdj.state.alarm.Alarms;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.membership.Downgrade;
import io.etcdj.state.mvcc.KvHash;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.Snapshot;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/** Status, hashes, alarms, defragmentation and snapshots of this member. */
public final class MaintenanceService {
  private static final String NAME = "etcdserverpb.Maintenance";

  /** Rows of the meta table that differ between members which agree on everything else. */
  private static final Set<String> NOT_HASHED =
      Set.of(Backend.APPLIED_INDEX, Backend.APPLIED_TERM, "storageVersion");

  /** What this member knows of the cluster now. Any thread. */
  public interface MemberStatus {
    long leader();

    long term();

    long committedIndex();

    long appliedIndex();

    boolean isLearner();

    Downgrade downgrade();

    /** Version of the data's layout, {@code 3.7.0}; empty while unknown. */
    String storageVersion();
  }

  private final Submission submission;
  private final MemberStatus member;
  private final ReadGate gate;
  private final LeaderTransfer transfer;
  private final Downgrades downgrades;
  private final long requestTimeoutMillis;
  private final MvccStore store;
  private final Backend backend;
  private final Alarms alarms;
  private final Headers headers;
  private final Executor workers;
  private final Path snapshotDirectory;
  private final String version;
  private final long quotaBytes;

  public MaintenanceService(
      Submission submission,
      MemberStatus member,
      ReadGate gate,
      LeaderTransfer transfer,
      Downgrades downgrades,
      long requestTimeoutMillis,
      MvccStore store,
      Backend backend,
      Alarms alarms,
      Headers headers,
      Executor workers,
      Path snapshotDirectory,
      String version,
      long quotaBytes) {
    this.submission = submission;
    this.member = member;
    this.gate = gate;
    this.transfer = transfer;
    this.downgrades = downgrades;
    this.requestTimeoutMillis = requestTimeoutMillis;
    this.store = store;
    this.backend = backend;
    this.alarms = alarms;
    this.headers = headers;
    this.workers = workers;
    this.snapshotDirectory = snapshotDirectory;
    this.version = version;
    this.quotaBytes = quotaBytes;
  }

  public List<Rpc<?, ?>> rpcs() {
    return List.of(
        Rpc.unary(NAME, "Alarm", AlarmRequest.getDefaultInstance(), this::alarm),
        Rpc.unary(NAME, "Status", StatusRequest.getDefaultInstance(), this::status),
        Rpc.unary(NAME, "Defragment", DefragmentRequest.getDefaultInstance(), this::defragment),
        Rpc.unary(NAME, "Hash", HashRequest.getDefaultInstance(), this::hash),
        Rpc.unary(NAME, "HashKV", HashKVRequest.getDefaultInstance(), this::hashKv),
        Rpc.unary(NAME, "MoveLeader", MoveLeaderRequest.getDefaultInstance(), this::moveLeader),
        Rpc.unary(NAME, "Downgrade", DowngradeRequest.getDefaultInstance(), this::downgrade),
        Rpc.serverStream(NAME, "Snapshot", SnapshotRequest.getDefaultInstance(), this::snapshot));
  }

  private void alarm(Call<AlarmRequest, AlarmResponse> call, AlarmRequest request) {
    submission.submit(call, InternalRaftRequest.newBuilder().setAlarm(request));
  }

  private void status(Call<StatusRequest, StatusResponse> call, StatusRequest request) {
    StatusResponse.Builder status =
        StatusResponse.newBuilder()
            .setHeader(headers.at(store.revision()))
            .setVersion(version)
            .setDbSize(backend.sizeBytes())
            .setLeader(member.leader())
            .setRaftIndex(member.committedIndex())
            .setRaftTerm(member.term())
            .setRaftAppliedIndex(member.appliedIndex())
            .setDbSizeInUse(backend.inUseBytes())
            .setIsLearner(member.isLearner())
            .setStorageVersion(member.storageVersion())
            .setDbSizeQuota(quotaBytes)
            .setDowngradeInfo(
                DowngradeInfo.newBuilder()
                    .setEnabled(member.downgrade().enabled())
                    .setTargetVersion(member.downgrade().targetVersion()));
    if (member.leader() == 0) {
      status.addErrors("etcdserver: no leader");
    }
    for (AlarmMember alarm : alarms.list(AlarmType.NONE)) {
      status.addErrors(
          "memberID:"
              + Long.toUnsignedString(alarm.getMemberID())
              + " alarm:"
              + alarm.getAlarm()
              + " ");
    }
    call.respond(status.build());
  }

  private void defragment(
      Call<DefragmentRequest, DefragmentResponse> call, DefragmentRequest request) {
    work(
        call,
        () -> {
          backend.defragment();
          return DefragmentResponse.getDefaultInstance();
        });
  }

  private void hash(Call<HashRequest, HashResponse> call, HashRequest request) {
    work(
        call,
        () ->
            HashResponse.newBuilder()
                .setHeader(headers.at(store.revision()))
                .setHash(hashOfTables())
                .build());
  }

  /** CRC-32C over the tables' names, keys and values, in order. */
  private int hashOfTables() {
    CRC32C crc = new CRC32C();
    try (Backend.TableView tables = backend.openTables()) {
      for (Table table : Table.values()) {
        if (!table.isShared()) {
          continue; // etcd has it elsewhere
        }
        crc.update(table.bucket().getBytes(UTF_8));
        tables.scan(
            table,
            (key, value) -> {
              if (table != Table.META || !NOT_HASHED.contains(new String(key, UTF_8))) {
                crc.update(key);
                crc.update(value);
              }
            });
      }
    }
    return (int) crc.getValue();
  }

  private void hashKv(Call<HashKVRequest, HashKVResponse> call, HashKVRequest request) {
    work(
        call,
        () -> {
          try (Snapshot snapshot = store.snapshot()) {
            KvHash hash = snapshot.hash(request.getRevision());
            return HashKVResponse.newBuilder()
                .setHeader(headers.at(hash.revision()))
                .setHash(hash.hash())
                .setCompactRevision(hash.compactRevision())
                .setHashRevision(hash.hashRevision())
                .build();
          }
        });
  }

  private void snapshot(Call<SnapshotRequest, SnapshotResponse> call, SnapshotRequest request) {
    workers.execute(
        () ->
            new SnapshotStreamer(call, backend, workers, snapshotDirectory, member.storageVersion())
                .start());
  }

  private void moveLeader(
      Call<MoveLeaderRequest, MoveLeaderResponse> call, MoveLeaderRequest request) {
    long leftNanos =
        Math.min(
            TimeUnit.MILLISECONDS.toNanos(requestTimeoutMillis),
            call.deadlineNanos() - System.nanoTime());
    var unused =
        transfer
            .to(request.getTargetID(), TimeUnit.NANOSECONDS.toMillis(leftNanos))
            .whenComplete(
                (done, failure) -> {
                  if (failure == null) {
                    call.respond(MoveLeaderResponse.getDefaultInstance());
                  } else {
                    call.fail(LeaderCalls.refusal(failure));
                  }
                });
  }

  private void downgrade(Call<DowngradeRequest, DowngradeResponse> call, DowngradeRequest request) {
    gate.pass(
        call.loop(),
        () -> {
          try {
            downgradeNow(call, request);
          } catch (EtcdException refusal) {
            call.fail(refusal);
          }
        },
        call::fail);
  }

  private void downgradeNow(
      Call<DowngradeRequest, DowngradeResponse> call, DowngradeRequest request) {
    var decided =
        switch (request.getAction()) {
          case VALIDATE ->
              CompletableFuture.completedFuture(downgrades.validate(request.getVersion()));
          case ENABLE -> downgrades.enable(request.getVersion());
          case CANCEL -> downgrades.cancel();
          case UNRECOGNIZED ->
              throw EtcdException.of(GrpcCode.UNKNOWN, "etcdserver: unknown method");
        };
    var unused =
        decided.whenComplete(
            (version, failure) -> {
              if (failure == null) {
                call.respond(
                    DowngradeResponse.newBuilder()
                        .setHeader(headers.at(store.revision()))
                        .setVersion(version)
                        .build());
              } else {
                call.fail(LeaderCalls.refusal(failure));
              }
            });
  }

  private interface Work<R> {
    R run();
  }

  /** Runs something long on a worker and answers with its result. */
  private <R extends Message> void work(Call<?, R> call, Work<R> work) {
    workers.execute(
        () -> {
          try {
            call.respond(work.run());
          } catch (RuntimeException e) {
            call.fail(ReadFailures.refusal(e));
          }
        });
  }
}
