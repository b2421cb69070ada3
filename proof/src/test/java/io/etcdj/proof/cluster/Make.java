package io.etcdj.proof.cluster;

/** Whose server a member is. */
public enum Make {
  OURS,
  ORIGINAL
}
