package io.etcdj.server.service;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestChecksTest {
  private static final ByteString OPEN = ByteString.copyFrom(new byte[1]);

  private final RequestChecks checks = new RequestChecks(128);

  private static RequestOp put(String key) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
        .build();
  }

  private static RequestOp delete(String from, ByteString end) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(
            DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(from)).setRangeEnd(end))
        .build();
  }

  private static RequestOp nested(RequestOp... ops) {
    return RequestOp.newBuilder().setRequestTxn(txn(ops)).build();
  }

  private static TxnRequest txn(RequestOp... ops) {
    return TxnRequest.newBuilder().addAllSuccess(List.of(ops)).build();
  }

  private void refuses(RequestOp... ops) {
    assertThatThrownBy(() -> checks.check(txn(ops))).hasMessage(EtcdError.DUPLICATE_KEY.message());
  }

  private void accepts(RequestOp... ops) {
    assertThatCode(() -> checks.check(txn(ops))).doesNotThrowAnyException();
  }

  @Test
  void aKeyIsNotPutTwiceNorPutAndDeleted() {
    refuses(put("k"), put("k"));
    refuses(put("k"), delete("k", ByteString.EMPTY));
    refuses(delete("a", ByteString.copyFromUtf8("z")), put("k"));
    refuses(put("k"), nested(put("k")));
    refuses(nested(delete("k", ByteString.EMPTY)), nested(put("k")));
  }

  @Test
  void deletesWithoutEndAndThoseBehindANestedPutAreLetThroughAsEtcdDoes() {
    accepts(put("k"), delete("a", OPEN));
    accepts(nested(put("k")), nested(delete("k", ByteString.EMPTY)));
  }
}
