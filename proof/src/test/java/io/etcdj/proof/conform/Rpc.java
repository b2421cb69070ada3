package io.etcdj.proof.conform;

import com.google.protobuf.Message;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmResponse;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.CompactionResponse;
import io.etcdj.api.etcdserverpb.DefragmentRequest;
import io.etcdj.api.etcdserverpb.DefragmentResponse;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.HashKVRequest;
import io.etcdj.api.etcdserverpb.HashKVResponse;
import io.etcdj.api.etcdserverpb.HashRequest;
import io.etcdj.api.etcdserverpb.HashResponse;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantResponse;
import io.etcdj.api.etcdserverpb.LeaseLeasesRequest;
import io.etcdj.api.etcdserverpb.LeaseLeasesResponse;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeResponse;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.etcdj.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.etcdj.api.etcdserverpb.MemberListRequest;
import io.etcdj.api.etcdserverpb.MemberListResponse;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.PutResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.StatusRequest;
import io.etcdj.api.etcdserverpb.StatusResponse;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.proof.GrpcClient;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;

/**
 * A unary method under both its names.
 *
 * @param path of the JSON gateway
 */
record Rpc<Q extends Message, R extends Message>(
    MethodDescriptor<Q, R> grpc, String path, R answer) {
  static final Rpc<RangeRequest, RangeResponse> RANGE =
      new Rpc<>(GrpcClient.RANGE, "/v3/kv/range", RangeResponse.getDefaultInstance());
  static final Rpc<PutRequest, PutResponse> PUT =
      new Rpc<>(GrpcClient.PUT, "/v3/kv/put", PutResponse.getDefaultInstance());
  static final Rpc<DeleteRangeRequest, DeleteRangeResponse> DELETE =
      new Rpc<>(GrpcClient.DELETE, "/v3/kv/deleterange", DeleteRangeResponse.getDefaultInstance());
  static final Rpc<TxnRequest, TxnResponse> TXN =
      new Rpc<>(GrpcClient.TXN, "/v3/kv/txn", TxnResponse.getDefaultInstance());
  static final Rpc<CompactionRequest, CompactionResponse> COMPACT =
      new Rpc<>(GrpcClient.COMPACT, "/v3/kv/compaction", CompactionResponse.getDefaultInstance());
  static final Rpc<LeaseGrantRequest, LeaseGrantResponse> GRANT =
      new Rpc<>(GrpcClient.GRANT, "/v3/lease/grant", LeaseGrantResponse.getDefaultInstance());
  static final Rpc<LeaseRevokeRequest, LeaseRevokeResponse> REVOKE =
      new Rpc<>(GrpcClient.REVOKE, "/v3/lease/revoke", LeaseRevokeResponse.getDefaultInstance());
  static final Rpc<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse> TIME_TO_LIVE =
      new Rpc<>(
          GrpcClient.TIME_TO_LIVE,
          "/v3/lease/timetolive",
          LeaseTimeToLiveResponse.getDefaultInstance());
  static final Rpc<LeaseLeasesRequest, LeaseLeasesResponse> LEASES =
      unary(
          "etcdserverpb.Lease/LeaseLeases",
          "/v3/lease/leases",
          LeaseLeasesRequest.class,
          LeaseLeasesResponse.getDefaultInstance());
  static final Rpc<MemberListRequest, MemberListResponse> MEMBERS =
      unary(
          "etcdserverpb.Cluster/MemberList",
          "/v3/cluster/member/list",
          MemberListRequest.class,
          MemberListResponse.getDefaultInstance());
  static final Rpc<AlarmRequest, AlarmResponse> ALARM =
      unary(
          "etcdserverpb.Maintenance/Alarm",
          "/v3/maintenance/alarm",
          AlarmRequest.class,
          AlarmResponse.getDefaultInstance());
  static final Rpc<StatusRequest, StatusResponse> STATUS =
      new Rpc<>(GrpcClient.STATUS, "/v3/maintenance/status", StatusResponse.getDefaultInstance());
  static final Rpc<DefragmentRequest, DefragmentResponse> DEFRAGMENT =
      unary(
          "etcdserverpb.Maintenance/Defragment",
          "/v3/maintenance/defragment",
          DefragmentRequest.class,
          DefragmentResponse.getDefaultInstance());
  static final Rpc<HashRequest, HashResponse> HASH =
      unary(
          "etcdserverpb.Maintenance/Hash",
          "/v3/maintenance/hash",
          HashRequest.class,
          HashResponse.getDefaultInstance());
  static final Rpc<HashKVRequest, HashKVResponse> HASH_KV =
      new Rpc<>(GrpcClient.HASH_KV, "/v3/maintenance/hashkv", HashKVResponse.getDefaultInstance());

  private static <Q extends Message, R extends Message> Rpc<Q, R> unary(
      String name, String path, Class<Q> request, R answer) {
    @SuppressWarnings("unchecked") // a message's class is its type
    Class<R> response = (Class<R>) answer.getClass();
    return new Rpc<>(GrpcClient.method(name, MethodType.UNARY, request, response), path, answer);
  }

  @Override
  public String toString() {
    return grpc.getFullMethodName();
  }
}
