package io.etcdj.server.service;

import com.google.protobuf.Message;
import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.server.front.rpc.Call;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.propose.Proposals;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.apply.Quota;
import java.util.function.LongPredicate;

/** Sends a call's request through the log and answers the call with what came of it. */
public final class Submission {
  private final Proposals proposals;
  private final Quota quota;
  private final LongPredicate diskFull;
  private final Runnable raiseNoSpace;

  /**
   * @param diskFull whether a write of so many bytes must not be made for now
   * @param raiseNoSpace proposes this member's NOSPACE alarm
   */
  public Submission(
      Proposals proposals, Quota quota, LongPredicate diskFull, Runnable raiseNoSpace) {
    this.proposals = proposals;
    this.quota = quota;
    this.diskFull = diskFull;
    this.raiseNoSpace = raiseNoSpace;
  }

  public <R extends Message> void submit(Call<?, R> call, InternalRaftRequest.Builder request) {
    long cost = Quota.cost(request);
    if (diskFull.test(cost)) {
      throw EtcdError.NO_SPACE.because("disk full");
    }
    if (cost > 0 && !quota.allows(request)) {
      raiseNoSpace.run();
      throw EtcdError.NO_SPACE.exception();
    }
    proposals.propose(request, (applied, completions) -> answer(call, applied, completions));
  }

  @SuppressWarnings("unchecked") // a request's result is the response of its own method
  private static <R extends Message> void answer(
      Call<?, R> call, Applied applied, Completions completions) {
    EtcdException refusal = applied.refusal();
    if (refusal != null) {
      completions.fail(call, refusal);
      return;
    }
    Message response = applied.response();
    if (response == null) {
      throw new IllegalStateException(call.rpc().path() + " was applied without a response");
    }
    completions.respond(call, (R) response);
  }
}
