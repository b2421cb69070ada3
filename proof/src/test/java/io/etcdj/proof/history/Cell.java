package io.etcdj.proof.history;

import org.jspecify.annotations.Nullable;

/** What a key held: value and mod_revision, or nothing (null and 0). */
public record Cell(@Nullable String value, long modRevision) {
  public static final Cell ABSENT = new Cell(null, 0);

  @Override
  public String toString() {
    return value == null ? "nothing" : value + "@" + modRevision;
  }
}
