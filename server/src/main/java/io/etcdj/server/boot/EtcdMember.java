package io.etcdj.server.boot;

import io.etcdj.api.etcdserverpb.AlarmType;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.raft.RaftConfig;
import io.etcdj.raft.RaftCore;
import io.etcdj.raft.ReadOnlyOption;
import io.etcdj.raft.ReadState;
import io.etcdj.server.apply.ApplyLoop;
import io.etcdj.server.apply.ApplyThread;
import io.etcdj.server.cluster.ClusterVersions;
import io.etcdj.server.cluster.CompactionHashes;
import io.etcdj.server.cluster.CorruptionChecks;
import io.etcdj.server.cluster.Downgrades;
import io.etcdj.server.cluster.LeaderCalls;
import io.etcdj.server.cluster.LeaderLeases;
import io.etcdj.server.cluster.LeaderRequirement;
import io.etcdj.server.cluster.LeaderTransfer;
import io.etcdj.server.cluster.MemberChanges;
import io.etcdj.server.cluster.PeerEndpoints;
import io.etcdj.server.cluster.Peers;
import io.etcdj.server.cluster.TimeoutCause;
import io.etcdj.server.config.Version;
import io.etcdj.server.front.http.HealthSource;
import io.etcdj.server.front.http.Routes;
import io.etcdj.server.front.http.VersionSource;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.front.rpc.Rpc;
import io.etcdj.server.lease.LeaseClock;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.MemberLoop;
import io.etcdj.server.member.MemberThread;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.metrics.MetricRegistry;
import io.etcdj.server.peer.PeerClient;
import io.etcdj.server.peer.PeerIdentity;
import io.etcdj.server.peer.PeerReceiver;
import io.etcdj.server.peer.PeerTiming;
import io.etcdj.server.peer.PeerTls;
import io.etcdj.server.peer.PeerTransport;
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
import io.etcdj.server.snapshot.DatabaseFiles;
import io.etcdj.server.snapshot.DatabaseSender;
import io.etcdj.server.snapshot.ReceivedDatabases;
import io.etcdj.server.v2.AppendTraffic;
import io.etcdj.server.v2.V2Api;
import io.etcdj.server.watch.WatchHub;
import io.etcdj.state.alarm.Alarms;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.apply.Applier;
import io.etcdj.state.apply.StateMachine;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.membership.ServerVersion;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.KvHash;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.FileDisk;
import io.etcdj.storage.wal.WalOptions;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running member: its state, its threads and its services, without sockets.
 *
 * <pre>
 *   event loops   requests in, answers out                       (the front)
 *   peers' loop   messages in and out; steps small ones           {@link PeerTransport}
 *   member        the Raft core, the log                          {@link MemberThread}
 *   apply         the state machine, but for lone puts            {@link ApplyThread}
 *   backend       commits to the database                         LmdbBackend
 *   watch, watch-history                                          {@link WatchHub}
 *   compaction    removes superseded rows                         {@link CompactionThread}
 *   worker        long reads, snapshots
 *   timer         leases, timeouts, progress of watches, purging
 * </pre>
 */
public final class EtcdMember implements AutoCloseable {
  private static final long MAX_MESSAGE_BYTES = 1 << 20;
  private static final int MAX_INFLIGHT_MESSAGES = 512;

  /** Well below what a queue to or in a member takes: what is dropped there is sent again. */
  private static final long MAX_INFLIGHT_BYTES = 8 << 20;

  private static final int FRAGMENT_OVERHEAD_BYTES = 512 * 1024;
  private static final long PUBLISH_RETRY_MILLIS = 100;
  private static final long VERSION_LOOK_MILLIS = 4_000;
  private static final long LEASE_CHECKPOINT_MILLIS = 5 * 60_000;
  private static final long NEIGHBOUR_TIMEOUT_MILLIS = 1_000;
  private static final int TICK_ADVANCE_LOOKS = 100;
  private static final long TICK_ADVANCE_LOOK_MILLIS = 50;

  /** How long a stop waits for another member to take over. */
  private static final long TRANSFER_MILLIS = 2_500;

