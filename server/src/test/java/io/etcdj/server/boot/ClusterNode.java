package io.etcdj.server.boot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Message;
import io.etcdj.api.raftpb.MessageType;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.raft.RaftConfig;
import io.etcdj.raft.RaftCore;
import io.etcdj.raft.ReadOnlyOption;
import io.etcdj.raft.ReadState;
import io.etcdj.server.apply.ApplyLoop;
import io.etcdj.server.apply.ConfStates;
import io.etcdj.server.config.AutoCompaction;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.MemberLoop;
import io.etcdj.server.member.RaftView;
import io.etcdj.server.propose.Proposals;
import io.etcdj.server.propose.RequestIds;
import io.etcdj.server.read.ReadGate;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.apply.Applier;
import io.etcdj.state.apply.StateMachine;
import io.etcdj.state.lease.Leases;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.Compaction;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import io.etcdj.storage.disk.SimulatedDisk;
import io.etcdj.storage.snap.SnapFiles;
import io.etcdj.storage.wal.WalOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A machine of a simulated cluster: its disk, its faults, and the member that runs on it from one
 * crash to the next.
 *
 * <p>The parts are put together as {@link EtcdMember} does, with a {@link Lane} in the place of
 * each thread.
 */
final class ClusterNode {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(30);
  private static final long REQUEST_TIMEOUT_MILLIS = 2_000;

  private final ClusterSimulation world;
  private final Random random;
  private final MemberOptions options;
  private final Map<String, List<String>> cluster;
  private final boolean chatty;
  private final SimulatedDisk disk = new SimulatedDisk();
  private final SimulatedDatabase database = new SimulatedDatabase(disk);
  private final long tickNanos;
  private int lives;
  private @Nullable Life life;
  private boolean gone;

  // Faults.
  private int operationsLeft = -1;
  private boolean powerless;
  private boolean syncFails;
  private long slowestSyncNanos;
  private long slowestApplyNanos;
  private long pausedUntil;

  /** Disk time that what runs now has taken so far. */
  private long spentNanos;

  ClusterNode(
      ClusterSimulation world, String name, Map<String, List<String>> cluster, boolean joins) {
    this.world = world;
    this.random = world.random();
    this.cluster = cluster;
    this.tickNanos = TICK_NANOS * (90 + random.nextInt(21)) / 100; // clocks run apart
    this.chatty = random.nextBoolean();
    this.options =
        new MemberOptions(
            name,
            Path.of("/" + name),
            Path.of("/" + name + "/member/wal"),
            cluster.getOrDefault(name, List.of()),
            "token",
            joins,
            false,
            true,
            false,
            List.of("http://" + name + ":2379"),
            30,
            30L * world.electionTicks(),
            world.preVote(),
            3 + random.nextInt(15),
            1 + random.nextInt(6),
            2,
            2,
            0,
            100,
            10_000,
            128,
            1 << 20,
            1,
            3,
            0,
            new AutoCompaction.Off(),
            600_000,
            100,
            MemberOptions.LeaseCheckpoints.NONE,
            MemberOptions.CorruptionChecks.NONE,
            false);
    disk.interfere(this::beforeDisk);
  }

  String name() {
    return options.name();
  }

  @Nullable Life life() {
    return life;
  }

  /** Whether it has left the cluster and stays away. */
  boolean isGone() {
    return gone;
  }

  long pausedUntil() {
    return pausedUntil;
  }

  // ---- Faults ----------------------------------------------------------------------------------

  private void beforeDisk(SimulatedDisk.Operation operation, Path path) throws IOException {
    if (operation == SimulatedDisk.Operation.READ) {
      return;
    }
    cutPoint();
    if (operation == SimulatedDisk.Operation.SYNC) {
      if (syncFails) {
        syncFails = false;
        operationsLeft = random.nextInt(4); // whoever goes on now has no time to make up for it
        throw new IOException("Input/output error");
      }
      spentNanos += world.upTo(slowestSyncNanos);
    }
  }

  /** Where the power may go. */
  private void cutPoint() throws IOException {
    if (operationsLeft >= 0 && --operationsLeft < 0) {
      powerless = true;
    }
    if (powerless) {
      throw new IOException("the power is gone");
    }
  }

