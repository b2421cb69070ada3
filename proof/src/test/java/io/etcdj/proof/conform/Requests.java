package io.etcdj.proof.conform;

import static io.etcdj.proof.GrpcClient.bytes;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.Compare;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.LeaseGrantRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import java.util.List;

/** Short ways to write requests down. */
final class Requests {
  /** As the end of a range: there is none. */
  static final ByteString OPEN = ByteString.copyFrom(new byte[1]);

  private Requests() {}

  static PutRequest put(String key, String value) {
    return putting(key, value).build();
  }

  static PutRequest.Builder putting(String key, String value) {
    return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value));
  }

  static RangeRequest get(String key) {
    return RangeRequest.newBuilder().setKey(bytes(key)).build();
  }

  static RangeRequest.Builder range(String from, String to) {
    return RangeRequest.newBuilder().setKey(bytes(from)).setRangeEnd(bytes(to));
  }

  static DeleteRangeRequest delete(String key) {
    return deleting(key, "").build();
  }

  static DeleteRangeRequest.Builder deleting(String from, String to) {
    return DeleteRangeRequest.newBuilder().setKey(bytes(from)).setRangeEnd(bytes(to));
  }

  static CompactionRequest compact(long revision) {
    return CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build();
  }

  static LeaseGrantRequest grant(long id, long ttlSeconds) {
    return LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build();
  }

  static LeaseRevokeRequest revoke(long id) {
    return LeaseRevokeRequest.newBuilder().setID(id).build();
  }

  static RequestOp op(RangeRequest request) {
    return RequestOp.newBuilder().setRequestRange(request).build();
  }

  static RequestOp op(PutRequest request) {
    return RequestOp.newBuilder().setRequestPut(request).build();
  }

  static RequestOp op(DeleteRangeRequest request) {
    return RequestOp.newBuilder().setRequestDeleteRange(request).build();
  }

  static RequestOp op(TxnRequest request) {
    return RequestOp.newBuilder().setRequestTxn(request).build();
  }

  static TxnRequest txn(RequestOp... success) {
    return TxnRequest.newBuilder().addAllSuccess(List.of(success)).build();
  }

  static Compare.Builder compare(
      String key, Compare.CompareTarget target, Compare.CompareResult result) {
    return Compare.newBuilder().setKey(bytes(key)).setTarget(target).setResult(result);
  }
}
