package io.etcdj.server.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.state.lease.Leases;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaseClockTest {
  private long nowNanos = 1_000_000;
  private final List<Long> revoked = new ArrayList<>();
  private final List<Long> whole = new ArrayList<>();
  private final LeaseClock clock = new LeaseClock(() -> nowNanos, revoked::add, whole::add);

  private void pass(long seconds) {
    nowNanos += TimeUnit.SECONDS.toNanos(seconds);
  }

  private static Leases.Terms terms(long id, long ttlSeconds) {
    return new Leases.Terms(id, ttlSeconds, 0);
  }

  @Test
  void aLeaseIsProposedForRevocationWhenItsTimeIsOverAndNotBefore() {
    clock.promote(List.of(), 0);
    clock.granted(terms(7, 10));
    pass(9);
    clock.expire();
    assertThat(revoked).isEmpty();
    pass(1);
    clock.expire();
    assertThat(revoked).containsExactly(7L);
  }

  @Test
  void renewingGivesTheWholeTimeAgain() {
    clock.promote(List.of(), 0);
    clock.granted(terms(7, 10));
    pass(9);
    assertThat(clock.renew(7)).isEqualTo(10);
    pass(9);
    clock.expire();
    assertThat(revoked).isEmpty();
    assertThat(clock.remaining(7)).isEqualTo(new LeaseClock.Remaining(1, 10));
  }

  @Test
  void aLeaseOfWhichLessIsOnRecordStartsThereAndIsRecordedAnewWhenItIsRenewed() {
    clock.promote(List.of(new Leases.Terms(7, 600, 200), terms(8, 600)), 0);
    assertThat(clock.remaining(7)).isEqualTo(new LeaseClock.Remaining(200, 600));
    assertThat(clock.longerThan(300)).isEqualTo(Map.of(7L, 200L, 8L, 600L));
    assertThat(clock.renew(8)).isEqualTo(600);
    assertThat(whole).isEmpty();
    assertThat(clock.renew(7)).isEqualTo(600);
    assertThat(whole).containsExactly(7L);
    clock.checkpointed(7, 0);
    assertThat(clock.renew(7)).isEqualTo(600);
    assertThat(whole).containsExactly(7L);
  }

  @Test
  void whatIsOnRecordDoesNotShortenALeaseThatWasRenewedMeanwhile() {
    clock.promote(List.of(terms(7, 600)), 0);
    clock.checkpointed(7, 100);
    pass(599);
    clock.expire();
    assertThat(revoked).isEmpty();
  }

  @Test
  void anExpiredOrUnknownLeaseCannotBeRenewed() {
    clock.promote(List.of(), 0);
    clock.granted(terms(7, 10));
    pass(10);
    assertThat(clock.renew(7)).isZero();
    assertThat(clock.renew(8)).isZero();
  }

  @Test
  void aFollowerExpiresNothingAndKnowsNoDeadlines() {
    clock.granted(terms(7, 1));
    pass(100);
    clock.expire();
    assertThat(revoked).isEmpty();
    assertThat(clock.remaining(7)).isNull();
    assertThat(clock.renew(7)).isZero();
  }

  @Test
  void aNewLeaderGivesEveryLeaseItsWholeTimeAndTheElectionOnTop() {
    clock.promote(List.of(terms(7, 10)), 1_000);
    pass(10);
    clock.expire();
    assertThat(revoked).isEmpty();
    pass(1);
    clock.expire();
    assertThat(revoked).containsExactly(7L);
  }

  @Test
  void aRevocationThatGetsLostIsProposedAgain() {
    clock.promote(List.of(terms(7, 1)), 0);
    pass(1);
    clock.expire();
    clock.expire();
    assertThat(revoked).containsExactly(7L);
    pass(3);
    clock.expire();
    assertThat(revoked).containsExactly(7L, 7L);
    clock.revoked(7);
    pass(10);
    clock.expire();
    assertThat(revoked).hasSize(2);
    assertThat(clock.expiredTotal()).isEqualTo(1);
  }

  @Test
  void aPileOfExpiredLeasesIsRevokedAFewAtATime() {
    List<Leases.Terms> many = new ArrayList<>();
    for (int id = 1; id <= 100; id++) {
      many.add(terms(id, 5));
    }
    clock.promote(many, 0);
    pass(5);
    clock.expire();
    assertThat(revoked).hasSize(16);
    List.copyOf(revoked).forEach(clock::revoked);
    clock.expire();
    assertThat(revoked).hasSize(32).doesNotHaveDuplicates();
  }

  @Test
  void leasesAreSortedByWhenTheyExpireToTheNanosecond() {
    clock.promote(List.of(), 0);
    clock.granted(terms(3, 60));
    nowNanos++;
    clock.granted(terms(1, 60));
    nowNanos++;
    clock.granted(terms(2, 30));
    assertThat(clock.soonestFirst(List.of(1L, 2L, 99L, 3L))).containsExactly(2L, 3L, 1L, 99L);
  }
}
