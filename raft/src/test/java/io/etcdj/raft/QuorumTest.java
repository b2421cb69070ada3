package io.etcdj.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuorumTest {
  private static Majority of(long... voters) {
    return new Majority(IdSet.of(voters));
  }

  @Test
  void theCommitIsTheHighestIndexThatAMajorityHolds() {
    long seed = Long.getLong("seed", 1);
    Random random = new Random(seed);
    for (int run = 0; run < 5_000; run++) {
      IdSet voters = IdSet.EMPTY;
      Map<Long, Long> matches = new HashMap<>();
      int n = 1 + random.nextInt(9);
      for (int i = 0; i < n; i++) {
        long id = random.nextLong();
        voters = voters.with(id);
        matches.put(id, (long) random.nextInt(12));
      }
      long committed = new Majority(voters).committed(id -> matches.getOrDefault(id, 0L));
      assertThat(holders(matches, committed)).as("seed %d", seed).isGreaterThan(n / 2);
      assertThat(holders(matches, committed + 1)).as("seed %d", seed).isLessThanOrEqualTo(n / 2);
    }
  }

  private static int holders(Map<Long, Long> matches, long index) {
    int holders = 0;
    for (long match : matches.values()) {
      holders += match >= index ? 1 : 0;
    }
    return holders;
  }

  @Test
  void anElectionIsWonLostOrOpen() {
    Majority three = of(1, 2, 3);
    assertThat(three.tally(id -> id <= 2, id -> false)).isEqualTo(VoteResult.WON);
    assertThat(three.tally(id -> id == 1, id -> id == 2)).isEqualTo(VoteResult.PENDING);
    assertThat(three.tally(id -> id == 1, id -> id > 1)).isEqualTo(VoteResult.LOST);
    Majority four = of(1, 2, 3, 4);
    assertThat(four.tally(id -> id <= 2, id -> id > 2))
        .as("half is not enough")
        .isEqualTo(VoteResult.LOST);
    assertThat(four.tally(id -> id <= 2, id -> id == 3)).isEqualTo(VoteResult.PENDING);
    assertThat(four.tally(id -> id <= 3, id -> id == 4)).isEqualTo(VoteResult.WON);
  }

  @Test
  void noVotersNeverStandInTheWay() {
    assertThat(Majority.NONE.tally(id -> false, id -> true)).isEqualTo(VoteResult.WON);
    assertThat(Majority.NONE.committed(id -> 0)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aJointDecisionNeedsBothHalves() {
    JointMajority joint = new JointMajority(of(1, 2, 3), of(3, 4, 5));
    long[] matches = {0, 9, 8, 4, 2, 2};
    assertThat(joint.committed(id -> matches[(int) id])).isEqualTo(2);
    assertThat(joint.tally(id -> id <= 3, id -> false)).isEqualTo(VoteResult.PENDING);
    assertThat(joint.tally(id -> id <= 3, id -> id > 3)).isEqualTo(VoteResult.LOST);
    assertThat(joint.tally(id -> id >= 2 && id <= 4, id -> false)).isEqualTo(VoteResult.WON);
    assertThat(joint.hasQuorum(id -> id <= 2)).isFalse();
    assertThat(joint.hasQuorum(id -> id != 1 && id != 5)).isTrue();
  }

  @Test
  void idsAreOrderedAsUnsignedNumbers() {
    IdSet ids = IdSet.of(-1, 5, 1);
    assertThat(ids.toList()).containsExactly(1L, 5L, -1L);
    assertThat(ids.without(5).toList()).containsExactly(1L, -1L);
    assertThat(ids.difference(IdSet.of(5, 7))).isEqualTo(3);
    assertThat(ids.union(IdSet.of(5, 7)).toList()).containsExactly(1L, 5L, 7L, -1L);
  }
}
