package io.etcdj.raft;

import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/**
 * A set of voters that decides by more than half (§5.2, §5.3).
 *
 * <pre>
 *   voters {1, 2, 3}   matches 1:7 2:5 3:2      committed 5: two of three hold entry 5
 *   voters {1..4}      matches 9 7 5 2          committed 5: three of four hold it
 *   voters {}          committed Long.MAX_VALUE, every vote is won: the absent half of a joint
 *                      configuration must not stand in the way
 * </pre>
 */
record Majority(IdSet voters) {
  static final Majority NONE = new Majority(IdSet.EMPTY);

  /** The highest index that a majority has reached. */
  long committed(LongUnaryOperator matchOf) {
    int n = voters.size();
    if (n == 0) {
      return Long.MAX_VALUE;
    }
    long[] ascending = new long[n];
    for (int i = 0; i < n; i++) {
      long match = matchOf.applyAsLong(voters.get(i));
      int at = i;
      while (at > 0 && ascending[at - 1] > match) {
        ascending[at] = ascending[at - 1];
        at--;
      }
      ascending[at] = match;
    }
    return ascending[n - quorum()];
  }

  VoteResult tally(LongPredicate saidYes, LongPredicate saidNo) {
    int n = voters.size();
    int yes = 0;
    int no = 0;
    for (int i = 0; i < n; i++) {
      long voter = voters.get(i);
      if (saidYes.test(voter)) {
        yes++;
      } else if (saidNo.test(voter)) {
        no++;
      }
    }
    if (n == 0 || yes >= quorum()) {
      return VoteResult.WON;
    }
    return n - no < quorum() ? VoteResult.LOST : VoteResult.PENDING;
  }

  private int quorum() {
    return voters.size() / 2 + 1;
  }
}