  /** The power will go within the next disk operations. */
  void cutPowerSoon() {
    operationsLeft = random.nextInt(16);
  }

  void failNextSync() {
    syncFails = true;
  }

  void slowDisk(long nanos) {
    slowestSyncNanos = nanos;
  }

  void slowApply(long nanos) {
    slowestApplyNanos = nanos;
  }

  /** Nothing runs until then, as with SIGSTOP. */
  void pauseUntil(long nanos) {
    pausedUntil = nanos;
  }

  void crash() {
    if (life != null) {
      life = null;
      world.crashed(this);
    }
    disk.crash(random);
    database.crash();
    operationsLeft = -1;
    powerless = false;
    syncFails = false;
    pausedUntil = 0;
  }

  /** Ends well: it was removed. */
  void leave() {
    life = null;
    gone = true;
  }

  // ---- Lives -----------------------------------------------------------------------------------

  void start() {
    if (life != null || gone) {
      return;
    }
    lives++;
    try {
      life = new Life();
    } catch (StartException e) {
      throw new AssertionError(name() + " does not start", e);
    } catch (IOException | UncheckedIOException e) {
      crash();
      return;
    }
    if (powerless) {
      crash();
      return;
    }
    life.begin();
  }

  private interface Action {
    void run() throws IOException;
  }

  /** Runs what one thread of a life does in one go; a disk that fails ends the life. */
  private void guarded(Life in, Action action) {
    if (life != in) {
      return;
    }
    spentNanos = 0;
    try {
      action.run();
    } catch (IOException | UncheckedIOException e) {
      crash();
      return;
    }
    if (powerless) {
      crash();
    }
  }

  /** The place of a thread: does one thing after the other, each taking its time. */
  private final class Lane {
    private final Life owner;
    private final Action turn;
    private boolean waits;
    private long busyUntil;

    Lane(Life owner, Action turn) {
      this.owner = owner;
      this.turn = turn;
    }

    void wake() {
      if (!waits) {
        waits = true;
        world.at(Math.max(world.now() + world.upTo(50_000), busyUntil), this::look);
      }
    }

    private void look() {
      long free = Math.max(busyUntil, pausedUntil);
      if (world.now() < free) {
        world.at(free, this::look);
        return;
      }
      waits = false;
      guarded(owner, turn);
      busyUntil = world.now() + spentNanos;
    }
  }

  /** What a crash ends. */
  final class Life implements MemberLoop.Outputs, ApplyLoop.Observer, Leases.Observer {
    private final Bootstrap.Recovered recovered;
    private final StateMachine machine;
    private final RaftView view = new RaftView();
    private final MemberLoop loop;
    private final Proposals proposals;
    private final ReadGate gate;
    private final ApplyLoop apply;
    private final LogKeeper keeper;
    private final ClusterWatches watches;
    private final Lane memberLane = new Lane(this, this::memberTurn);
    private final Lane applyLane = new Lane(this, this::applyTurn);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Message> inbox = new ArrayDeque<>();
    private final Deque<Entry> proposed = new ArrayDeque<>();
    private List<Entry> refused = List.of();
    private long refusedSince;
    private boolean tickDue;
    private final Deque<Action> toApply = new ArrayDeque<>();
    private final Deque<Runnable> compactions = new ArrayDeque<>();
    private boolean onlyVoter;
    private long startedTerm;
    private long lastCommitted;
    private long lastApplied;