  private static final long PURGE_MILLIS = 1_000;
  private static final long LEASE_LOOK_MILLIS = 500;
  private static final long V2_EXPIRY_LOOK_MILLIS = 500;

  /** Looks for quiet watchers within the time after which they are told. */
  private static final long QUIET_LOOKS = 10;

  private final MemberOptions options;
  private final Log log;
  private final Endings endings;
  private final ServerMetrics metrics;
  private final Bootstrap.Recovered recovered;
  private final StateMachine machine;
  private final LeaseClock leaseClock;
  private final RaftView view = new RaftView();
  private final MemberLoop loop;
  private final MemberThread member;
  private final RequestIds ids;
  private final Proposals proposals;
  private final OwnProposals own;
  private final ReadGate gate;
  private final LoneVoter loneVoter;
  private final ApplyLoop applyLoop;
  private final ApplyThread applyThread;
  private final WatchHub watches;
  private final CompactionThread compactions;
  private final LogKeeper logKeeper;
  private final AutoCompactor autoCompactor;
  private final PeerTransport transport;
  private final Peers peers;
  private final DatabaseSender snapshots;
  private final ClusterVersions versions;
  private final CompactionHashes compactionHashes = new CompactionHashes();
  private final CorruptionChecks corruptionChecks;
  private final ScheduledExecutorService checker;
  private final LeaderRequirement leaderRequirement;
  private final LeaderTransfer transfer;
  private final V2Api v2;
  private final AppendTraffic traffic = new AppendTraffic(System::nanoTime);
  private final PeerEndpoints peerEndpoints;
  private final ExecutorService workers;
  private final ExecutorService snapshotWorkers;
  private final ScheduledExecutorService timer;
  private final DiskSpace diskSpace;
  private final List<Rpc<?, ?>> rpcs;
  private volatile boolean stopping;

  /** How a member ends by itself; each is told once, on a thread that must not be held up. */
  public interface Endings {
    /** Why it cannot go on; the process should end at once. */
    void failed(Throwable cause);

    /** It was removed from the cluster; the process should stop in good order. */
    void removed();
  }

  /**
   * How a member reaches the others; not needed, and not waited for, before its log is read.
   *
   * @param tls null when peers talk without encryption
   * @param firstMembers tells a member without data who the others are
   * @param advertisedUrls where this member tells others to reach it
   */
  public record Network(
      CompletableFuture<Vertx> vertx,
      @Nullable PeerTls tls,
      CompletableFuture<PeerClient> client,
      FirstMembers firstMembers,
      List<String> advertisedUrls) {}

