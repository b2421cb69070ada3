package io.etcdj.raft;

import com.google.protobuf.ByteString;

/**
 * The answer to a {@link RaftCore#readIndex}: once {@code index} is applied, a read that carried
 * {@code context} is linearizable (thesis §6.4).
 */
public record ReadState(long index, ByteString context) {}
