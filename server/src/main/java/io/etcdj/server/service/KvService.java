package io.etcdj.server.service;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import io.etcdj.api.GrpcCode;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.CompactionResponse;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.RangeStreamResponse;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.read.ReadGate;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.apply.TxnReader;
import io.etcdj.state.mvcc.MvccStore;
import java.util.List;
import java.util.concurrent.Executor;

/** Ranges, puts, deletes, transactions and compactions. */
public final class KvService {
  private static final String NAME = "etcdserverpb.KV";

  private final Submission submission;
  private final ReadGate gate;
  private final RequestChecks checks;
  private final Reads reads;
  private final MvccStore store;
  private final Headers headers;
  private final Executor workers;
  private final int maxRequestBytes;
  private final Runnable countRange;

  public KvService(
      Submission submission,
      ReadGate gate,
      MvccStore store,
      Headers headers,
      Executor workers,
      int maxTxnOps,
      int maxRequestBytes,
      Runnable countRange) {
    this.submission = submission;
    this.gate = gate;
    this.checks = new RequestChecks(maxTxnOps);
    this.reads = new Reads(store, headers, workers);
    this.countRange = countRange;
    this.store = store;
    this.headers = headers;
    this.workers = workers;
    this.maxRequestBytes = maxRequestBytes;
  }

  public List<Rpc<?, ?>> rpcs() {
    return List.of(
        Rpc.unary(NAME, "Range", RangeRequest.getDefaultInstance(), this::range),
        Rpc.serverStream(NAME, "RangeStream", RangeRequest.getDefaultInstance(), this::stream),
        Rpc.unary(NAME, "Put", PutRequest.getDefaultInstance(), this::put),
        Rpc.unary(NAME, "DeleteRange", DeleteRangeRequest.getDefaultInstance(), this::delete),
        Rpc.unary(NAME, "Txn", TxnRequest.getDefaultInstance(), this::txn),
        Rpc.unary(NAME, "Compact", CompactionRequest.getDefaultInstance(), this::compact));
  }

  private void range(Call<RangeRequest, RangeResponse> call, RangeRequest request) {
    RequestChecks.check(request);
    countRange.run();
    Runnable read = guarded(call, () -> reads.serve(call, request));
    if (request.getSerializable()) {
      read.run();
    } else {
      gate.pass(call.loop(), read, call::fail);
    }
  }

  /** A read that answers its call in any case: where it runs, nobody else would. */
  private static <R extends Message> Runnable guarded(Call<?, R> call, Runnable read) {
    return () -> {
      if (call.isClosed()) {
        return; // nobody waits for it any more
      }
      try {
        read.run();
      } catch (RuntimeException e) {
        call.fail(ReadFailures.refusal(e));
      }
    };
  }

  private void stream(Call<RangeRequest, RangeStreamResponse> call, RangeRequest request) {
    RequestChecks.check(request);
    if (request.getSortOrder() != RangeRequest.SortOrder.NONE
        || request.getSortTarget() != RangeRequest.SortTarget.KEY) {
      throw EtcdException.of(
          GrpcCode.UNIMPLEMENTED, "RangeStream does not support custom sort orders");
    }
    if (request.getMinModRevision() != 0
        || request.getMaxModRevision() != 0
        || request.getMinCreateRevision() != 0
        || request.getMaxCreateRevision() != 0) {
      throw EtcdException.of(
          GrpcCode.UNIMPLEMENTED, "RangeStream does not support revision filters");
    }
    Runnable start =
        () -> new RangeStreamer(call, request, store, headers, workers, maxRequestBytes).start();
    if (request.getSerializable()) {
      start.run();
    } else {
      gate.pass(call.loop(), guarded(call, start), call::fail);
    }
  }

  private void put(Call<PutRequest, PutResponse> call, PutRequest request) {
    RequestChecks.check(request);
    submission.submit(call, InternalRaftRequest.newBuilder().setPut(request));
  }

  private void delete(
      Call<DeleteRangeRequest, DeleteRangeResponse> call, DeleteRangeRequest request) {
    RequestChecks.check(request);
    submission.submit(call, InternalRaftRequest.newBuilder().setDeleteRange(request));
  }

  private void txn(Call<TxnRequest, TxnResponse> call, TxnRequest request) {
    checks.check(request);
    if (!isReadOnly(request)) {
      submission.submit(call, InternalRaftRequest.newBuilder().setTxn(request));
      return;
    }
    Runnable read = () -> workers.execute(guarded(call, () -> readTxn(call, request)));
    if (isSerializable(request)) {
      read.run();
    } else {
      gate.pass(call.loop(), read, call::fail);
    }
  }

  private void readTxn(Call<TxnRequest, TxnResponse> call, TxnRequest request) {
    call.respond(TxnReader.read(store, request, headers));
  }

  /** Whether both branches only read; a nested transaction counts as a write, as in etcd. */
  private static boolean isReadOnly(TxnRequest request) {
    return request.getSuccessList().stream().allMatch(RequestOp::hasRequestRange)
        && request.getFailureList().stream().allMatch(RequestOp::hasRequestRange);
  }

  private static boolean isSerializable(TxnRequest request) {
    return request.getSuccessList().stream().allMatch(op -> op.getRequestRange().getSerializable())
        && request.getFailureList().stream().allMatch(op -> op.getRequestRange().getSerializable());
  }

  private void compact(
      Call<CompactionRequest, CompactionResponse> call, CompactionRequest request) {
    submission.submit(call, InternalRaftRequest.newBuilder().setCompaction(request));
  }
}
