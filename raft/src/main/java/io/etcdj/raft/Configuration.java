package io.etcdj.raft;

import io.etcdj.api.raftpb.ConfState;

/**
 * Who takes part, and how.
 *
 * <p>While joint, a voter that is to become a learner still votes in the outgoing half, so it waits
 * in {@code learnersNext} until the joint configuration is left:
 *
 * <pre>
 *   voters {1, 2, 3}                                3 becomes a learner, 4 a voter
 *   voters {1, 2, 4} x {1, 2, 3}, next {3}          joint
 *   voters {1, 2, 4}, learners {3}                  left
 * </pre>
 *
 * @param learners get the log but have no vote (thesis §4.2.1)
 * @param autoLeave the leader leaves the joint configuration by itself
 */
record Configuration(JointMajority voters, IdSet learners, IdSet learnersNext, boolean autoLeave) {
  static final Configuration EMPTY =
      new Configuration(
          new JointMajority(Majority.NONE, Majority.NONE), IdSet.EMPTY, IdSet.EMPTY, false);

  static Configuration of(ConfState state) {
    return new Configuration(
        new JointMajority(
            new Majority(IdSet.copyOf(state.getVotersList())),
            new Majority(IdSet.copyOf(state.getVotersOutgoingList()))),
        IdSet.copyOf(state.getLearnersList()),
        IdSet.copyOf(state.getLearnersNextList()),
        state.getAutoLeave());
  }

  IdSet incoming() {
    return voters.incoming().voters();
  }

  IdSet outgoing() {
    return voters.outgoing().voters();
  }

  boolean isJoint() {
    return !outgoing().isEmpty();
  }

  IdSet members() {
    return incoming().union(outgoing()).union(learners); // learnersNext are in outgoing
  }

  ConfState toConfState() {
    return ConfState.newBuilder()
        .addAllVoters(incoming().toList())
        .addAllLearners(learners.toList())
        .addAllVotersOutgoing(outgoing().toList())
        .addAllLearnersNext(learnersNext.toList())
        .setAutoLeave(autoLeave)
        .build();
  }
}
