package io.etcdj.state.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcdj.api.mvccpb.KeyValue;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowFieldsTest {
  private static final KeyValue WHOLE =
      KeyValue.newBuilder()
          .setKey(ByteString.copyFromUtf8("key"))
          .setCreateRevision(300)
          .setModRevision(1L << 40)
          .setVersion(7)
          .setValue(ByteString.copyFromUtf8("value".repeat(100)))
          .setLease(-1)
          .build();

  private final RowFields fields = new RowFields();

  @Test
  void theFieldsAreThoseOfTheMessage() {
    assertThat(fields.read(ByteBuffer.wrap(WHOLE.toByteArray()))).isTrue();
    assertThat(fields.key()).isEqualTo(WHOLE.getKey().toByteArray());
    assertThat(fields.createRevision()).isEqualTo(300);
    assertThat(fields.version()).isEqualTo(7);
    assertThat(fields.lease()).isEqualTo(-1);
  }

  @Test
  void aRowHasNothingOfTheOneBefore() {
    assertThat(fields.read(ByteBuffer.wrap(WHOLE.toByteArray()))).isTrue();
    assertThat(fields.read(ByteBuffer.allocate(0))).isTrue();
    assertThat(fields.key()).isEmpty();
    assertThat(fields.createRevision() + fields.version() + fields.lease()).isZero();
  }

  @Test
  void fieldsOfTheFutureArePassedOver() {
    UnknownFieldSet.Field unknown =
        UnknownFieldSet.Field.newBuilder()
            .addFixed32(1)
            .addFixed64(2)
            .addVarint(3)
            .addLengthDelimited(ByteString.copyFromUtf8("four"))
            .build();
    KeyValue newer =
        WHOLE.toBuilder()
            .setUnknownFields(UnknownFieldSet.newBuilder().addField(99, unknown).build())
            .build();
    assertThat(fields.read(ByteBuffer.wrap(newer.toByteArray()))).isTrue();
    assertThat(fields.version()).isEqualTo(7);
  }

  @Test
  void aRowThatEndsWithinAFieldIsNone() {
    byte[] short3 =
        KeyValue.newBuilder().setKey(ByteString.copyFromUtf8("abc")).build().toByteArray();
    for (int length = 1; length < short3.length; length++) {
      assertThat(fields.read(ByteBuffer.wrap(Arrays.copyOf(short3, length)))).isFalse();
    }
  }

  @Test
  void garbageIsReadOrRefusedButDoesNoHarm() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      byte[] garbage = new byte[random.nextInt(20)];
      random.nextBytes(garbage);
      var unused = fields.read(ByteBuffer.wrap(garbage));
      assertThat(fields.key().length).isLessThanOrEqualTo(garbage.length);
    }
  }
}
