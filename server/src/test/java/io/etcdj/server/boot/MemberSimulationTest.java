package io.etcdj.server.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.PutRequest;
import io.etcdj.api.etcdserverpb.RequestOp;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.TxnRequest;
import io.etcdj.api.etcdserverpb.TxnResponse;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.raft.RaftConfig;
import io.etcdj.raft.RaftCore;
import io.etcdj.raft.ReadOnlyOption;
import io.etcdj.raft.ReadState;
import io.etcdj.server.apply.ApplyLoop;
import io.etcdj.server.config.AutoCompaction;
import io.etcdj.server.front.rpc.Completions;
import io.etcdj.server.log.Log;
import io.etcdj.server.member.MemberLoop;
import io.etcdj.server.propose.Proposals;
import io.etcdj.server.propose.RequestIds;
import io.etcdj.state.apply.Applied;
import io.etcdj.state.apply.Applier;
import io.etcdj.state.apply.StateMachine;
import io.etcdj.state.lease.Leases;
import io.etcdj.state.membership.Membership;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.Compaction;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.MemoryBackend;
import io.etcdj.storage.disk.SimulatedDisk;
import io.etcdj.storage.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A whole member in one thread: the real core, member loop, log, apply loop and state machine, on a
 * disk and a database that lose in a crash what was not synced.
 *
 * <p>Clients write the same value to two keys in one transaction. After every crash, each
 * acknowledged transaction must be there at its revision, and at no revision may the two differ.
 */
class MemberSimulationTest {
  private static final int SEEDS = 150;
  private static final int STEPS = 400;

  @Test
  void whatWasAcknowledgedSurvivesEveryCrash() {
    long fixed = Long.getLong("seed", -1);
    int crashes = 0;
    int acknowledged = 0;
    for (long seed = fixed >= 0 ? fixed : 1; seed <= (fixed >= 0 ? fixed : SEEDS); seed++) {
      try {
        Simulation simulation = new Simulation(new Random(seed));
        simulation.run();
        crashes += simulation.crashes;
        acknowledged += simulation.acknowledged.size();
      } catch (AssertionError | Exception e) {
        throw new AssertionError("replay with -Dseed=" + seed, e);
      }
    }
    if (fixed < 0) {
      assertThat(crashes).isGreaterThan(SEEDS);
      assertThat(acknowledged).isGreaterThan(10 * SEEDS);
    }
  }

  /** A database whose unflushed rows a crash takes. */
  private static final class CrashingDatabase implements Database {
    private @Nullable MemoryBackend backend;

    @Override
    public boolean exists() {
      return backend != null;
    }

    @Override
    public Backend open() {
      if (backend == null) {
        backend = new MemoryBackend();
      }
      return backend;
    }

    @Override
    public Backend replaceBy(Path received) {
      throw new IllegalStateException("nobody sends a snapshot here");
    }

    void crash() {
      if (backend != null) {
        backend = backend.crash();
      }
    }
  }

  private static final class Simulation
      implements MemberLoop.Outputs, ApplyLoop.Observer, Leases.Observer {
    private final Random random;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final CrashingDatabase database = new CrashingDatabase();
    private final MemberOptions options;
    private final Deque<Entry> proposed = new ArrayDeque<>();
    private final Deque<List<Entry>> committed = new ArrayDeque<>();

    /** Revision to value, as clients were told. */
    private final Map<Long, String> acknowledged = new HashMap<>();

    private long compactedTo;
    private int crashes;
    private int written;
    private @Nullable Running running;

    /** What a crash ends. */
    private record Running(
        MemberLoop loop, ApplyLoop apply, Proposals proposals, MvccStore store, LogKeeper keeper) {}

    Simulation(Random random) {
      this.random = random;
      this.options =
          new MemberOptions(
              "sim",
              Path.of("/sim"),
              Path.of("/sim/member/wal"),
              List.of("http://sim:2380"),
              "token",
              false,
              false,
              true,
              false,
              List.of("http://sim:2379"),
              100,
              1_000,
              true,
              5 + random.nextInt(40),
              5,
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
    }

    void run() throws IOException, StartException {
      start();
      for (int step = 0; step < STEPS; step++) {
        int dice = random.nextInt(100);
        if (dice < 45) {
          write();
        } else if (dice < 70) {
          stepMember();
        } else if (dice < 90) {
          applySome();
        } else if (dice < 93) {
          database.open().flush();
        } else if (dice < 95) {
          compact();
        } else if (dice < 97) {
          crash();
        } else {
          running().keeper().purge();
        }
      }
      assertThatOldFilesGo();
      crash();
    }

    private void assertThatOldFilesGo() throws IOException {
      purge(25); // fewer than after which the directories are read without a reason
      assertThat(disk.list(options.snapDirectory()))
          .filteredOn(name -> name.endsWith(".snap"))
          .hasSizeLessThanOrEqualTo(options.maxSnapshots());
      purge(40);
      List<String> segments =
          disk.list(options.walDirectory()).stream()
              .filter(name -> name.endsWith(".wal"))
              .sorted()
              .toList();
      if (segments.size() > options.maxWals()) {
        assertThat(disk.isLockedHere(options.walDirectory().resolve(segments.get(0)))).isTrue();
      }
    }

    private void purge(int times) {
      for (int purge = 0; purge < times; purge++) {
        running().keeper().purge();
      }
    }

    private Running running() {
      return Objects.requireNonNull(running);
    }

    private void start() throws IOException, StartException {
      WalOptions wal =
          WalOptions.standard()
              .withSegmentBytes(4_096 + random.nextInt(8_192))
              .withPreparer(Runnable::run);
      Bootstrap.Recovered recovered =
          new Bootstrap(
                  options,
                  wal,
                  disk,
                  database,
                  () -> Map.of("sim", options.peerUrls()),
                  urls -> null,
                  Log.discarding())
              .recover();
      StateMachine machine =
          new StateMachine(recovered.backend(), new StateMachine.Options(2, 1, -1), this, null);
      MvccStore store = machine.store();
      Applier applier =
          new Applier(
              machine,
              revision -> ResponseHeader.newBuilder().setRevision(revision).build(),
              false);
      RaftCore core =
          new RaftCore(
              new RaftConfig(
                  recovered.memberId(),
                  10,
                  1,
                  1 << 20,
                  1 << 20,
                  0,
                  16,
                  0,
                  true,
                  true,
                  ReadOnlyOption.SAFE,
                  recovered.log().snapshot().getMetadata().getIndex(),
                  false),
              recovered.log(),
              random);
      MemberLoop loop =
          new MemberLoop(
              core,
              recovered.log(),
              new WalDisk(recovered.wal(), recovered.snapshots()),
              messages -> {},
              this);
      Proposals proposals =
          new Proposals(
              new RequestIds(recovered.memberId(), crashes),
              proposed::add,
              proposed::add,
              1 << 20,
              7_000,
              () -> 0,
              startNanos -> EtcdError.TIMEOUT.exception());
      ApplyLoop apply =
          new ApplyLoop(
              machine,
              applier,
              proposals,
              loop::applyConfChange,
              this,
              recovered.appliedIndex(),
              recovered.appliedTerm(),
              recovered.confState());
      LogKeeper keeper =
          new LogKeeper(
              recovered,
              options,
              disk,
              Runnable::run,
              loop,
              machine.membership(),
              machine.v2(),
              Runnable::run,
              Log.discarding(),
              nanos -> {});
      running = new Running(loop, apply, proposals, store, keeper);
      for (int i = 0; i < 30 && !core.isLeader(); i++) {
        core.tick();
        loop.process();
        applyAll();
      }
      assertThat(core.isLeader()).isTrue();
      applyAll();
    }

    private void write() {
      String value = "v" + written++;
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      for (String key : List.of("left", "right")) {
        txn.addSuccess(
            RequestOp.newBuilder()
                .setRequestPut(
                    PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))));
      }
      running()
          .proposals()
          .propose(
              InternalRaftRequest.newBuilder().setTxn(txn),
              (applied, completions) -> {
                TxnResponse response = (TxnResponse) Objects.requireNonNull(applied.response());
                acknowledged.put(response.getHeader().getRevision(), value);
              });
    }

