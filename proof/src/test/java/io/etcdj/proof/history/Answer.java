package io.etcdj.proof.history;

import org.jspecify.annotations.Nullable;

/**
 * What the server said.
 *
 * @param revision of the header: the store's when the call was carried out, its own for a write
 * @param wrote whether it changed the key: always for a put, never for a get, for a delete if there
 *     was a key, for a swap if the comparison held
 * @param seen what the key held before a write, or what was read; null if the server did not tell
 */
public record Answer(long revision, boolean wrote, @Nullable Cell seen) {
  @Override
  public String toString() {
    return (wrote ? "wrote" : "read")
        + " at revision "
        + revision
        + (seen == null ? "" : wrote ? " over " + seen : " " + seen);
  }
}
