package io.etcdj.raft;

import io.etcdj.api.raftpb.ConfState;
import java.util.List;

/**
 * The core at one moment.
 *
 * @param vote the candidate voted for in this term, 0 for none
 * @param applied the last entry that was handed out and advanced past
 * @param leader 0 when unknown
 * @param leadTransferee the member that this leader is handing over to, 0 for none
 * @param followers by ascending id; empty unless this member leads
 */
public record Status(
    long id,
    long term,
    long vote,
    long commit,
    long applied,
    long leader,
    Role role,
    long leadTransferee,
    List<FollowerStatus> followers,
    ConfState conf) {}
