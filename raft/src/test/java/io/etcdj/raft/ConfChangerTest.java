package io.etcdj.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.raftpb.ConfChangeSingle;
import io.etcdj.api.raftpb.ConfChangeTransition;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.api.raftpb.ConfChangeV2;
import io.etcdj.api.raftpb.ConfState;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfChangerTest {
  private static final Configuration THREE = Configuration.of(TestMember.voters(1, 2, 3));
  private static final ConfChangeV2 LEAVE = ConfChangeV2.getDefaultInstance();

  /** Changes such as "v4 l3 r1": voter 4, learner 3, remove 1, update with u. */
  static ConfChangeV2 change(ConfChangeTransition transition, String text) {
    ConfChangeV2.Builder change = ConfChangeV2.newBuilder().setTransition(transition);
    for (String word : text.split(" ", -1)) {
      ConfChangeType type =
          switch (word.charAt(0)) {
            case 'v' -> ConfChangeType.ConfChangeAddNode;
            case 'l' -> ConfChangeType.ConfChangeAddLearnerNode;
            case 'r' -> ConfChangeType.ConfChangeRemoveNode;
            case 'u' -> ConfChangeType.ConfChangeUpdateNode;
            default -> throw new IllegalArgumentException(word);
          };
      change.addChanges(
          ConfChangeSingle.newBuilder().setType(type).setNodeId(Long.parseLong(word.substring(1))));
    }
    return change.build();
  }

  static ConfChangeV2 auto(String text) {
    return change(ConfChangeTransition.ConfChangeTransitionAuto, text);
  }

  static ConfChangeV2 explicit(String text) {
    return change(ConfChangeTransition.ConfChangeTransitionJointExplicit, text);
  }

  private static void assertState(
      Configuration c,
      List<Long> voters,
      List<Long> learners,
      List<Long> outgoing,
      List<Long> next,
      boolean autoLeave) {
    assertThat(c.toConfState())
        .isEqualTo(
            ConfState.newBuilder()
                .addAllVoters(voters)
                .addAllLearners(learners)
                .addAllVotersOutgoing(outgoing)
                .addAllLearnersNext(next)
                .setAutoLeave(autoLeave)
                .build());
    assertThat(Configuration.of(c.toConfState())).as("reads what it writes").isEqualTo(c);
  }

  @Test
  void oneVoterAtATimeNeedsNoJointConfiguration() {
    Configuration four = ConfChanger.apply(THREE, auto("v4"));
    assertState(four, List.of(1L, 2L, 3L, 4L), List.of(), List.of(), List.of(), false);
    assertState(
        ConfChanger.apply(four, auto("r1")),
        List.of(2L, 3L, 4L),
        List.of(),
        List.of(),
        List.of(),
        false);
  }

  @Test
  void aLearnerIsPromotedAndAVoterDemoted() {
    Configuration withLearner = ConfChanger.apply(THREE, auto("l4"));
    assertState(withLearner, List.of(1L, 2L, 3L), List.of(4L), List.of(), List.of(), false);
    assertState(
        ConfChanger.apply(withLearner, auto("v4")),
        List.of(1L, 2L, 3L, 4L),
        List.of(),
        List.of(),
        List.of(),
        false);
    assertState(
        ConfChanger.apply(THREE, auto("l3")),
        List.of(1L, 2L),
        List.of(3L),
        List.of(),
        List.of(),
        false);
  }

  @Test
  void severalChangesPassThroughAJointConfiguration() {
    Configuration joint = ConfChanger.apply(THREE, auto("v4 r1"));
    assertState(joint, List.of(2L, 3L, 4L), List.of(), List.of(1L, 2L, 3L), List.of(), true);
    assertThat(joint.members()).isEqualTo(IdSet.of(1, 2, 3, 4));
    assertState(
        ConfChanger.apply(joint, LEAVE),
        List.of(2L, 3L, 4L),
        List.of(),
        List.of(),
        List.of(),
        false);
  }

  @Test
  void anExplicitTransitionWaitsToBeLeft() {
    assertThat(ConfChanger.apply(THREE, explicit("v4")).autoLeave()).isFalse();
    assertThat(
            ConfChanger.apply(
                    THREE, change(ConfChangeTransition.ConfChangeTransitionJointImplicit, "v4"))
                .autoLeave())
        .isTrue();
  }

  @Test
  void aVoterThatBecomesALearnerVotesUntilTheJointConfigurationIsLeft() {
    Configuration joint = ConfChanger.apply(THREE, explicit("l3 v4"));
    assertState(joint, List.of(1L, 2L, 4L), List.of(), List.of(1L, 2L, 3L), List.of(3L), false);
    assertState(
        ConfChanger.apply(joint, LEAVE),
        List.of(1L, 2L, 4L),
        List.of(3L),
        List.of(),
        List.of(),
        false);
  }

  @Test
  void theSecondThoughtWithinOneChangeCounts() {
    assertState(
        ConfChanger.apply(THREE, explicit("l3 v3")),
        List.of(1L, 2L, 3L),
        List.of(),
        List.of(1L, 2L, 3L),
        List.of(),
        false);
    assertState(
        ConfChanger.apply(THREE, explicit("r3 l3")),
        List.of(1L, 2L),
        List.of(),
        List.of(1L, 2L, 3L),
        List.of(3L),
        false);
  }

  @Test
  void blankAndUpdatingChangesLeaveTheConfigurationAsItIs() {
    assertThat(ConfChanger.apply(THREE, auto("v0"))).isEqualTo(THREE);
    assertThat(ConfChanger.apply(THREE, auto("u2"))).isEqualTo(THREE);
    assertThat(ConfChanger.apply(THREE, auto("r9"))).isEqualTo(THREE);
  }

  @Test
  void changesThatDoNotFitAreRefused() {
    Configuration joint = ConfChanger.apply(THREE, explicit("v4"));
    Configuration one = Configuration.of(TestMember.voters(1));
    assertRefused(THREE, LEAVE, "is not joint");
    assertRefused(joint, auto("v5"), "does not fit a joint");
    assertRefused(joint, explicit("v5"), "joint already");
    assertRefused(one, auto("r1"), "all voters");
    assertRefused(THREE, explicit("r1 r2 r3"), "all voters");
    assertRefused(Configuration.EMPTY, explicit("v1"), "without voters");
  }

  private static void assertRefused(Configuration now, ConfChangeV2 change, String why) {
    assertThatThrownBy(() -> ConfChanger.apply(now, change))
        .isInstanceOf(ConfChangeException.class)
        .hasMessageContaining(why);
  }
}
