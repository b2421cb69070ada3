package io.etcdj.raft;

/** Who leads, as far as this member knows, and its own role; never written to disk. */
public record SoftState(long leader, Role role) {}
