package io.etcdj.proof.chaos;

import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.cluster.Member;
import io.etcdj.proof.history.Answer;
import io.etcdj.proof.history.Call;
import io.etcdj.proof.history.Cell;
import io.etcdj.proof.history.Operation;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls as one client, to any member, and writes them down with their answers.
 *
 * <p>What failed may have taken effect, unless it certainly did not: no connection was made, or the
 * member says that it did not even propose it. Of a failed read nothing is kept.
 */
final class Caller implements AutoCloseable {
  /** Refusals before anything was proposed. */
  private static final List<String> NOT_PROPOSED =
      List.of(
          "etcdserver: too many requests",
          "etcdserver: rpc not supported for learner",
          "etcdserver: request is too large");

  private final int number;
  private final History history;
  private final boolean serializable;
  private final Map<Integer, GrpcClient> connections = new HashMap<>();

  /**
   * @param serializable reads from the member's own store, but lets the history believe that they
   *     are linearizable: to see that this is noticed
   */
  Caller(int number, History history, boolean serializable) {
    this.number = number;
    this.history = history;
    this.serializable = serializable;
  }

  private interface Send {
    Answer to(GrpcClient client);
  }

  /**
   * Makes a call.
   *
   * @param lease for a put: the lease that it hangs on, or 0
   * @param tellsBefore whether a write asks for what was there before it
   * @return the answer, or null if there is none
   */
  @Nullable Answer make(
      Member member, String key, Call call, long lease, boolean tellsBefore, Duration deadline) {
    GrpcClient client = connection(member);
    Send send = send(key, call, lease, tellsBefore, deadline);
    long calledNanos = System.nanoTime();
    try {
      Answer answer = send.to(client);
      history.add(new Operation(number, key, call, calledNanos, System.nanoTime(), answer));
      return answer;
    } catch (StatusRuntimeException failure) {
      if (call instanceof Call.Get || certainlyNotDone(failure)) {
        history.addRefused();
      } else {
        history.add(new Operation(number, key, call, calledNanos, System.nanoTime(), null));
      }
      return null;
    }
  }

  /** The connection to this member, opened when it is first needed. */
  GrpcClient connection(Member member) {
    GrpcClient client =
        connections.computeIfAbsent(member.clientPort(), port -> new GrpcClient(port));
    client.channel().resetConnectBackoff(); // it may have come back just now
    return client;
  }

  private static boolean certainlyNotDone(StatusRuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException) {
        return true;
      }
    }
    String said = failure.getStatus().getDescription();
    return said != null && NOT_PROPOSED.contains(said);
  }

  private Send send(String key, Call call, long lease, boolean tellsBefore, Duration deadline) {
    if (call instanceof Call.Put put) {
      return client -> put(client, key, put, lease, tellsBefore, deadline);
    }
    if (call instanceof Call.Delete) {
      return client -> delete(client, key, tellsBefore, deadline);
    }
    return call instanceof Call.Swap swap
        ? client -> swap(client, key, swap, deadline)
        : client -> get(client, key, deadline);
  }

  private static Answer put(
      GrpcClient client,
      String key,
      Call.Put put,
      long lease,
      boolean tellsBefore,
      Duration deadline) {
    PutRequest request =
        PutRequest.newBuilder()
            .setKey(GrpcClient.bytes(key))
            .setValue(GrpcClient.bytes(put.value()))
            .setLease(lease)
            .setPrevKv(tellsBefore)
            .build();
    PutResponse response = client.call(GrpcClient.PUT, request, deadline);
    Cell before = response.hasPrevKv() ? cell(response.getPrevKv()) : Cell.ABSENT;
    return new Answer(response.getHeader().getRevision(), true, tellsBefore ? before : null);
  }

  private static Answer delete(
      GrpcClient client, String key, boolean tellsBefore, Duration deadline) {
    DeleteRangeRequest request =
        DeleteRangeRequest.newBuilder()
            .setKey(GrpcClient.bytes(key))
            .setPrevKv(tellsBefore)
            .build();
    DeleteRangeResponse response = client.call(GrpcClient.DELETE, request, deadline);
    boolean wrote = response.getDeleted() > 0;
    Cell before = response.getPrevKvsCount() > 0 ? cell(response.getPrevKvs(0)) : Cell.ABSENT;
    return new Answer(
        response.getHeader().getRevision(), wrote, tellsBefore || !wrote ? before : null);
  }

  private static Answer swap(GrpcClient client, String key, Call.Swap swap, Duration deadline) {
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setTarget(Compare.CompareTarget.MOD)
                    .setResult(Compare.CompareResult.EQUAL)
                    .setKey(GrpcClient.bytes(key))
                    .setModRevision(swap.expected()))
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(GrpcClient.putRequest(key, GrpcClient.bytes(swap.value()))))
            .addFailure(
                RequestOp.newBuilder()
                    .setRequestRange(RangeRequest.newBuilder().setKey(GrpcClient.bytes(key))))
            .build();
    TxnResponse response = client.call(GrpcClient.TXN, request, deadline);
    long revision = response.getHeader().getRevision();
    return response.getSucceeded()
        ? new Answer(revision, true, null)
        : new Answer(revision, false, cell(response.getResponses(0).getResponseRange()));
  }

  private Answer get(GrpcClient client, String key, Duration deadline) {
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(GrpcClient.bytes(key))
            .setSerializable(serializable)
            .build();
    RangeResponse response = client.call(GrpcClient.RANGE, request, deadline);
    return new Answer(response.getHeader().getRevision(), false, cell(response));
  }

  private static Cell cell(RangeResponse response) {
    return response.getKvsCount() > 0 ? cell(response.getKvs(0)) : Cell.ABSENT;
  }

  static Cell cell(KeyValue kv) {
    return new Cell(kv.getValue().toStringUtf8(), kv.getModRevision());
  }

  @Override
  public void close() {
    connections.values().forEach(GrpcClient::close);
  }
}