    private void stepMember() throws IOException {
      List<Entry> batch = new ArrayList<>(proposed);
      proposed.clear();
      if (!batch.isEmpty()) {
        assertThat(running().loop().propose(batch)).isTrue();
      }
      running().loop().process();
    }

    private void applySome() throws IOException {
      if (!committed.isEmpty()) {
        running().apply().apply(committed.removeFirst());
        running().loop().process();
      }
    }

    private void applyAll() throws IOException {
      while (!committed.isEmpty()) {
        applySome();
      }
    }

    private void compact() {
      long target = running().store().revision() - 3;
      if (target > compactedTo && target > 1) {
        running()
            .proposals()
            .propose(
                InternalRaftRequest.newBuilder()
                    .setCompaction(CompactionRequest.newBuilder().setRevision(target)),
                (applied, completions) -> {});
      }
    }

    private void crash() throws IOException, StartException {
      crashes++;
      disk.crash(random);
      database.crash();
      proposed.clear();
      committed.clear();
      start();
      check();
    }

    private void check() {
      MvccStore store = running().store();
      try (io.etcdj.state.mvcc.Snapshot snapshot = store.snapshot()) {
        long newest = acknowledged.keySet().stream().mapToLong(r -> r).max().orElse(0);
        assertThat(snapshot.revision()).isGreaterThanOrEqualTo(newest);
        for (long at = Math.max(2, snapshot.compactRevision()); at <= snapshot.revision(); at++) {
          KeyValue left = snapshot.asOf("left".getBytes(UTF_8), at);
          KeyValue right = snapshot.asOf("right".getBytes(UTF_8), at);
          assertThat(left == null).isEqualTo(right == null);
          if (left != null && right != null) {
            assertThat(left.getValue()).isEqualTo(right.getValue());
            String told = acknowledged.get(at);
            if (told != null) {
              assertThat(left.getValue().toStringUtf8()).isEqualTo(told);
            }
          } else {
            assertThat(acknowledged).doesNotContainKey(at);
          }
        }
      }
    }

    // ---- What the parts tell
    // ---------------------------------------------------------------------

    @Override
    public void install(Snapshot snapshot) {
      throw new IllegalStateException("nobody sends a snapshot here");
    }

    @Override
    public void committed(List<Entry> entries) {
      committed.add(entries);
    }

    @Override
    public void readable(List<ReadState> reads) {}

    @Override
    public void stateChanged(RaftCore core) {}

    @Override
    public void changed(List<Change> changes, long revision) {}

    @Override
    public void compacting(long revision, @Nullable Runnable whenDone) {
      compactedTo = Math.max(compactedTo, revision);
      Compaction compaction = running().store().compaction(revision, 2);
      int steps = random.nextInt(20); // a crash may find it anywhere
      while (steps-- > 0 && compaction.step(Runnable::run)) {}
    }

    @Override
    public void termStarted(long term) {}

    @Override
    public void membershipChanged(Membership.Change change) {}

    @Override
    public void overQuota() {}

    @Override
    public void installed(Snapshot snapshot) {}

    @Override
    public void applied(long index, long term, Completions completions) {
      Running now = running();
      now.keeper().applied(index, term, now.apply().confState(), true);
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
