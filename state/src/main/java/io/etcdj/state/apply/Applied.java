package io.etcdj.state.apply;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdException;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.v2.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an entry came to.
 *
 * @param response the answer; null if it was refused or there is nothing to say
 * @param refusal why it was refused, or null
 * @param changes the keys it changed, in order
 * @param compactTo the revision whose compaction was accepted and is to be carried out, or 0
 * @param overQuota whether it was written although the database is beyond its quota: the answer is
 *     a refusal, and whoever proposed it raises the alarm
 * @param v2 what came of a request of the v2 API, which has answers of its own; else null
 */
public record Applied(
    @Nullable Message response,
    @Nullable EtcdException refusal,
    List<Change> changes,
    long compactTo,
    boolean overQuota,
    @Nullable Outcome v2) {

  static Applied answer(Message response) {
    return new Applied(response, null, List.of(), 0, false, null);
  }

  static Applied changed(Message response, List<Change> changes) {
    return new Applied(response, null, changes, 0, false, null);
  }

  static Applied compacting(Message response, long revision) {
    return new Applied(response, null, List.of(), revision, false, null);
  }

  /** The answer to a request of the v2 API. */
  public static Applied v2(Outcome outcome) {
    return new Applied(null, null, List.of(), 0, false, outcome);
  }

  /** The answer to a change of members, which carries nothing. */
  public static Applied done() {
    return new Applied(null, null, List.of(), 0, false, null);
  }

  /** An answer that is a refusal. */
  public static Applied refused(EtcdException refusal) {
    return new Applied(null, refusal, List.of(), 0, false, null);
  }

  Applied beyondQuota(EtcdException noSpace) {
    return new Applied(null, noSpace, changes, compactTo, true, v2);
  }
}
