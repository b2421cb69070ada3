package io.etcdj.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EtcdErrorTest {
  @Test
  void everyRefusalHasWordsOfItsOwnBecauseClientsMatchOnTheText() {
    assertThat(Arrays.stream(EtcdError.values()).map(EtcdError::message)).doesNotHaveDuplicates();
    assertThat(Arrays.stream(EtcdError.values()).map(EtcdError::message))
        .allMatch(message -> message.startsWith("etcdserver: "));
  }

  @Test
  void theDetailIsForTheLogAndTheWireSeesOnlyTheTable() {
    EtcdException refusal = EtcdError.LEASE_NOT_FOUND.because("lease 7");
    assertThat(refusal.getMessage()).isEqualTo("etcdserver: requested lease not found (lease 7)");
    assertThat(refusal.wireMessage()).isEqualTo("etcdserver: requested lease not found");
    assertThat(refusal.code()).isEqualTo(GrpcCode.NOT_FOUND);
  }

  @Test
  void twoRefusalsReachTheWireAsUnknown() {
    assertThat(EtcdError.REQUEST_TOO_MANY_REQUESTS.code()).isEqualTo(GrpcCode.UNKNOWN);
    assertThat(EtcdError.MEMBER_NOT_ENOUGH_STARTED.code()).isEqualTo(GrpcCode.UNKNOWN);
  }

  @Test
  void codesKeepGrpcsNumbers() {
    assertThat(GrpcCode.UNAUTHENTICATED.number()).isEqualTo(16);
    assertThat(GrpcCode.of(5)).isEqualTo(GrpcCode.NOT_FOUND);
    assertThat(GrpcCode.of(99)).isEqualTo(GrpcCode.UNKNOWN);
  }
}
