package io.etcdj.raft;

import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/**
 * The voters of a configuration; two majorities while it changes jointly, and both must agree (§6).
 *
 * <pre>
 *   incoming {1, 2, 3}, outgoing {3, 4, 5}, matches 1:9 2:8 3:4 4:2 5:2
 *   committed   incoming 8, outgoing 2, together 2
 * </pre>
 *
 * @param outgoing empty unless the configuration is joint
 */
record JointMajority(Majority incoming, Majority outgoing) {
  long committed(LongUnaryOperator matchOf) {
    return Math.min(incoming.committed(matchOf), outgoing.committed(matchOf));
  }

  VoteResult tally(LongPredicate saidYes, LongPredicate saidNo) {
    VoteResult in = incoming.tally(saidYes, saidNo);
    VoteResult out = outgoing.tally(saidYes, saidNo);
    if (in == out) {
      return in;
    }
    return in == VoteResult.LOST || out == VoteResult.LOST ? VoteResult.LOST : VoteResult.PENDING;
  }

  /** Whether those who said yes suffice for any decision. */
  boolean hasQuorum(LongPredicate saidYes) {
    return tally(saidYes, id -> false) == VoteResult.WON;
  }

  boolean contains(long id) {
    return incoming.voters().contains(id) || outgoing.voters().contains(id);
  }
}
