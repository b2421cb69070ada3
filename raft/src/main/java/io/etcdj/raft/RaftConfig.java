package io.etcdj.raft;

/**
 * The settings of one member's core.
 *
 * @param id this member, not 0
 * @param electionTicks ticks without a leader before an election; each timeout is drawn from {@code
 *     [electionTicks, 2 * electionTicks)} (§5.2)
 * @param heartbeatTicks ticks between two heartbeats of a leader, less than {@code electionTicks}
 * @param maxMessageBytes limit for the entries of one append message (at least one entry is sent)
 * @param maxCommittedBytesPerReady limit for the committed entries of one {@link Ready} (at least
 *     one)
 * @param maxUncommittedBytes a leader drops proposals while this much payload waits for its commit;
 *     0 is no limit
 * @param maxInflightMessages appends on their way to one follower
 * @param maxInflightBytes payload on its way to one follower; 0 is no limit
 * @param checkQuorum a leader that hears no quorum for an election timeout steps down, and members
 *     that hear a leader ignore votes (thesis §6.2, §4.2.3)
 * @param preVote ask before raising the term (thesis §9.6)
 * @param readOnly how linearizable reads are made safe
 * @param applied the index that the caller has applied already and must not see again, at most the
 *     saved commit index; the configuration in {@link LogStorage#initialState} is the one as of
 *     this index
 * @param disableProposalForwarding a follower drops proposals instead of sending them to the leader
 */
public record RaftConfig(
    long id,
    int electionTicks,
    int heartbeatTicks,
    long maxMessageBytes,
    long maxCommittedBytesPerReady,
    long maxUncommittedBytes,
    int maxInflightMessages,
    long maxInflightBytes,
    boolean checkQuorum,
    boolean preVote,
    ReadOnlyOption readOnly,
    long applied,
    boolean disableProposalForwarding) {
  public RaftConfig {
    require(id != 0, "id must not be 0");
    require(heartbeatTicks > 0, "heartbeatTicks must be positive");
    require(electionTicks > heartbeatTicks, "electionTicks must be greater than heartbeatTicks");
    require(maxMessageBytes >= 0, "maxMessageBytes must not be negative");
    require(maxCommittedBytesPerReady >= 0, "maxCommittedBytesPerReady must not be negative");
    require(maxUncommittedBytes >= 0, "maxUncommittedBytes must not be negative");
    require(maxInflightMessages > 0, "maxInflightMessages must be positive");
    require(
        maxInflightBytes == 0 || maxInflightBytes >= maxMessageBytes,
        "maxInflightBytes must be 0 or hold one message");
    require(
        readOnly == ReadOnlyOption.SAFE || checkQuorum,
        "lease-based reads need checkQuorum: without it there is no lease");
    require(applied >= 0, "applied must not be negative");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
