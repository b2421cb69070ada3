package io.etcdj.raft;

import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeSingle;
import io.etcdj.api.raftpb.ConfChangeTransition;
import io.etcdj.api.raftpb.ConfChangeV2;
import java.util.List;

/**
 * The arithmetic of configuration changes: a configuration and a change give the next one.
 *
 * <p>One voter more or less is applied at once, because then any two majorities overlap (thesis
 * §4.1). Anything else passes through a joint configuration (§6):
 *
 * <pre>
 *   {1, 2, 3}              add 4                        {1, 2, 3, 4}
 *   {1, 2, 3}              add 4, remove 1              {2, 3, 4} x {1, 2, 3}
 *   {2, 3, 4} x {1, 2, 3}  no changes: leave            {2, 3, 4}
 * </pre>
 */
final class ConfChanger {
  private ConfChanger() {}

  /** A single change in the form that covers all. */
  static ConfChangeV2 widen(ConfChange change) {
    return ConfChangeV2.newBuilder()
        .setTransition(ConfChangeTransition.ConfChangeTransitionAuto)
        .addChanges(
            ConfChangeSingle.newBuilder().setType(change.getType()).setNodeId(change.getNodeId()))
        .setContext(change.getContext())
        .build();
  }

  static boolean leavesJoint(ConfChangeV2 change) {
    return change.getChangesCount() == 0
        && change.getTransition() == ConfChangeTransition.ConfChangeTransitionAuto;
  }

  /**
   * @throws ConfChangeException when the change does not fit
   */
  static Configuration apply(Configuration now, ConfChangeV2 change) {
    if (leavesJoint(change)) {
      return leaveJoint(now);
    }
    boolean joint =
        change.getTransition() != ConfChangeTransition.ConfChangeTransitionAuto
            || change.getChangesCount() > 1;
    if (joint) {
      boolean autoLeave =
          change.getTransition() != ConfChangeTransition.ConfChangeTransitionJointExplicit;
      return enterJoint(now, change.getChangesList(), autoLeave);
    }
    return simple(now, change.getChangesList());
  }

  private static Configuration simple(Configuration now, List<ConfChangeSingle> changes) {
    require(!now.isJoint(), "a simple change does not fit a joint configuration");
    Configuration next = applyAll(now, changes);
    require(
        now.incoming().difference(next.incoming()) <= 1,
        "more than one voter changed without a joint configuration");
    return next;
  }

  private static Configuration enterJoint(
      Configuration now, List<ConfChangeSingle> changes, boolean autoLeave) {
    require(!now.isJoint(), "the configuration is joint already");
    require(!now.incoming().isEmpty(), "a configuration without voters cannot become joint");
    Configuration doubled =
        new Configuration(
            new JointMajority(now.voters().incoming(), now.voters().incoming()),
            now.learners(),
            now.learnersNext(),
            autoLeave);
    return applyAll(doubled, changes);
  }

  private static Configuration leaveJoint(Configuration now) {
    require(now.isJoint(), "the configuration is not joint");
    return new Configuration(
        new JointMajority(now.voters().incoming(), Majority.NONE),
        now.learners().union(now.learnersNext()),
        IdSet.EMPTY,
        false);
  }

  private static Configuration applyAll(Configuration now, List<ConfChangeSingle> changes) {
    IdSet incoming = now.incoming();
    IdSet learners = now.learners();
    IdSet learnersNext = now.learnersNext();
    for (ConfChangeSingle change : changes) {
      long id = change.getNodeId();
      if (id == 0) {
        continue; // refused after it was committed: the state machine blanks the id
      }
      switch (change.getType()) {
        case ConfChangeAddNode -> {
          incoming = incoming.with(id);
          learners = learners.without(id);
          learnersNext = learnersNext.without(id);
        }
        case ConfChangeAddLearnerNode -> {
          incoming = incoming.without(id);
          if (now.outgoing().contains(id)) {
            learnersNext = learnersNext.with(id); // still a voter of the outgoing half
          } else {
            learners = learners.with(id);
          }
        }
        case ConfChangeRemoveNode -> {
          incoming = incoming.without(id);
          learners = learners.without(id);
          learnersNext = learnersNext.without(id);
        }
        case ConfChangeUpdateNode -> {} // addresses are the state machine's business
      }
    }
    require(!incoming.isEmpty(), "the change removes all voters");
    return new Configuration(
        new JointMajority(new Majority(incoming), now.voters().outgoing()),
        learners,
        learnersNext,
        now.autoLeave());
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new ConfChangeException(message);
    }
  }
}
