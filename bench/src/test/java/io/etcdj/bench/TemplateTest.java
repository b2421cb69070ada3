package io.etcdj.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.TxnRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
  private static PutRequest put(int keySizeBytes, ByteString value) {
    return PutRequest.newBuilder().setKey(Template.hole(keySizeBytes)).setValue(value).build();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 16, 35, 127}) // 35: the length byte itself looks like a hole
  void theKeyIsReplacedAndNothingElse(int keySizeBytes) throws InvalidProtocolBufferException {
    ByteString value = Template.value(300, 1);
    Template template = Template.of(put(keySizeBytes, value), keySizeBytes);

    template.key(0, 7);

    PutRequest filled = PutRequest.parseFrom(template.bytes());
    assertThat(filled.getKey().toStringUtf8()).isEqualTo("k" + "0".repeat(keySizeBytes - 2) + "7");
    assertThat(filled.getValue()).isEqualTo(value);
  }

  @Test
  void aKeyIsWrittenAnewEachTime() throws InvalidProtocolBufferException {
    Template template = Template.of(put(6, ByteString.EMPTY), 6);

    template.key(0, 99_999);
    template.key(0, 5);

    assertThat(PutRequest.parseFrom(template.bytes()).getKey().toStringUtf8()).isEqualTo("k00005");
  }

  @Test
  void eachPutOfATransactionHasItsOwnKey() throws InvalidProtocolBufferException {
    TxnRequest.Builder message = TxnRequest.newBuilder();
    for (int i = 0; i < 3; i++) {
      message.addSuccess(RequestOp.newBuilder().setRequestPut(put(4, Template.value(9, 1))));
    }
    Template template = Template.of(message.build(), 4);

    for (int i = 0; i < template.holes(); i++) {
      template.key(i, 10 + i);
    }

    assertThat(TxnRequest.parseFrom(template.bytes()).getSuccessList())
        .extracting(operation -> operation.getRequestPut().getKey().toStringUtf8())
        .containsExactly("k010", "k011", "k012");
  }
}
