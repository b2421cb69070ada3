package io.etcdj.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.server.text.EtcdUrl;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EndpointsTest {
  private static final EtcdUrl A = EtcdUrl.parse("http://a:1");
  private static final EtcdUrl B = EtcdUrl.parse("http://b:1");
  private static final EtcdUrl C = EtcdUrl.parse("http://c:1");

  private long now = Long.MAX_VALUE - 5; // such clocks may start anywhere
  private final Endpoints endpoints = new Endpoints(100, () -> now, new Random(1));

  @Test
  void oneThatFailedIsLeftAloneForAWhile() {
    assertThat(endpoints.usable()).isEmpty();
    assertThat(endpoints.replace(List.of(A, B))).isTrue();
    endpoints.failed(A);
    assertThat(endpoints.usable()).containsExactly(B);
    now += 99;
    assertThat(endpoints.usable()).containsExactly(B);
    now += 1;
    assertThat(endpoints.usable()).containsExactlyInAnyOrder(A, B);
  }

  @Test
  void newMembersChangeNothingForThoseThatStay() {
    endpoints.replace(List.of(A, B));
    endpoints.failed(A);
    assertThat(endpoints.replace(List.of(B, A))).isFalse();
    assertThat(endpoints.replace(List.of(A, C))).isTrue();
    assertThat(endpoints.usable()).containsExactly(C);
    endpoints.replace(List.of(C));
    endpoints.failed(A); // a request was still on its way there
    endpoints.replace(List.of(A, C));
    assertThat(endpoints.usable()).containsExactlyInAnyOrder(A, C);
  }
}
