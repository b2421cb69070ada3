package io.etcdj.storage.wal;

import static io.etcdj.storage.wal.Log.METADATA;
import static io.etcdj.storage.wal.Log.entries;
import static io.etcdj.storage.wal.Log.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.api.raftpb.Entry;
import io.etcdj.storage.disk.SimulatedDisk;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Power cuts at every step: what was acknowledged is there afterwards, in its order. */
class WalCrashTest {
  private static final Path DIRECTORY = Path.of("/data/member/wal");
  private static final WalOptions OPTIONS =
      WalOptions.standard().withSegmentBytes(10_000).withPreparer(Runnable::run);

  @Test
  void everySyncedEntrySurvivesEveryCrash() throws IOException {
    for (int seed = 0; seed < 120; seed++) {
      try {
        liveAndCrash(new Random(seed));
      } catch (AssertionError | WalException e) {
        throw new AssertionError("replay with seed " + seed, e);
      }
    }
  }

  /** One member's life: it writes and is cut off at a random operation, again and again. */
  private static void liveAndCrash(Random random) throws IOException {
    SimulatedDisk disk = diskWithDataDirectory();
    List<Entry> promised = new ArrayList<>();
    List<Entry> unsynced = new ArrayList<>();
    long term = 1;
    Wal wal = Wal.create(disk, DIRECTORY, METADATA, OPTIONS);
    for (int life = 0; life < 8; life++) {
      cutPowerAfter(disk, random.nextInt(60));
      try {
        while (true) {
          // A new leader may replace what was not promised; here, all that is known is kept.
          long next = promised.size() + unsynced.size() + 1L;
          List<Entry> batch = entries(term, next, next + random.nextInt(4), random.nextInt(2500));
          boolean sync = random.nextInt(4) > 0;
          unsynced.addAll(batch);
          wal.save(state(term, 7, promised.size()), batch, sync);
          if (sync) {
            promised.addAll(unsynced);
            unsynced.clear();
          }
        }
      } catch (PowerCut e) {
        // and that was it: a dead process closes nothing
      }
      disk.interfere((operation, path) -> {});
      disk.crash(random);
      WalContents contents = recover(disk);
      assertThat(contents.metadata()).isEqualTo(METADATA);
      int survived = contents.entries().size();
      List<Entry> all = new ArrayList<>(promised);
      all.addAll(unsynced);
      assertThat(survived).isBetween(promised.size(), all.size());
      assertThat(contents.entries()).isEqualTo(all.subList(0, survived));
      promised = new ArrayList<>(contents.entries());
      unsynced.clear();
      term++;
      wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, OPTIONS);
      assertThat(wal.readAll().entries()).isEqualTo(promised);
    }
    wal.close();
  }

  @Test
  void aCrashAtAnyStepOfCreateLeavesAWholeLogOrNone() throws IOException {
    int steps = 0;
    boolean cut = true;
    for (int step = 0; cut; step++, steps++) {
      for (int seed = 0; seed < 10; seed++) {
        SimulatedDisk disk = diskWithDataDirectory();
        cutPowerAfter(disk, step);
        try {
          Wal.create(disk, DIRECTORY, METADATA, OPTIONS).close();
          cut = false;
        } catch (PowerCut e) {
          cut = true;
        }
        disk.interfere((operation, path) -> {});
        disk.crash(new Random(seed));
        if (!cut) {
          assertThat(Wal.exists(disk, DIRECTORY)).as("acknowledged").isTrue();
        }
        if (Wal.exists(disk, DIRECTORY)) {
          assertThat(recover(disk).metadata()).isEqualTo(METADATA);
        } else {
          Wal.create(disk, DIRECTORY, METADATA, OPTIONS).close();
          assertThat(recover(disk).metadata()).isEqualTo(METADATA);
        }
      }
    }
    assertThat(steps).isGreaterThan(8);
  }

  @Test
  void aCrashAtAnyStepOfACutLosesNothing() throws IOException {
    int steps = 0;
    boolean cut = true;
    for (int step = 0; cut; step++, steps++) {
      for (int seed = 0; seed < 10; seed++) {
        SimulatedDisk disk = diskWithDataDirectory();
        Wal wal = Wal.create(disk, DIRECTORY, METADATA, OPTIONS);
        wal.save(state(1, 7, 0), entries(1, 1, 4, 1000), true);
        cutPowerAfter(disk, step);
        try {
          wal.save(state(1, 7, 4), entries(1, 5, 12, 1000), true);
          cut = false;
        } catch (PowerCut e) {
          cut = true;
        }
        disk.interfere((operation, path) -> {});
        disk.crash(new Random(seed));
        WalContents contents = recover(disk);
        assertThat(contents.entries()).startsWith(entries(1, 1, 4, 1000).toArray(Entry[]::new));
        if (!cut) {
          assertThat(contents.entries()).hasSize(12);
          assertThat(contents.hardState()).isEqualTo(state(1, 7, 4));
        }
        try (Wal again = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, OPTIONS)) {
          long next = again.readAll().entries().size() + 1L;
          List<Entry> more = entries(2, next, next + 20, 1000);
          again.save(null, more, true);
          assertThat(Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY).entries())
              .endsWith(more.toArray(Entry[]::new));
        }
      }
    }
    assertThat(steps).isGreaterThan(8);
  }

  @Test
  void aFailedSyncNeverLetsALaterSaveThrough() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Wal wal = Wal.create(disk, DIRECTORY, METADATA, OPTIONS);
    cutPowerAfter(disk, 1);
    assertThatThrownBy(() -> wal.save(null, entries(1, 1, 1, 10), true))
        .isInstanceOf(PowerCut.class);
    disk.interfere((operation, path) -> {});
    assertThatThrownBy(() -> wal.save(null, entries(1, 2, 2, 10), true))
        .isInstanceOf(IOException.class);
    wal.close();
  }

  private static SimulatedDisk diskWithDataDirectory() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.createDirectories(Path.of("/data/member"));
    disk.syncDirectory(Path.of("/data"));
    disk.syncDirectory(Path.of("/"));
    return disk;
  }

  private static WalContents recover(SimulatedDisk disk) throws IOException {
    Wal.validSnapshotEntries(disk, DIRECTORY);
    try (Wal wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, OPTIONS)) {
      return wal.readAll();
    } catch (WalException e) {
      if (e.reason() != Reason.TORN) {
        throw e;
      }
    }
    Wal.repair(disk, DIRECTORY);
    try (Wal wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, OPTIONS)) {
      return wal.readAll();
    }
  }

  private static final class PowerCut extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private static void cutPowerAfter(SimulatedDisk disk, int operations) {
    int[] left = {operations};
    disk.interfere(
        (operation, path) -> {
          if (left[0]-- <= 0) {
            throw new PowerCut();
          }
        });
  }
}