    Life() throws IOException, StartException {
      WalOptions wal =
          WalOptions.standard()
              .withSegmentBytes(4_096 + random.nextInt(8_192))
              .withPreparer(Runnable::run);
      recovered =
          new Bootstrap(options, wal, disk, database, () -> cluster, world::ask, Log.discarding())
              .recover();
      machine =
          new StateMachine(recovered.backend(), new StateMachine.Options(2, 1, -1), this, null);
      RaftCore core =
          new RaftCore(
              new RaftConfig(
                  recovered.memberId(),
                  options.electionTicks(),
                  1,
                  chatty ? 200 : 1 << 20,
                  chatty ? 300 : 1 << 20,
                  0,
                  chatty ? 3 : 64,
                  chatty ? 300 : 8 << 20,
                  true,
                  options.preVote(),
                  ReadOnlyOption.SAFE,
                  recovered.log().snapshot().getMetadata().getIndex(),
                  false),
              recovered.log(),
              random);
      loop =
          new MemberLoop(
              core,
              recovered.log(),
              new WalDisk(recovered.wal(), recovered.snapshots()),
              this::send,
              this);
      RequestIds ids =
          new RequestIds(recovered.memberId(), world.now() / 1_000_000 + 1_000_000L * lives);
      proposals =
          new Proposals(
              ids,
              this::propose,
              this::propose,
              1 << 20,
              REQUEST_TIMEOUT_MILLIS,
              () -> view.committed() - lastApplied,
              startNanos -> EtcdError.TIMEOUT.exception(),
              world::now);
      gate = new ReadGate(ids, this::onMember, loop::readIndex, REQUEST_TIMEOUT_MILLIS, world::now);
      apply =
          new ApplyLoop(
              machine,
              new Applier(machine, Life::header, false),
              proposals,
              this::reconfigure,
              this,
              recovered.appliedIndex(),
              recovered.appliedTerm(),
              recovered.confState());
      keeper =
          new LogKeeper(
              recovered,
              options,
              disk,
              this::onMember,
              loop,
              machine.membership(),
              machine.v2(),
              this::onWorker,
              Log.discarding(),
              nanos -> {});
      watches = new ClusterWatches(store(), Life::header);
      lastApplied = recovered.appliedIndex();
      lastCommitted = recovered.log().snapshot().getMetadata().getIndex();
      if (lastApplied > 0) {
        world.history().applied(name(), lastApplied, store(), recovered.confState());
      }
    }