  /** Recovers the data directory and builds everything; {@link #start} sets it going. */
  public EtcdMember(MemberOptions options, Network network, Log log, Endings endings)
      throws IOException, StartException {
    this.options = options;
    this.log = log;
    this.endings = endings;
    this.metrics = new ServerMetrics();
    this.diskSpace = DiskSpace.of(options.dataDirectory(), options.walDirectory(), log);
    Disk disk = new FileDisk();
    this.recovered = recover(network, disk);
    this.workers = Executors.newFixedThreadPool(2, daemons("etcdj-worker"));
    this.snapshotWorkers = Executors.newCachedThreadPool(daemons("etcdj-snapshot"));
    this.timer = Executors.newSingleThreadScheduledExecutor(daemons("etcdj-timer"));

    this.leaseClock =
        new LeaseClock(System::nanoTime, this::revokeExpired, this::forgetLeaseCheckpoint);
    this.machine =
        new StateMachine(
            recovered.backend(),
            new StateMachine.Options(
                options.minLeaseTtlSeconds(), options.maxLearners(), options.quotaBytes()),
            metrics.leaseObserver(leaseClock),
            workers);
    PeerIdentity identity =
        new PeerIdentity(memberId(), recovered.clusterId(), network.advertisedUrls());
    this.transport =
        new PeerTransport(
            network.vertx().join(),
            identity,
            new PeerTiming(options.heartbeatMillis(), options.electionTicks()),
            network.tls(),
            new ReceivedDatabases(recovered.snapshots()),
            new FromPeers(),
            snapshotWorkers,
            metrics.registry,
            log);
    this.peers = new Peers(identity, membership(), transport, network.client().join());
    this.snapshots =
        new DatabaseSender(
            recovered.backend(),
            options.snapDirectory(),
            transport,
            this::committedBytes,
            this::snapshotFailed,
            snapshotWorkers,
            log);

    RaftCore core = new RaftCore(raftConfig(), recovered.log(), new Random());
    this.loop =
        new MemberLoop(
            core,
            recovered.log(),
            new WalDisk(recovered.wal(), recovered.snapshots()),
            this::sendToPeers,
            new Outputs());
    this.member =
        new MemberThread(
            loop,
            options.heartbeatMillis(),
            options.requestTimeoutMillis(),
            this::lags,
            this::failed);
    this.ids = new RequestIds(memberId(), System.currentTimeMillis());
    this.proposals =
        new Proposals(
            ids,
            member::propose,
            entry -> member.execute(() -> proposeIfLeading(entry)),
            options.maxRequestBytes(),
            options.requestTimeoutMillis(),
            () -> view.committed() - appliedIndex(),
            new TimeoutCause(memberId(), view, membership(), peers, options.electionMillis()));
    this.own =
        new OwnProposals(
            memberId(),
            recovered.clusterId(),
            options,
            proposals,
            membership(),
            machine.alarms(),
            log);
    this.gate =
        new ReadGate(ids, member::executeQuick, loop::readIndex, options.requestTimeoutMillis());
    this.loneVoter = new LoneVoter(memberId(), view, gate);
    this.applyLoop =
        new ApplyLoop(
            machine,
            new Applier(machine, this::header, options.leaseCheckpoints().persisted()),
            proposals,
            this::reconfigure,
            new Applies(),
            recovered.appliedIndex(),
            recovered.appliedTerm(),
            recovered.confState());
    this.applyThread =
        new ApplyThread(applyLoop::apply, recovered.backend()::hasRoom, this::failed);
    this.watches =
        new WatchHub(
            store(),
            this::header,
            options.maxRequestBytes() + FRAGMENT_OVERHEAD_BYTES,
            this::failed);
    this.compactions =
        new CompactionThread(
            store(),
            applyThread,
            options.compactionBatchRevisions(),
            options.compactionSleepMillis(),
            log,
            metrics.compactionListener(this::hashBeforeCompaction),
            this::failed);
    this.logKeeper =
        new LogKeeper(
            recovered,
            options,
            disk,
            member::execute,
            loop,
            membership(),
            machine.v2(),
            workers,
            log,
            metrics.snapshotSave::observeNanos);
    this.autoCompactor =
        new AutoCompactor(
            options.autoCompaction(),
            view::leads,
            store()::revision,
            own::compactTo,
            System::nanoTime,
            log);
    this.versions =
        new ClusterVersions(
            Objects.requireNonNull(ServerVersion.parse(Version.ETCD)),
            view,
            membership(),
            peers,
            own,
            log);
    LeaderCalls leaderCalls = new LeaderCalls(view, peers, timer, options.requestTimeoutMillis());
    LeaderLeases leaderLeases = new LeaderLeases(gate, machine.leases(), leaseClock, leaderCalls);
    MemberChanges changes =
        new MemberChanges(
            memberId(),
            membership(),
            peers,
            proposals,
            leaderCalls,
            this::raftStatus,
            () -> System.currentTimeMillis() / 1_000,
            options.strictReconfigCheck(),
            metrics.promotions());
    this.v2 =
        new V2Api(
            new V2Api.Self(recovered.clusterId(), memberId(), options.name()),
            machine,
            view,
            proposals,
            changes,
            traffic,
            diskSpace::refuses,
            workers,
            EtcdMember::unixNanos);
    this.transfer =
        new LeaderTransfer(
            memberId(),
            view,
            membership(),
            peers,
            to -> member.execute(() -> core.transferLeader(to)),
            timer,
            options.heartbeatMillis(),
            log);
    this.leaderRequirement = new LeaderRequirement(view, this::isLearner);
    this.peerEndpoints =
        new PeerEndpoints(
            recovered.clusterId(), membership(), changes, leaderLeases, gate, this::hash);
    this.checker = Executors.newSingleThreadScheduledExecutor(daemons("etcdj-check"));
    this.corruptionChecks =
        new CorruptionChecks(
            memberId(),
            view,
            peers,
            gate,
            this::hash,
            compactionHashes,
            id -> own.raise(id, AlarmType.CORRUPT),
            log);
    this.rpcs = services(changes, leaderLeases);
    new MemberMetrics(this, metrics.registry).register();
    tellClusterVersion();
  }

