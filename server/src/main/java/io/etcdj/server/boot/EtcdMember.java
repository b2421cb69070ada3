package io.etcdj.server.boot;

import io.etcdj.api.EtcdException;
import io.etcdj.api.etcdserverpb.AlarmMember;
import io.etcdj.api.etcdserverpb.AlarmRequest;
import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.LeaseRevokeRequest;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.membershippb.Attributes;
import io.etcdj.api.membershippb.ClusterMemberAttrSetRequest;
import io.etcdj.api.membershippb.ClusterVersionSetRequest;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.raft.RaftConfig;
import io.etcdj.raft.RaftCore;
import io.etcdj.raft.ReadOnlyOption;
import io.etcdj.raft.ReadState;
import io.etcdj.server.apply.ApplyLoop;
import io.etcdj.server.apply.ApplyThread;
import io.etcdj.server.config.Version;
import io.etcdj.server.front.http.HealthSource;
import io.etcdj.server.front.http.VersionSource;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.lease.LeaseClock;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.MemberLoop;
import io.etcdj.server.member.MemberThread;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.server.propose.Proposals;
import io.etcdj.server.propose.RequestIds;
import io.etcdj.server.read.ReadGate;
import io.etcdj.server.service.ClusterService;
import io.etcdj.server.service.HealthService;
import io.etcdj.server.service.KvService;
import io.etcdj.server.service.LeaseService;
import io.etcdj.server.service.MaintenanceService;
import io.etcdj.server.service.Submission;
import io.etcdj.server.service.WatchService;
import io.etcdj.server.watch.WatchHub;
import io.etcdj.state.alarm.Alarms;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.apply.Applier;
import io.etcdj.state.apply.Quota;
import io.etcdj.state.lease.Leases;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.FileDisk;
import io.etcdj.storage.wal.WalOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A running member: its state, its threads and its services, without sockets.
 *
 * <pre>
 *   event loops   requests in, answers out                       (the front)
 *   member        the Raft core, the log                          {@link MemberThread}
 *   apply         the state machine                               {@link ApplyThread}
 *   backend       commits to the database                         LmdbBackend
 *   watch, watch-history                                          {@link WatchHub}
 *   compaction    removes superseded rows                         {@link CompactionThread}
 *   worker        long reads, snapshots
 *   timer         leases, timeouts, progress of watches, purging
 * </pre>
 */
public final class EtcdMember implements AutoCloseable {
  /** The cluster version that members of this release speak. */
  static final String CLUSTER_VERSION = "3.7.0";

  private static final long MAX_MESSAGE_BYTES = 1 << 20;
  private static final int MAX_INFLIGHT_MESSAGES = 512;
  private static final int FRAGMENT_OVERHEAD_BYTES = 512 * 1024;
  private static final long PUBLISH_RETRY_MILLIS = 500;
  private static final long PURGE_MILLIS = 30_000;
  private static final long LEASE_LOOK_MILLIS = 500;

  private final MemberOptions options;
  private final Log log;
  private final Consumer<Throwable> fatal;
  private final ServerMetrics metrics;
  private final Bootstrap.Recovered recovered;
  private final MvccStore store;
  private final Leases leases;
  private final LeaseClock leaseClock;
  private final Alarms alarms;
  private final Membership membership;
  private final MemberLoop loop;
  private final MemberThread member;
  private final RequestIds ids;
  private final Proposals proposals;
  private final ReadGate gate;
  private final ApplyLoop applyLoop;
  private final ApplyThread applyThread;
  private final WatchHub watches;
  private final CompactionThread compactions;
  private final LogKeeper logKeeper;
  private final AutoCompactor autoCompactor;
  private final ExecutorService workers;
  private final ScheduledExecutorService timer;
  private final DiskSpace diskSpace;
  private final List<Rpc<?, ?>> rpcs;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private volatile boolean stopping;

