package io.etcdj.server.cluster;

import io.etcdj.api.EtcdError;
import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.membershippb.DowngradeInfoSetRequest;
import io.etcdj.server.propose.Proposals;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.membership.ServerVersion;
import java.util.concurrent.CompletableFuture;

/**
 * Takes the cluster back to the release before: asked for by an operator, who then replaces the
 * members' programs one by one, and ended when all are of that release.
 */
public final class Downgrades {
  private final Membership membership;
  private final Proposals proposals;

  public Downgrades(Membership membership, Proposals proposals) {
    this.membership = membership;
    this.proposals = proposals;
  }

  /**
   * Whether the cluster can be taken back to this version; returns the one that it speaks now.
   *
   * @throws EtcdException if not
   */
  public String validate(String targetText) {
    ServerVersion target = ServerVersion.parse(targetText);
    if (target == null) {
      throw EtcdError.WRONG_DOWNGRADE_VERSION_FORMAT.because(targetText);
    }
    ServerVersion current = ServerVersion.parse(membership.clusterVersion());
    if (current == null) {
      throw EtcdError.CLUSTER_VERSION_UNAVAILABLE.exception();
    }
    if (!target.equals(current.previous())) {
      throw EtcdError.INVALID_DOWNGRADE_TARGET_VERSION.because(targetText + " from " + current);
    }
    if (membership.downgrade().enabled()) {
      throw EtcdError.DOWNGRADE_IN_PROCESS.exception();
    }
    return current.release();
  }

  /** Begins; the future gives the version that the cluster speaks. */
  public CompletableFuture<String> enable(String targetText) {
    String current = validate(targetText);
    return propose(
        DowngradeInfoSetRequest.newBuilder()
            .setEnabled(true)
            .setVer(String.valueOf(ServerVersion.parse(targetText))),
        current);
  }

  /** Calls it off, if there is one; the future gives the version that the cluster speaks. */
  public CompletableFuture<String> cancel() {
    ServerVersion current = ServerVersion.parse(membership.clusterVersion());
    if (current == null) {
      throw EtcdError.CLUSTER_VERSION_UNAVAILABLE.exception();
    }
    if (!membership.downgrade().enabled()) {
      return CompletableFuture.completedFuture(current.release());
    }
    return propose(DowngradeInfoSetRequest.newBuilder().setEnabled(false), current.release());
  }

  private CompletableFuture<String> propose(DowngradeInfoSetRequest.Builder info, String answer) {
    CompletableFuture<String> done = new CompletableFuture<>();
    proposals.propose(
        InternalRaftRequest.newBuilder().setDowngradeInfoSet(info),
        (applied, completions) -> {
          EtcdException refusal = applied.refusal();
          if (refusal == null) {
            done.complete(answer);
          } else {
            done.completeExceptionally(refusal);
          }
        });
    return done;
  }
}