  private Bootstrap.Recovered recover(Network network, Disk disk)
      throws IOException, StartException {
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
            metrics.backendListener(log));
    Database database = new LmdbDatabase(options.databasePath(), backendOptions, log);
    Neighbours neighbours =
        new HttpNeighbours(
            network.client(), NEIGHBOUR_TIMEOUT_MILLIS + options.electionMillis(), log);
    return new Bootstrap(
            options, walOptions, disk, database, network.firstMembers(), neighbours, log)
        .recover();
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
        MAX_INFLIGHT_BYTES,
        true,
        options.preVote(),
        ReadOnlyOption.SAFE,
        recovered.log().snapshot().getMetadata().getIndex(),
        false);
  }

  private List<Rpc<?, ?>> services(MemberChanges changes, LeaderLeases leaderLeases) {
    Submission submission =
        new Submission(proposals, machine.quota(), diskSpace::refuses, own::raiseNoSpace);
    List<Rpc<?, ?>> all = new ArrayList<>();
    all.addAll(
        new KvService(
                submission,
                gate,
                store(),
                this::header,
                workers,
                options.maxTxnOps(),
                options.maxRequestBytes(),
                metrics.ranges::increment)
            .rpcs());
    all.addAll(
        new LeaseService(
                submission, leaderLeases, ids, machine.leases(), leaseClock, store(), this::header)
            .rpcs());
    all.addAll(new WatchService(watches).rpcs());
    all.addAll(new ClusterService(membership(), changes, gate, this::header).rpcs());
    all.addAll(
        new MaintenanceService(
                submission,
                new MemberStatus(this),
                gate,
                transfer,
                new Downgrades(membership(), proposals),
                options.requestTimeoutMillis(),
                store(),
                backend(),
                alarms(),
                this::header,
                workers,
                options.snapDirectory(),
                Version.ETCD,
                machine.quota().limitBytes())
            .rpcs());
    all.addAll(new HealthService().rpcs());
    List<Rpc<?, ?>> guarded = new ArrayList<>();
    for (Rpc<?, ?> rpc : all) {
      guarded.add(leaderRequirement.guard(rpc));
    }
    return List.copyOf(guarded);
  }

  // ---- Life -------------------------------------------------------------------------------------

  /** Sets the threads going. */
  public void start() {
    peers.connect(recovered.firstPeers());
    peers.connect(membership().members());
    watches.start();
    compactions.start();
    applyThread.start();
    member.start();
    member.execute(() -> loneVoter.stand(loop.core()));
    if (options.initialElectionTickAdvance()) {
      advanceTicks(TICK_ADVANCE_LOOKS);
    }
    every(LEASE_LOOK_MILLIS, leaseClock::expire);
    every(V2_EXPIRY_LOOK_MILLIS, this::expireV2);
    if (options.leaseCheckpoints().taken()) {
      every(LEASE_CHECKPOINT_MILLIS, this::checkpointLeases);
    }
    every(options.heartbeatMillis(), this::lookAtTimeouts);
    every(options.electionMillis(), leaderRequirement::look);
    Future<?> publishing = repeat(timer, PUBLISH_RETRY_MILLIS, () -> own.publish(versions::oldest));
    var unused = own.published().thenRun(() -> publishing.cancel(false));
    every(VERSION_LOOK_MILLIS, versions::look);
    long quietMillis = options.watchProgressMillis();
    every(Math.max(1, quietMillis / QUIET_LOOKS), () -> watches.tellQuiet(quietMillis));
    every(PURGE_MILLIS, logKeeper::purge);
    if (autoCompactor.intervalMillis() > 0) {
      every(autoCompactor.intervalMillis(), autoCompactor::look);
    }
    every(1_000, diskSpace::look);
    startChecks();
  }

  /**
   * A member that starts among others and hears nothing of a leader need not wait as long as one
   * that lost its leader just now: all but two ticks of the timeout pass at once.
   */
  private void advanceTicks(int looksLeft) {
    if (looksLeft == 0 || stopping || view.leader() != 0) {
      return;
    }
    if (membership().members().size() > 1 && peers.active(membership().members()) > 1) {
      member.execute(
          () -> {
            if (loop.core().leader() == 0) {
              for (int i = 0; i < options.electionTicks() - 2; i++) {
                loop.core().tick();
              }
            }
          });
      return;
    }
    var unused =
        timer.schedule(
            () -> advanceTicks(looksLeft - 1), TICK_ADVANCE_LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void checkpointLeases() {
    if (view.leads()) {
      own.checkpoint(
          leaseClock.longerThan(TimeUnit.MILLISECONDS.toSeconds(LEASE_CHECKPOINT_MILLIS)));
    }
  }

  /**
   * Compares with the others as often as the flags say; on a thread of its own, as it takes long.
   */
  private void startChecks() {
    MemberOptions.CorruptionChecks wanted = options.corruptionChecks();
    if (wanted.periodMillis() > 0) {
      var unused = repeat(checker, wanted.periodMillis(), corruptionChecks::period);
    }
    if (wanted.compactionPeriodMillis() > 0) {
      var unused = repeat(checker, wanted.compactionPeriodMillis(), corruptionChecks::compaction);
    }
  }

  /**
   * Compares with the others before anything is served, if the flags ask for it.
   *
   * @throws StartException when some hold another history
   */
  public void checkAtStart() throws StartException {
    if (options.corruptionChecks().initial() && corruptionChecks.differsAtStart()) {
      throw new StartException("checkInitialHashKV failed: found data inconsistency with peers");
    }
  }

  private void every(long millis, Runnable task) {
    var unused = repeat(timer, millis, task);
  }

  private Future<?> repeat(ScheduledExecutorService on, long millis, Runnable task) {
    return on.scheduleWithFixedDelay(
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
    if (gate.hasWaiting()) {
      member.execute(gate::tick);
    }
  }

  /** Done when a leader is known and this member has told the cluster how clients reach it. */
  public CompletableFuture<Void> ready() {
    return own.published();
  }

  /** Every method that this member serves. */
  public List<Rpc<?, ?>> rpcs() {
    return rpcs;
  }

  public MetricRegistry metrics() {
    return metrics.registry;
  }

  /** Gives leadership up, if it has it, so that a planned stop costs no election. */
  public void handOver() {
    transfer.away(TRANSFER_MILLIS);
  }

  /** Stops; calls that still wait are refused. */
  @Override
  public void close() {
    stopping = true;
    loneVoter.stop();
    timer.shutdownNow();
    checker.shutdownNow();
    proposals.stop();
    gate.stop();
    compactions.close();
    member.close();
    transport.close();
    applyThread.close();
    watches.close();
    snapshotWorkers.shutdown();
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
      endings.failed(cause);
    }
  }

  // ---- What others ask --------------------------------------------------------------------------

  long appliedIndex() {
    return applyLoop.appliedIndex();
  }

  RaftView view() {
    return view;
  }

  long memberId() {
    return recovered.memberId();
  }

  MvccStore store() {
    return machine.store();
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
    return machine.membership();
  }

  Alarms alarms() {
    return machine.alarms();
  }

  MemberOptions options() {
    return options;
  }

  /** Whether the cluster has removed this member for good. */
  boolean isRemoved() {
    return membership().isRemoved(memberId());
  }

  boolean isLearner() {
    var self = membership().member(memberId());
    return self != null && self.isLearner();
  }

  /** Serves what other members ask; for the routes of the peer listeners. */
  public void addPeerRoutes(Routes routes) {
    transport.addRoutes(routes);
    peerEndpoints.addTo(routes);
  }

  /** Serves the v2 API; for the routes of the client listeners. */
  public void addV2Routes(Routes routes) {
    v2.addTo(routes);
    traffic.start();
  }

  /** Has the keys of the v2 API go whose time is over by this leader's clock. */
  private void expireV2() {
    long now = unixNanos();
    if (view.leads() && machine.v2().nextExpiryNanos() <= now) {
      own.expireV2(now);
    }
  }

  private static long unixNanos() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  private CompletableFuture<KvHash> hash(long revision) {
    KvHash compacted = compactionHashes.at(revision);
    if (compacted != null) {
      return CompletableFuture.completedFuture(compacted);
    }
    return CompletableFuture.supplyAsync(
        () -> {
          try (io.etcdj.state.mvcc.Snapshot now = store().snapshot()) {
            return now.hash(revision);
          }
        },
        workers);
  }

  private CompletableFuture<io.etcdj.raft.Status> raftStatus() {
    CompletableFuture<io.etcdj.raft.Status> status = new CompletableFuture<>();
    member.execute(() -> status.complete(loop.core().status()));
    return status;
  }

  private ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder()
        .setClusterId(recovered.clusterId())
        .setMemberId(recovered.memberId())
        .setRevision(revision)
        .setRaftTerm(view.term())
        .build();
  }

  /** The versions that {@code /version} tells. */
  public VersionSource versions() {
    return new MemberVersions(membership());
  }

  /** Whether this member is well. */
  public HealthSource health() {
    return new MemberHealth(this, gate);
  }

  // ---- The network ------------------------------------------------------------------------------

  /** Takes what the core wants sent; on the member thread. */
  private void sendToPeers(List<Message> messages) {
    List<Message> small = messages;
    for (Message message : messages) {
      traffic.sent(message);
      if (message.getType() == MessageType.MsgSnap) {
        snapshots.send(message); // a database has a way of its own
        small = messages.stream().filter(m -> m.getType() != MessageType.MsgSnap).toList();
      }
    }
    if (!small.isEmpty()) {
      transport.send(small);
    }
  }

  private void snapshotFailed(long to) {
    member.execute(() -> loop.core().reportSnapshot(to, false));
  }

  private final class FromPeers implements PeerReceiver {
    @Override
    public void receive(List<Message> messages) {
      messages.forEach(traffic::received);
      member.receive(messages);
    }

    @Override
    public void unreachable(long id) {
      traffic.lost(id);
      member.execute(() -> loop.core().reportUnreachable(id));
    }

    @Override
    public void snapshotDone(long id, boolean ok) {
      member.execute(() -> loop.core().reportSnapshot(id, ok));
    }

    @Override
    public boolean isRemoved(long id) {
      return membership().isRemoved(id);
    }

    @Override
    public void removedHere() {
      removed();
    }
  }

  private void removed() {
    if (!stopping) {
      endings.removed();
    }
  }

  private boolean lags() {
    return applyThread.lags();
  }

  private void proposeIfLeading(Entry entry) {
    if (loop.core().isLeader()) {
      loop.propose(List.of(entry));
    }
  }

  // ---- What the member thread tells -------------------------------------------------------------

  private final class Outputs implements MemberLoop.Outputs {
    @Override
    public void install(Snapshot snapshot) {
      view.committed(snapshot.getMetadata().getIndex());
      applyThread.execute(() -> EtcdMember.this.install(snapshot));
    }

    @Override
    public void committed(List<Entry> entries) {
      view.committed(entries.get(entries.size() - 1).getIndex());
      logKeeper.committed(entries);
      applyThread.committed(entries);
    }

    @Override
    public void readable(List<ReadState> reads) {
      gate.answered(reads);
    }

    @Override
    public void stateChanged(RaftCore core) {
      long leaderBefore = view.leader();
      boolean ledBefore = view.leads();
      view.see(core);
      if (leaderBefore != view.leader()) {
        leaderChanged(leaderBefore);
      }
      if (ledBefore && !view.leads()) {
        leaseClock.demote();
      }
      loneVoter.look();
    }
  }

  private void leaderChanged(long before) {
    long now = view.leader();
    if (now != 0) {
      metrics.leaderChanges.increment();
      log.info(
          "raft.node: " + Long.toHexString(memberId()) + " elected leader",
          "leader",
          Long.toHexString(now),
          "term",
          view.term());
    } else {
      log.warn(
          "raft.node: " + Long.toHexString(memberId()) + " lost leader",
          "former-leader",
          Long.toHexString(before),
          "term",
          view.term());
    }
    if (before != 0) {
      gate.leaderChanged();
    }
  }

  /** Makes a configuration change in the core; from the apply thread, which waits for it. */
  private ConfState reconfigure(ConfChange change) {
    CompletableFuture<ConfState> done = new CompletableFuture<>();
    member.execute(
        () -> {
          ConfState state = loop.applyConfChange(change);
          loneVoter.configured(state);
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

  private long committedBytes() {
    return logKeeper.committedBytes();
  }

  /** Puts a received database in the place of ours; on the apply thread. */
  private void install(Snapshot snapshot) {
    Path file = recovered.snapshots().database(snapshot.getMetadata().getIndex());
    log.info(
        "applying snapshot",
        "current-applied-index",
        appliedIndex(),
        "incoming-leader-snapshot-index",
        snapshot.getMetadata().getIndex());
    applyLoop.install(
        snapshot,
        backend -> {
          try {
            DatabaseFiles.install(file, backend);
          } catch (IOException e) {
            throw new UncheckedIOException("installing " + file, e);
          }
        });
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.warn("cannot delete an installed database", "path", file.toString(), "error", e);
    }
    log.info("applied snapshot", "applied-index", appliedIndex());
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
      loneVoter.started(newTerm);
      if (view.leads() && view.term() == newTerm) {
        leaseClock.promote(machine.leases().list(), options.electionMillis());
        versions.look();
      }
      member.execute(loneVoter::look);
    }

    @Override
    public void membershipChanged(Membership.Change change) {
      log.info(
          switch (change.kind()) {
            case ADDED -> "added member";
            case PROMOTED -> "promote member";
            case REMOVED -> "removed member";
            case UPDATED -> "updated member";
          },
          "cluster-id",
          Long.toHexString(recovered.clusterId()),
          "local-member-id",
          Long.toHexString(memberId()),
          "member-id",
          Long.toHexString(change.memberId()));
      peers.follow(change);
      member.execute(() -> loneVoter.stand(loop.core()));
      if (change.kind() == Membership.Change.Kind.REMOVED && change.memberId() == memberId()) {
        // The others must learn that it is committed; a leader hands over meanwhile.
        var unused =
            timer.schedule(
                EtcdMember.this::removed, options.electionMillis(), TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void overQuota() {
      own.raiseNoSpace();
    }

    @Override
    public void installed(Snapshot snapshot) {
      watches.replaced(store().revision());
      logKeeper.installed(snapshot);
      peers.rebuild();
      if (store().hasUnfinishedCompaction()) {
        compactions.submit(store().compactRevision(), null);
      }
      member.execute(() -> loneVoter.configured(loop.core().confState()));
      if (isRemoved()) {
        removed();
      }
    }

    @Override
    public void applied(long index, long appliedTerm, Completions completions) {
      gate.applied(index, completions);
      logKeeper.applied(index, appliedTerm, applyLoop.confState(), loneVoter.isAlone());
    }

    @Override
    public void timed(InternalRaftRequest request, Applied applied, long nanos) {
      metrics.count(request);
      if (request.hasClusterVersionSet()) {
        tellClusterVersion();
        own.publish(versions::oldest);
      }
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

  /** Tells operators which version the cluster speaks, if that is decided. */
  private void tellClusterVersion() {
    ServerVersion version = ServerVersion.parse(membership().clusterVersion());
    if (version != null && metrics.setClusterVersion(version.release())) {
      log.info("enabled capabilities for version", "cluster-version", version.toString());
    }
  }

  /** Notes what the history comes to before some of it goes, for the others to compare with. */
  private void hashBeforeCompaction(long revision, long previous) {
    if (options.corruptionChecks().compactionPeriodMillis() > 0) {
      compactionHashes.add(store().hashBeforeCompaction(revision, previous));
    }
  }

  private void revokeExpired(long lease) {
    own.revoke(lease);
  }

  private void forgetLeaseCheckpoint(long lease) {
    if (options.leaseCheckpoints().taken()) {
      own.checkpoint(Map.of(lease, 0L));
    }
  }
}