  // What the member thread last saw; read by everybody.
  private volatile long leader;
  private volatile long term;
  private volatile long committed;
  private volatile boolean leads;

  /** The newest term whose first entry is applied. */
  private volatile long startedTerm;

  private volatile boolean onlyVoter;
  private volatile boolean raisingNoSpace;

  /**
   * Recovers the data directory and builds everything; {@link #start} sets it going.
   *
   * @param fatal told once why the member cannot go on; the process should end then
   */
  public EtcdMember(MemberOptions options, Log log, Consumer<Throwable> fatal)
      throws IOException, StartException {
    this.options = options;
    this.log = log;
    this.fatal = fatal;
    this.metrics = new ServerMetrics();
    this.diskSpace = DiskSpace.of(options.dataDirectory(), options.walDirectory(), log);
    WalOptions walOptions =
        WalOptions.standard()
            .withSync(!options.noFsync())
            .withRoom(diskSpace::hasRoom)
            .withListener(metrics.walListener());
    LmdbBackend.Options backendOptions =
        new LmdbBackend.Options(
            options.backendBatchIntervalMillis(),
            options.backendBatchOperations(),
            options.noFsync(),
            backendListener());
    Disk disk = new FileDisk();
    Database database = new LmdbDatabase(options.databasePath(), backendOptions, log);
    this.recovered = new Bootstrap(options, walOptions, disk, database, log).recover();
    this.workers = Executors.newFixedThreadPool(2, daemons("etcdj-worker"));
    this.timer = Executors.newSingleThreadScheduledExecutor(daemons("etcdj-timer"));

    this.leaseClock = new LeaseClock(System::nanoTime, this::revokeExpired);
    this.leases =
        new Leases(recovered.backend(), options.minLeaseTtlSeconds(), observeLeases(leaseClock));
    this.store =
        new MvccStore(
            recovered.backend(),
            (key, lease) -> {
              if (leases.exists(lease)) {
                leases.attach(lease, key);
              }
            },
            workers);
    this.alarms = new Alarms(recovered.backend());
    this.membership = new Membership(recovered.backend(), options.maxLearners());
    Quota quota =
        new Quota(
            recovered.backend(),
            options.quotaBytes() == 0 ? Quota.DEFAULT_BYTES : options.quotaBytes());
    Applier applier = new Applier(store, leases, alarms, membership, quota, this::header, false);

    RaftCore core = new RaftCore(raftConfig(), recovered.log(), new Random());
    this.loop =
        new MemberLoop(
            core,
            recovered.log(),
            new WalDisk(recovered.wal(), recovered.snapshots()),
            messages -> {}, // a cluster of one has nobody to send to
            new Outputs());
    this.member = new MemberThread(loop, options.heartbeatMillis(), this::failed);
    this.ids = new RequestIds(recovered.memberId(), System.currentTimeMillis());
    this.proposals =
        new Proposals(
            ids,
            member::propose,
            options.maxRequestBytes(),
            options.requestTimeoutMillis(),
            () -> committed - appliedIndex());
    this.gate = new ReadGate(ids, member::execute, loop::readIndex, options.requestTimeoutMillis());
    this.applyLoop =
        new ApplyLoop(
            recovered.backend(),
            store,
            membership,
            applier,
            proposals,
            this::reconfigure,
            new Applies(),
            recovered.appliedIndex(),
            recovered.appliedTerm(),
            recovered.confState());
    this.applyThread = new ApplyThread(applyLoop::apply, this::failed);
    this.watches =
        new WatchHub(
            store, this::header, options.maxRequestBytes() + FRAGMENT_OVERHEAD_BYTES, this::failed);
    this.compactions =
        new CompactionThread(
            store,
            applyThread,
            options.compactionBatchRevisions(),
            options.compactionSleepMillis(),
            log,
            compactionListener(),
            this::failed);
    this.logKeeper =
        new LogKeeper(
            recovered,
            options,
            disk,
            member::execute,
            loop,
            membership,
            workers,
            log,
            metrics.snapshotSave::observeNanos);
    this.autoCompactor =
        new AutoCompactor(
            options.autoCompaction(),
            () -> leads,
            store::revision,
            this::compactTo,
            System::nanoTime,
            log);
    Submission submission =
        new Submission(proposals, quota, diskSpace::refuses, this::raiseNoSpace);
    this.rpcs = services(submission, quota);
    new MemberMetrics(this, metrics.registry).register();
  }