    private static ResponseHeader header(long revision) {
      return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    private void begin() {
      if (store().hasUnfinishedCompaction()) {
        compacting(store().compactRevision(), null);
      }
      onMember(this::standIfAlone);
      tick();
      look();
    }

    long id() {
      return recovered.memberId();
    }

    long clusterId() {
      return recovered.clusterId();
    }

    MvccStore store() {
      return machine.store();
    }

    Membership membership() {
      return machine.membership();
    }

    Proposals proposals() {
      return proposals;
    }

    ReadGate gate() {
      return gate;
    }

    ClusterWatches watches() {
      return watches;
    }

    RaftView view() {
      return view;
    }

    ConfState confState() {
      return apply.confState();
    }

    long appliedIndex() {
      return apply.appliedIndex();
    }

    long lastIndex() {
      return loop.core().lastIndex();
    }

    boolean isDead() {
      return life != this;
    }

    // ---- Lanes ---------------------------------------------------------------------------------

    private void tick() {
      if (!isDead()) {
        tickDue = true;
        memberLane.wake();
        world.at(world.now() + tickNanos, this::tick);
      }
    }

    /** What timers do in a process. */
    private void look() {
      if (!isDead()) {
        guarded(this, keeper::purge);
        guarded(this, watches::catchUp);
        world.at(world.now() + world.upTo(400_000_000), this::look);
      }
    }

    void onMember(Runnable task) {
      tasks.add(task);
      memberLane.wake();
    }

    private void onWorker(Runnable task) {
      world.at(world.now() + world.upTo(20_000_000), () -> guarded(this, task::run));
    }

    private void onApply(Action action) {
      toApply.add(action);
      applyLane.wake();
    }

    void receive(Message message) {
      inbox.add(message);
      memberLane.wake();
    }

    private void propose(Entry entry) {
      proposed.add(entry);
      memberLane.wake();
    }

    /** As the member thread's. */
    private void memberTurn() throws IOException {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
      for (Message message = inbox.poll(); message != null; message = inbox.poll()) {
        loop.step(message);
        if (random.nextInt(4) == 0) {
          var unused = loop.processWithoutDisk(); // as of a message that is stepped where it came
        }
      }
      if (tickDue) {
        tickDue = false;
        loop.tick();
        proposals.expire();
        gate.tick();
      }
      takeProposals();
      loop.process();
    }

    private void takeProposals() {
      if (!refused.isEmpty()) {
        boolean patient = world.now() - refusedSince < REQUEST_TIMEOUT_MILLIS * 1_000_000;
        if (!loop.propose(refused) && patient) {
          return;
        }
        refused = List.of();
      }
      if (proposed.isEmpty()) {
        return;
      }
      List<Entry> batch = List.copyOf(proposed);
      proposed.clear();
      if (!loop.propose(batch)) {
        refused = batch;
        refusedSince = world.now();
      }
    }

    private void applyTurn() throws IOException {
      Action next = toApply.poll();
      if (next != null) {
        next.run();
        spentNanos += world.upTo(slowestApplyNanos);
        if (!toApply.isEmpty()) {
          applyLane.wake();
        }
      }
    }

    // ---- The network ---------------------------------------------------------------------------

    private void send(List<Message> messages) {
      for (Message message : messages) {
        if (message.getType() == MessageType.MsgSnap) {
          sendDatabase(message);
        } else {
          world.send(ClusterNode.this, message, world.now() + spentNanos);
        }
      }
    }

    void unreachable(long member) {
      if (!isDead()) {
        onMember(() -> loop.core().reportUnreachable(member));
      }
    }

    /** As {@code DatabaseSender}: what is sent is the database as of then. */
    private void sendDatabase(Message wanted) {
      onWorker(
          () -> {
            Snapshot snapshot;
            byte[] rows;
            try (Backend.TableView tables = machine.backend().openTables()) {
              ConfState confState = ConfStates.load(tables);
              long index = number(tables, Backend.APPLIED_INDEX);
              if (confState == null || index == 0) {
                databaseSent(wanted.getTo(), false);
                return;
              }
              rows = SimulatedDatabase.rows(tables);
              snapshot =
                  Snapshot.newBuilder()
                      .setData(Membership.treeOf(tables))
                      .setMetadata(
                          SnapshotMetadata.newBuilder()
                              .setConfState(confState)
                              .setIndex(index)
                              .setTerm(number(tables, Backend.APPLIED_TERM)))
                      .build();
            }
            world
                .history()
                .snapshot(
                    name(), snapshot.getMetadata().getIndex(), snapshot.getMetadata().getTerm());
            world.sendDatabase(
                ClusterNode.this, wanted.toBuilder().setSnapshot(snapshot).build(), rows);
          });
    }

    private static long number(Backend.TableView tables, String row) {
      byte[] stored = tables.get(Table.META, row.getBytes(US_ASCII));
      return stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
    }

    void databaseSent(long to, boolean ok) {
      if (!isDead()) {
        onMember(() -> loop.core().reportSnapshot(to, ok));
      }
    }

    /** Keeps a database that came with a MsgSnap, then takes the message; false if it cannot. */
    boolean receiveDatabase(Message message, byte[] rows) {
      boolean[] kept = {false};
      guarded(
          this,
          () -> {
            try (SnapFiles.Incoming file = recovered.snapshots().receiveDatabase()) {
              file.write(ByteBuffer.wrap(rows));
              file.keep(message.getSnapshot().getMetadata().getIndex());
              kept[0] = true;
              receive(message);
            }
          });
      return kept[0] && !isDead();
    }

    // ---- What the member lane tells ------------------------------------------------------------

    @Override
    public void install(Snapshot snapshot) {
      SnapshotMetadata metadata = snapshot.getMetadata();
      world.installs++;
      view.committed(metadata.getIndex());
      lastCommitted = metadata.getIndex();
      onApply(
          () -> {
            Path file = recovered.snapshots().database(metadata.getIndex());
            cutPoint();
            apply.install(
                snapshot,
                backend -> {
                  try {
                    SimulatedDatabase.load(disk, file, backend);
                    cutPoint();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
            disk.delete(file);
          });
    }

    @Override
    public void committed(List<Entry> entries) {
      if (entries.get(0).getIndex() != lastCommitted + 1) {
        throw new AssertionError(
            name() + " commits " + entries.get(0).getIndex() + " after " + lastCommitted);
      }
      lastCommitted = entries.get(entries.size() - 1).getIndex();
      view.committed(lastCommitted);
      world.history().committed(name(), entries);
      keeper.committed(entries);
      List<Entry> rest = entries;
      while (!rest.isEmpty()) {
        int cut = 1 + random.nextInt(rest.size());
        List<Entry> batch = List.copyOf(rest.subList(0, cut));
        onApply(() -> apply.apply(batch));
        rest = rest.subList(cut, rest.size());
      }
    }

    @Override
    public void readable(List<ReadState> reads) {
      gate.answered(reads);
    }

    @Override
    public void stateChanged(RaftCore core) {
      world.history().saw(core);
      long leaderBefore = view.leader();
      view.see(core);
      if (leaderBefore != view.leader()) {
        if (leaderBefore != 0) {
          gate.leaderChanged();
        }
      }
      openGateIfAlone();
    }

    private void openGateIfAlone() {
      gate.setOpen(view.leads() && onlyVoter && startedTerm == view.term());
    }

    private void standIfAlone() {
      onlyVoter = isOnlyVoter(loop.core().confState());
      if (onlyVoter && loop.core().leader() == 0) {
        loop.core().campaign();
      }
    }

    private boolean isOnlyVoter(ConfState state) {
      return state.getVotersCount() == 1
          && state.getVoters(0) == id()
          && state.getVotersOutgoingCount() == 0;
    }

    private ConfState reconfigure(ConfChange change) {
      ConfState state = loop.applyConfChange(change);
      onlyVoter = isOnlyVoter(state);
      openGateIfAlone();
      memberLane.wake();
      return state;
    }

    void transferLeader(long to) {
      onMember(() -> loop.core().transferLeader(to));
    }

    // ---- What the apply lane tells -------------------------------------------------------------

    @Override
    public void changed(List<Change> changes, long revision) {
      world.history().changed(name(), changes);
      watches.changed(changes, revision);
    }

    @Override
    public void compacting(long revision, @Nullable Runnable whenDone) {
      compactions.add(() -> compactSome(store().compaction(revision, 3)));
      if (compactions.size() == 1) {
        onWorker(compactions.getFirst());
      }
    }

    private void compactSome(Compaction compaction) {
      if (compaction.step(task -> onApply(task::run))) {
        onWorker(() -> compactSome(compaction));
        return;
      }
      compactions.removeFirst();
      if (!compactions.isEmpty()) {
        onWorker(compactions.getFirst());
      }
    }

    @Override
    public void termStarted(long term) {
      startedTerm = term;
      onMember(this::openGateIfAlone);
    }

    @Override
    public void membershipChanged(Membership.Change change) {
      onMember(this::standIfAlone);
      if (change.kind() == Membership.Change.Kind.REMOVED && change.memberId() == id()) {
        world.at(world.now() + 300_000_000, ClusterNode.this::leave);
      }
    }

    @Override
    public void overQuota() {}

    @Override
    public void installed(Snapshot snapshot) {
      watches.replaced(store().revision());
      keeper.installed(snapshot);
      if (store().hasUnfinishedCompaction()) {
        compacting(store().compactRevision(), null);
      }
      onMember(
          () -> {
            onlyVoter = isOnlyVoter(loop.core().confState());
            openGateIfAlone();
          });
      if (membership().isRemoved(id())) {
        leave();
      }
    }

    @Override
    public void applied(long index, long term, Completions completions) {
      if (index < lastApplied) {
        throw new AssertionError(name() + " applies " + index + " after " + lastApplied);
      }
      lastApplied = index;
      world.history().applied(name(), index, store(), apply.confState());
      gate.applied(index, completions);
      keeper.applied(index, term, apply.confState(), onlyVoter);
    }

    @Override
    public void timed(InternalRaftRequest request, Applied applied, long nanos) {}

    @Override
    public void granted(Leases.Terms terms) {}

    @Override
    public void revoked(long id) {}

    @Override
    public void reloaded(List<Leases.Terms> all) {}
  }
}
