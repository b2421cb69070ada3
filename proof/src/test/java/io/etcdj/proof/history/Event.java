package io.etcdj.proof.history;

import org.jspecify.annotations.Nullable;

/**
 * One change of one key, as a watcher is told of it.
 *
 * @param value null for a deletion, which has neither {@code createRevision} nor {@code version}
 */
public record Event(
    String key, long revision, @Nullable String value, long createRevision, long version) {
  @Override
  public String toString() {
    return value == null
        ? "delete " + key + "@" + revision
        : String.format(
            "put %s=%s@%d (created %d, version %d)", key, value, revision, createRevision, version);
  }
}
