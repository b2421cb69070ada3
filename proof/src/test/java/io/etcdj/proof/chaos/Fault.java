package io.etcdj.proof.chaos;

/** What can be done to a cluster; each ends with everything as it was before. */
enum Fault {
  /** SIGKILL of the leader. */
  KILL_LEADER,
  /** SIGKILL of any member. */
  KILL_ONE,
  /** SIGKILL of all members at once. */
  KILL_ALL,
  /** SIGSTOP of the leader, for longer than the others wait before they elect another. */
  PAUSE_LEADER,
  /** SIGSTOP of any member, of several for a shorter time. */
  PAUSE_SOME,
  /** The leader's connections are broken off and refused. */
  CUT_OFF_LEADER,
  /** Nothing reaches the leader or comes from it, and nobody is told. */
  SILENCE_LEADER,
  /** The members fall into two halves. */
  SPLIT,
  /** What one member says does not reach another. */
  ONE_WAY,
  /** Some links get slow. */
  SLOW,
  /** All connections among members are broken off, again and again. */
  FLAP,
  /** A member is killed again and again, soon after its start. */
  RESTART_STORM,
  /** One member after the other is stopped as an operator does it, and started again. */
  ROLLING_RESTART,
  /** The leader is asked to hand over. */
  MOVE_LEADER,
  /** A learner comes, is promoted, and takes the place of a member. */
  REPLACE,
  /** Old revisions are dropped. */
  COMPACT
}
