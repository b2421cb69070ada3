package io.etcdj.raft;

import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.HardState;

/** What a member remembers when it starts; both parts are empty messages on a fresh disk. */
public record InitialState(HardState hardState, ConfState confState) {}
