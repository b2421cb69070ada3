package io.etcdj.raft;

/**
 * What a leader knows of one member (itself included).
 *
 * @param match the highest entry known to be on the member's disk
 * @param next the entry to send next
 * @param pendingSnapshot the index of the snapshot on its way, 0 when there is none
 * @param recentActive heard of since the last quorum check
 * @param paused nothing is sent until the member answers
 */
public record FollowerStatus(
    long id,
    long match,
    long next,
    ProgressState state,
    long pendingSnapshot,
    boolean recentActive,
    boolean isLearner,
    boolean paused) {}
