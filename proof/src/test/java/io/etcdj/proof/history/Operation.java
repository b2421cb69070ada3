package io.etcdj.proof.history;

import org.jspecify.annotations.Nullable;

/**
 * One call of one client on one key.
 *
 * @param client who called; a client has one call under way at a time
 * @param calledNanos just before it was sent, by one clock for all clients
 * @param returnedNanos just after the answer came; without an answer it does not count
 * @param answer null if nobody knows: it may take effect at any time after the call, or never. A
 *     call that the server certainly refused does not belong into a history at all.
 */
public record Operation(
    int client,
    String key,
    Call call,
    long calledNanos,
    long returnedNanos,
    @Nullable Answer answer) {

  /** Whether it certainly wrote. */
  public boolean wrote() {
    return answer != null && answer.wrote();
  }

  @Override
  public String toString() {
    return String.format(
        "client %d, %d..%s us, %s %s: %s",
        client,
        calledNanos / 1_000,
        answer == null ? "" : Long.toString(returnedNanos / 1_000),
        key,
        call,
        answer == null ? "no answer" : answer);
  }
}
