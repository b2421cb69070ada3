package io.etcdj.server.boot;

import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.LeaseCheckpoint;
import io.etcdj.api.etcdserverpb.LeaseCheckpointRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.membershippb.Attributes;
import io.etcdj.api.membershippb.ClusterMemberAttrSetRequest;
import io.etcdj.api.membershippb.ClusterVersionSetRequest;
import io.etcdj.api.membershippb.DowngradeInfoSetRequest;
import io.etcdj.server.cluster.ClusterVersions;
import io.etcdj.server.log.Log;
import io.etcdj.server.propose.Proposals;
import io.etcdj.state.alarm.Alarms;
import io.etcdj.state.apply.Commands;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.membership.ServerVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a member proposes by itself: who it is, which version is spoken, what has expired, which
 * alarm it raises. Nobody waits for these; what fails is tried again by whoever looks next.
 */
final class OwnProposals implements ClusterVersions.Decisions {
  /** Leases whose remaining time goes into one entry. */
  private static final int CHECKPOINTS_PER_ENTRY = 1_000;

  private final long memberId;
  private final long clusterId;
  private final MemberOptions options;
  private final Proposals proposals;
  private final Membership membership;
  private final Alarms alarms;
  private final Log log;
  private final Set<AlarmType> raising = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private final AtomicBoolean publishing = new AtomicBoolean();

  OwnProposals(
      long memberId,
      long clusterId,
      MemberOptions options,
      Proposals proposals,
      Membership membership,
      Alarms alarms,
      Log log) {
    this.memberId = memberId;
    this.clusterId = clusterId;
    this.options = options;
    this.proposals = proposals;
    this.membership = membership;
    this.alarms = alarms;
    this.log = log;
  }

  /** Done when the cluster has taken note of this member's name and client URLs. */
  CompletableFuture<Void> published() {
    return published;
  }

  /**
   * Tells the cluster this member's name and client URLs, unless that is done or under way. It
   * waits for the cluster's version, which decides the form: members of etcd 3.4 stop at a command
   * that they do not know.
   *
   * @param oldest asks for the release of the oldest member, for as long as not all have been heard
   */
  void publish(Supplier<CompletableFuture<ServerVersion>> oldest) {
    ServerVersion version = ServerVersion.parse(membership.clusterVersion());
    if (version == null || published.isDone() || !publishing.compareAndSet(false, true)) {
      return;
    }
    CompletableFuture<ServerVersion> decisive =
        version.equals(ServerVersion.OLDEST)
            ? oldest.get()
            : CompletableFuture.completedFuture(version);
    var unused = decisive.thenAccept(release -> publish(!release.isAtLeast(3, 5)));
  }

  private void publish(boolean oldForm) {
    InternalRaftRequest.Builder request =
        InternalRaftRequest.newBuilder()
            .setClusterMemberAttrSet(
                ClusterMemberAttrSetRequest.newBuilder()
                    .setMemberID(memberId)
                    .setMemberAttributes(
                        Attributes.newBuilder()
                            .setName(options.name())
                            .addAllClientUrls(options.advertiseClientUrls())));
    propose(
        request,
        oldForm,
        refusal -> {
          publishing.set(false);
          if (refusal != null) {
            log.warn("failed to publish local member to cluster through raft", "error", refusal);
          } else if (published.complete(null)) {
            log.info(
                "published local member to cluster through raft",
                "local-member-id",
                Long.toHexString(memberId),
                "local-member-attributes",
                "{Name:" + options.name() + " ClientURLs:" + options.advertiseClientUrls() + "}",
                "cluster-id",
                Long.toHexString(clusterId));
          }
        });
  }

  @Override
  public void setVersion(ServerVersion version, boolean oldForm) {
    boolean first = membership.clusterVersion() == null;
    propose(
        InternalRaftRequest.newBuilder()
            .setClusterVersionSet(ClusterVersionSetRequest.newBuilder().setVer(version.toString())),
        oldForm,
        refusal -> {
          if (refusal == null) {
            log.info(
                first ? "set initial cluster version" : "updated cluster version",
                "cluster-version",
                version.toString());
          }
        });
  }

  @Override
  public void endDowngrade() {
    quietly(
        InternalRaftRequest.newBuilder()
            .setDowngradeInfoSet(DowngradeInfoSetRequest.newBuilder().setEnabled(false)));
    log.info("the cluster has been downgraded");
  }

  /** Revokes a lease that expired, if this member still leads when the entry is appended. */
  void revoke(long lease) {
    proposals.proposeAsLeader(
        InternalRaftRequest.newBuilder()
            .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease)));
  }

  /** Records what leases have left, in seconds by id. */
  void checkpoint(Map<Long, Long> leftSeconds) {
    List<LeaseCheckpoint> all = new ArrayList<>();
    leftSeconds.forEach(
        (id, seconds) ->
            all.add(LeaseCheckpoint.newBuilder().setID(id).setRemainingTTL(seconds).build()));
    for (int from = 0; from < all.size(); from += CHECKPOINTS_PER_ENTRY) {
      proposals.proposeAsLeader(
          InternalRaftRequest.newBuilder()
              .setLeaseCheckpoint(
                  LeaseCheckpointRequest.newBuilder()
                      .addAllCheckpoints(
                          all.subList(from, Math.min(all.size(), from + CHECKPOINTS_PER_ENTRY)))));
    }
  }

  /** Has keys of the v2 API removed that are due at this Unix time. */
  void expireV2(long nowNanos) {
    proposals.proposeV2AsLeader(Commands.v2Request("SYNC").setTime(nowNanos));
  }

  void compactTo(long revision) {
    quietly(
        InternalRaftRequest.newBuilder()
            .setCompaction(CompactionRequest.newBuilder().setRevision(revision)));
  }

  void raiseNoSpace() {
    if (raise(memberId, AlarmType.NOSPACE)) {
      log.warn("database space exceeded", "quota-bytes", options.quotaBytes());
    }
  }

  /** Raises an alarm for a member unless it is up or being raised; returns whether it did. */
  boolean raise(long member, AlarmType type) {
    AlarmMember alarm = AlarmMember.newBuilder().setMemberID(member).setAlarm(type).build();
    if (alarms.list(type).contains(alarm) || !raising.add(type)) {
      return false;
    }
    propose(
        InternalRaftRequest.newBuilder()
            .setAlarm(
                AlarmRequest.newBuilder()
                    .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                    .setMemberID(member)
                    .setAlarm(type)),
        false,
        refusal -> raising.remove(type));
    return true;
  }

  private void quietly(InternalRaftRequest.Builder request) {
    propose(request, false, refusal -> {});
  }

  private interface Outcome {
    void tell(@Nullable EtcdException refusal);
  }

  private void propose(InternalRaftRequest.Builder request, boolean oldForm, Outcome outcome) {
    Proposals.Waiter waiter = (applied, completions) -> outcome.tell(applied.refusal());
    try {
      if (oldForm) {
        proposals.proposeInOldForm(request, waiter);
      } else {
        proposals.propose(request, waiter);
      }
    } catch (EtcdException refusal) {
      outcome.tell(refusal);
    }
  }
}