  private static ThreadFactory daemons(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private RaftConfig raftConfig() {
    return new RaftConfig(
        recovered.memberId(),
        options.electionTicks(),
        1,
        MAX_MESSAGE_BYTES,
        MAX_MESSAGE_BYTES,
        0,
        MAX_INFLIGHT_MESSAGES,
        0,
        true,
        options.preVote(),
        ReadOnlyOption.SAFE,
        recovered.log().snapshot().getMetadata().getIndex(),
        false);
  }

  private List<Rpc<?, ?>> services(Submission submission, Quota quota) {
    List<Rpc<?, ?>> all = new ArrayList<>();
    all.addAll(
        new KvService(
                submission,
                gate,
                store,
                this::header,
                workers,
                options.maxTxnOps(),
                options.maxRequestBytes(),
                metrics.ranges::increment)
            .rpcs());
    all.addAll(
        new LeaseService(submission, gate, ids, leases, leaseClock, store, this::header).rpcs());
    all.addAll(new WatchService(watches).rpcs());
    all.addAll(new ClusterService(membership, gate, this::header).rpcs());
    all.addAll(
        new MaintenanceService(
                submission,
                new Status(),
                store,
                recovered.backend(),
                alarms,
                this::header,
                workers,
                options.snapDirectory(),
                Version.ETCD,
                quota.limitBytes())
            .rpcs());
    all.addAll(new HealthService().rpcs());
    return List.copyOf(all);
  }

  // ---- Life -------------------------------------------------------------------------------------

  /** Sets the threads going. */
  public void start() {
    watches.start();
    compactions.start();
    applyThread.start();
    member.start();
    member.execute(this::standIfAlone);
    every(LEASE_LOOK_MILLIS, leaseClock::expire);
    every(options.heartbeatMillis(), this::lookAtTimeouts);
    every(options.watchProgressMillis(), watches::tick);
    every(PURGE_MILLIS, logKeeper::purge);
    if (autoCompactor.intervalMillis() > 0) {
      every(autoCompactor.intervalMillis(), autoCompactor::look);
    }
    every(1_000, diskSpace::look);
  }

  private void every(long millis, Runnable task) {
    var unused =
        timer.scheduleWithFixedDelay(
            () -> {
              try {
                task.run();
              } catch (RuntimeException | Error e) {
                failed(e);
              }
            },
            millis,
            millis,
            TimeUnit.MILLISECONDS);
  }

  private void lookAtTimeouts() {
    proposals.expire();
    member.execute(gate::tick);
  }

  /** Done when a leader is known and this member has told the cluster how clients reach it. */
  public CompletableFuture<Void> ready() {
    return ready;
  }

  /** Every method that this member serves. */
  public List<Rpc<?, ?>> rpcs() {
    return rpcs;
  }

  public MetricRegistry metrics() {
    return metrics.registry;
  }

  /** Hands over what it holds and stops; calls that still wait are refused. */
  @Override
  public void close() {
    stopping = true;
    timer.shutdownNow();
    proposals.stop();
    gate.stop();
    compactions.close();
    member.close();
    applyThread.close();
    watches.close();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(5, TimeUnit.SECONDS)) {
        workers.shutdownNow();
      }
      recovered.backend().close();
      recovered.wal().close();
    } catch (IOException e) {
      log.error("closing the write-ahead log", "error", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failed(Throwable cause) {
    if (!stopping) {
      gate.stop(); // whatever went wrong, nothing may be read on old authority
      proposals.stop();
      fatal.accept(cause);
    }
  }

  // ---- What others ask --------------------------------------------------------------------------

  long appliedIndex() {
    return applyLoop.appliedIndex();
  }

  long committedIndex() {
    return committed;
  }

  long leader() {
    return leader;
  }

  boolean leads() {
    return leads;
  }

  long memberId() {
    return recovered.memberId();
  }

  long clusterId() {
    return recovered.clusterId();
  }

  MvccStore store() {
    return store;
  }

  Backend backend() {
    return recovered.backend();
  }

  WatchHub watches() {
    return watches;
  }

  LeaseClock leaseClock() {
    return leaseClock;
  }

  Proposals proposals() {
    return proposals;
  }

  Membership membership() {
    return membership;
  }

  Alarms alarms() {
    return alarms;
  }

  MemberOptions options() {
    return options;
  }

  private ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder()
        .setClusterId(recovered.clusterId())
        .setMemberId(recovered.memberId())
        .setRevision(revision)
        .setRaftTerm(term)
        .build();
  }

  /** The versions that {@code /version} tells. */
  public VersionSource versions() {
    return new VersionSource() {
      @Override
      public String server() {
        return Version.ETCD;
      }

      @Override
      public String cluster() {
        String version = membership.clusterVersion();
        return version == null ? "not_decided" : version;
      }

      @Override
      public String storage() {
        String version = membership.clusterVersion();
        return version == null ? "unknown" : version;
      }
    };
  }

  /** Whether this member is well. */
  public HealthSource health() {
    return new MemberHealth(this, gate);
  }

  private final class Status implements MaintenanceService.MemberStatus {
    @Override
    public long leader() {
      return leader;
    }

    @Override
    public long term() {
      return term;
    }

    @Override
    public long committedIndex() {
      return committed;
    }

    @Override
    public long appliedIndex() {
      return applyLoop.appliedIndex();
    }

    @Override
    public boolean isLearner() {
      var self = membership.member(recovered.memberId());
      return self != null && self.isLearner();
    }

    @Override
    public String storageVersion() {
      String version = membership.clusterVersion();
      return version == null ? "" : version;
    }
  }

  // ---- What the member thread tells -------------------------------------------------------------

  private final class Outputs implements MemberLoop.Outputs {
    @Override
    public void install(Snapshot snapshot) {
      throw new IllegalStateException("a cluster of one has nobody to get a snapshot from");
    }

    @Override
    public void committed(List<Entry> entries) {
      committed = entries.get(entries.size() - 1).getIndex();
      logKeeper.committed(entries);
      applyThread.committed(entries);
    }

    @Override
    public void readable(List<ReadState> reads) {
      gate.answered(reads);
    }

    @Override
    public void stateChanged(RaftCore core) {
      if (term != core.term()) {
        term = core.term();
      }
      if (leader != core.leader()) {
        leaderChanged(core.leader());
      }
      if (leads != core.isLeader()) {
        leads = core.isLeader();
        if (!leads) {
          leaseClock.demote();
        }
      }
      openGateIfAlone();
    }
  }

  private void leaderChanged(long newLeader) {
    long before = leader;
    leader = newLeader;
    if (newLeader != 0) {
      metrics.leaderChanges.increment();
      log.info(
          "raft.node: " + Long.toHexString(memberId()) + " elected leader",
          "leader",
          Long.toHexString(newLeader),
          "term",
          term);
      publish();
    } else {
      proposals.leaderLost();
    }
    if (before != 0) {
      gate.leaderChanged();
    }
  }

  /** Lets reads pass without a round while only this member can commit; see {@link ReadGate}. */
  private void openGateIfAlone() {
    gate.setOpen(leads && onlyVoter && startedTerm == term && !stopping);
  }

  private boolean isOnlyVoter(ConfState state) {
    return state.getVotersCount() == 1
        && state.getVoters(0) == memberId()
        && state.getVotersOutgoingCount() == 0;
  }

  /** A member without others need not wait for an election timeout. */
  private void standIfAlone() {
    onlyVoter = isOnlyVoter(loop.core().confState());
    if (onlyVoter && leader == 0) {
      loop.core().campaign();
    }
  }

  /** Makes a configuration change in the core; from the apply thread, which waits for it. */
  private ConfState reconfigure(ConfChange change) {
    CompletableFuture<ConfState> done = new CompletableFuture<>();
    member.execute(
        () -> {
          ConfState state = loop.applyConfChange(change);
          onlyVoter = isOnlyVoter(state);
          openGateIfAlone(); // before anything happens under the new configuration
          done.complete(state);
        });
    try {
      return done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped while the configuration changes", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  // ---- What the apply thread tells --------------------------------------------------------------

  private final class Applies implements ApplyLoop.Observer {
    @Override
    public void changed(List<Change> changes, long revision) {
      watches.changed(changes, revision);
    }

    @Override
    public void compacting(long revision, @Nullable Runnable whenDone) {
      compactions.submit(revision, whenDone);
    }

    @Override
    public void termStarted(long newTerm) {
      startedTerm = newTerm;
      if (leads && term == newTerm) {
        leaseClock.promote(leases.list(), options.electionMillis());
        setClusterVersion();
      }
      member.execute(EtcdMember.this::openGateIfAlone);
    }

    @Override
    public void membershipChanged(Membership.Change change) {
      log.info(
          "applied a configuration change",
          "change",
          change.kind().toString(),
          "member-id",
          Long.toHexString(change.memberId()));
      member.execute(EtcdMember.this::standIfAlone);
    }

    @Override
    public void overQuota() {
      raiseNoSpace();
    }

    @Override
    public void applied(long index, long appliedTerm, Completions completions) {
      gate.applied(index, completions);
      logKeeper.applied(index, appliedTerm, applyLoop.confState(), onlyVoter);
    }

    @Override
    public void timed(InternalRaftRequest request, Applied applied, long nanos) {
      count(request);
      if (applied.refusal() != null) {
        metrics.failedProposals.increment();
      }
      if (nanos > TimeUnit.MILLISECONDS.toNanos(options.warnApplyMillis())) {
        metrics.slowApplies.increment();
        log.warn(
            "apply request took too long",
            "took",
            nanos / 1_000_000 + "ms",
            "expected-duration",
            options.warnApplyMillis() + "ms");
      }
    }
  }

  private void count(InternalRaftRequest request) {
    if (request.hasPut()) {
      metrics.puts.increment();
    } else if (request.hasTxn()) {
      metrics.txns.increment();
    } else if (request.hasDeleteRange()) {
      metrics.deletes.increment();
    } else if (request.hasRange()) {
      metrics.ranges.increment();
    }
  }

  // ---- What the member proposes by itself -------------------------------------------------------

  /** Tells the cluster this member's name and client URLs, until it has taken note. */
  private void publish() {
    if (stopping) {
      return;
    }
    InternalRaftRequest.Builder request =
        InternalRaftRequest.newBuilder()
            .setClusterMemberAttrSet(
                ClusterMemberAttrSetRequest.newBuilder()
                    .setMemberID(memberId())
                    .setMemberAttributes(
                        Attributes.newBuilder()
                            .setName(options.name())
                            .addAllClientUrls(options.advertiseClientUrls())));
    try {
      proposals.propose(request, (applied, completions) -> published(applied));
    } catch (EtcdException e) {
      retryPublish(e);
    }
  }

  private void published(Applied applied) {
    EtcdException refusal = applied.refusal();
    if (refusal != null) {
      retryPublish(refusal);
      return;
    }
    if (ready.complete(null)) {
      log.info(
          "published local member to cluster through raft",
          "local-member-id",
          Long.toHexString(memberId()),
          "local-member-attributes",
          "{Name:" + options.name() + " ClientURLs:" + options.advertiseClientUrls() + "}",
          "cluster-id",
          Long.toHexString(recovered.clusterId()));
    }
  }

  private void retryPublish(EtcdException cause) {
    if (!stopping) {
      log.warn("failed to publish local member to cluster through raft", "error", cause);
      var unused = timer.schedule(this::publish, PUBLISH_RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** The leader decides which version the cluster speaks. */
  private void setClusterVersion() {
    if (CLUSTER_VERSION.equals(membership.clusterVersion())) {
      log.info("enabled capabilities for version", "cluster-version", CLUSTER_VERSION);
      return;
    }
    proposeQuietly(
        InternalRaftRequest.newBuilder()
            .setClusterVersionSet(ClusterVersionSetRequest.newBuilder().setVer(CLUSTER_VERSION)),
        () -> {
          log.info("set initial cluster version", "cluster-version", CLUSTER_VERSION);
          log.info("enabled capabilities for version", "cluster-version", CLUSTER_VERSION);
        });
  }

  private void revokeExpired(long lease) {
    proposeQuietly(
        InternalRaftRequest.newBuilder()
            .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease)),
        () -> {});
  }

  private void compactTo(long revision) {
    proposeQuietly(
        InternalRaftRequest.newBuilder()
            .setCompaction(CompactionRequest.newBuilder().setRevision(revision)),
        () -> {});
  }

  private void raiseNoSpace() {
    AlarmMember mine =
        AlarmMember.newBuilder().setMemberID(memberId()).setAlarm(AlarmType.NOSPACE).build();
    if (raisingNoSpace || alarms.list(AlarmType.NOSPACE).contains(mine)) {
      return;
    }
    raisingNoSpace = true;
    log.warn("database space exceeded", "quota-bytes", options.quotaBytes());
    proposeQuietly(
        InternalRaftRequest.newBuilder()
            .setAlarm(
                AlarmRequest.newBuilder()
                    .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                    .setMemberID(memberId())
                    .setAlarm(AlarmType.NOSPACE)),
        () -> raisingNoSpace = false);
  }

  /** Proposes something that nobody waits for and that is tried again anyway if it fails. */
  private void proposeQuietly(InternalRaftRequest.Builder request, Runnable whenApplied) {
    try {
      proposals.propose(
          request,
          (applied, completions) -> {
            if (applied.refusal() == null) {
              whenApplied.run();
            } else {
              raisingNoSpace = false;
            }
          });
    } catch (EtcdException e) {
      raisingNoSpace = false;
    }
  }

  // ---- Metrics ----------------------------------------------------------------------------------

  private LmdbBackend.Listener backendListener() {
    return new LmdbBackend.Listener() {
      @Override
      public void committed(int operations, long nanos) {
        metrics.backendCommit.observeNanos(nanos);
      }

      @Override
      public void commitFailed(RuntimeException cause) {
        log.error("the database refuses to commit; trying again", "error", cause);
      }
    };
  }

  private CompactionThread.Listener compactionListener() {
    return new CompactionThread.Listener() {
      @Override
      public void batch(long revisions, long nanos) {
        metrics.compactedKeys.add(revisions);
        metrics.compactionPause.observe(nanos / 1e6);
      }

      @Override
      public void finished(long nanos) {
        metrics.compactionTotal.observe(nanos / 1e6);
      }
    };
  }

  private Leases.Observer observeLeases(LeaseClock clock) {
    return new Leases.Observer() {
      @Override
      public void granted(Leases.Terms terms) {
        metrics.grantedLeases.increment();
        clock.granted(terms);
      }

      @Override
      public void revoked(long id) {
        metrics.revokedLeases.increment();
        clock.revoked(id);
      }

      @Override
      public void reloaded(List<Leases.Terms> all) {
        clock.reloaded(all);
      }
    };
  }
}
