package io.etcdj.server.boot;

import io.etcdj.server.config.AutoCompaction;
import java.nio.file.Path;
import java.util.List;

/**
 * What a member must know of its flags to start.
 *
 * @param name its name
 * @param dataDirectory holds {@code member/snap} and, unless told otherwise, {@code member/wal}
 * @param walDirectory where the log is
 * @param peerUrls of this member
 * @param clusterToken tells clusters with the same URLs apart
 * @param joins whether a member without data is to join a cluster that exists
 * @param forceNewCluster whether to forget all other members
 * @param strictReconfigCheck whether changes of members that could cost the quorum are refused
 * @param initialElectionTickAdvance whether a start waits less than an election timeout for the
 *     leader
 * @param advertiseClientUrls what the member tells the others of its client URLs
 * @param heartbeatMillis length of a tick
 * @param electionMillis without a leader for this long, a member stands for election
 * @param quotaBytes space quota; 0 is etcd's default, negative is none
 */
public record MemberOptions(
    String name,
    Path dataDirectory,
    Path walDirectory,
    List<String> peerUrls,
    String clusterToken,
    boolean joins,
    boolean forceNewCluster,
    boolean strictReconfigCheck,
    boolean initialElectionTickAdvance,
    List<String> advertiseClientUrls,
    long heartbeatMillis,
    long electionMillis,
    boolean preVote,
    long snapshotCount,
    long snapshotCatchupEntries,
    int maxSnapshots,
    int maxWals,
    long quotaBytes,
    long backendBatchIntervalMillis,
    int backendBatchOperations,
    int maxTxnOps,
    int maxRequestBytes,
    int maxLearners,
    int compactionBatchRevisions,
    long compactionSleepMillis,
    AutoCompaction autoCompaction,
    long watchProgressMillis,
    long warnApplyMillis,
    LeaseCheckpoints leaseCheckpoints,
    CorruptionChecks corruptionChecks,
    boolean noFsync) {

  /** Whether the leader records now and then what long leases have left, and for how long. */
  public record LeaseCheckpoints(boolean taken, boolean persisted) {
    public static final LeaseCheckpoints NONE = new LeaseCheckpoints(false, false);
  }

  /** When members compare what they hold; an interval of 0 is never. */
  public record CorruptionChecks(boolean initial, long periodMillis, long compactionPeriodMillis) {
    public static final CorruptionChecks NONE = new CorruptionChecks(false, 0, 0);
  }

  /** Where snapshot files and the database are. */
  public Path snapDirectory() {
    return dataDirectory.resolve("member").resolve("snap");
  }

  public Path databasePath() {
    return snapDirectory().resolve("db");
  }

  /** Ticks of an election timeout. */
  public int electionTicks() {
    return Math.toIntExact(electionMillis / heartbeatMillis);
  }

  /** Shortest TTL of a lease: one and a half election timeouts, rounded up to whole seconds. */
  public long minLeaseTtlSeconds() {
    long minMillis = 3 * electionTicks() / 2 * heartbeatMillis;
    return (minMillis + 999) / 1000;
  }

  /** How long a request waits for the cluster: 5 s and two election timeouts. */
  public long requestTimeoutMillis() {
    return 5_000 + 2 * electionMillis;
  }
}
