package io.etcdj.storage.wal;

import static io.etcdj.storage.wal.Log.METADATA;
import static io.etcdj.storage.wal.Log.entries;
import static io.etcdj.storage.wal.Log.entry;
import static io.etcdj.storage.wal.Log.snapshot;
import static io.etcdj.storage.wal.Log.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.disk.FileDisk;
import io.etcdj.storage.disk.SimulatedDisk;
import io.etcdj.storage.disk.SimulatedDisk.Operation;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalTest {
  private static final Path DIRECTORY = Path.of("/data/wal");
  private static final WalOptions SMALL =
      WalOptions.standard().withSegmentBytes(8000).withPreparer(Runnable::run);

  private final SimulatedDisk disk = new SimulatedDisk();

  @Test
  void whatWasSavedIsReadBack() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      wal.save(state(1, 7, 0), entries(1, 1, 3, 100), true);
      wal.save(state(1, 7, 3), List.of(), false);
      wal.save(null, entries(1, 4, 4, 0), true);
    }
    try (Wal wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, SMALL)) {
      WalContents contents = wal.readAll();
      List<Entry> expected = new ArrayList<>(entries(1, 1, 3, 100));
      expected.addAll(entries(1, 4, 4, 0));
      assertThat(contents).isEqualTo(new WalContents(METADATA, state(1, 7, 3), expected));
    }
  }

  @Test
  void aReopenedLogGoesOnWithTheSameChain() throws IOException {
    Wal.create(disk, DIRECTORY, METADATA, SMALL).close();
    List<Entry> all = entries(1, 1, 200, 90);
    for (int i = 0; i < all.size(); i += 5) {
      try (Wal wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, SMALL)) {
        assertThat(wal.readAll().entries()).isEqualTo(all.subList(0, i));
        wal.save(state(1, 7, i), all.subList(i, i + 5), true);
      }
    }
    WalContents contents = Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY);
    assertThat(contents.entries()).isEqualTo(all);
    assertThat(segments()).hasSizeGreaterThan(2);
  }

  @Test
  void segmentsAreCutAtTheThresholdAndNamedAfterTheNextIndex() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      for (Entry entry : entries(1, 1, 20, 1000)) {
        wal.save(state(1, 7, entry.getIndex() - 1), List.of(entry), true);
      }
      assertThat(segments())
          .containsExactly(
              "0000000000000000-0000000000000000.wal",
              "0000000000000001-0000000000000009.wal",
              "0000000000000002-0000000000000011.wal");
    }
    assertThat(Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY))
        .isEqualTo(new WalContents(METADATA, state(1, 7, 19), entries(1, 1, 20, 1000)));
    assertThat(disk.list(DIRECTORY)).noneMatch(name -> name.endsWith(".tmp"));
  }

  @Test
  void aLaterWriteOfAnIndexReplacesItAndAllBehindIt() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      wal.save(state(1, 7, 1), entries(1, 1, 5, 10), true);
      wal.save(state(2, 7, 1), List.of(entry(2, 3, "new")), true);
    }
    List<Entry> expected = new ArrayList<>(entries(1, 1, 5, 10).subList(0, 2));
    expected.add(entry(2, 3, "new"));
    assertThat(Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY).entries()).isEqualTo(expected);
  }

  @Test
  void onlyWhatLiesBehindTheSnapshotIsRead() throws IOException {
    List<Entry> all = entries(1, 1, 50, 300);
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      wal.save(state(1, 7, 30), all.subList(0, 30), true); // fills the first segment
      wal.save(state(1, 7, 40), all.subList(30, 50), true);
      wal.saveSnapshot(snapshot(20, 1));
      wal.saveSnapshot(snapshot(40, 1));
      wal.saveSnapshot(snapshot(45, 1));
    }
    assertThat(Wal.validSnapshotEntries(disk, DIRECTORY))
        .containsExactly(WalSnapshot.EMPTY, snapshot(20, 1), snapshot(40, 1));
    assertThat(Wal.validSnapshotEntriesFrom(disk, DIRECTORY, 40))
        .containsExactly(snapshot(20, 1), snapshot(40, 1));
    assertThat(Wal.read(disk, DIRECTORY, snapshot(40, 1)).entries()).isEqualTo(all.subList(40, 50));
    assertReason(Reason.SNAPSHOT_MISMATCH, () -> Wal.read(disk, DIRECTORY, snapshot(40, 2)));
    assertReason(Reason.SNAPSHOT_NOT_FOUND, () -> Wal.read(disk, DIRECTORY, snapshot(41, 1)));
  }

  @Test
  void aSnapshotNoteNeedsItsConfiguration() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      assertThatThrownBy(() -> wal.saveSnapshot(new WalSnapshot(3, 1, null)))
          .hasMessageStartingWith("Saved snapshot is missing ConfState");
    }
  }

  @Test
  void aLogIsLockedAgainstASecondUserAndFreedByClose() throws IOException {
    Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL);
    assertReason(Reason.LOCKED, () -> Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, SMALL));
    assertReason(Reason.EXISTS, () -> Wal.create(disk, DIRECTORY, METADATA, SMALL));
    wal.close();
    Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, SMALL).close();
  }

  @Test
  void releasingKeepsTheSegmentsThatMayBeReadAgain() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      for (Entry entry : entries(1, 1, 50, 1000)) {
        wal.save(null, List.of(entry), true);
      }
      List<String> all = segments(); // first indices 0, 9, 17, 25, 33, 41, 49
      assertThat(all).hasSize(7);
      wal.releaseLockTo(1000);
      assertThat(locked()).as("all may be read again").isEqualTo(all);
      wal.forget(18);
      wal.releaseLockTo(1000);
      assertThat(locked()).as("from 18 on").isEqualTo(all.subList(2, 7));
      wal.forget(50);
      wal.releaseLockTo(1000);
      assertThat(locked()).isEqualTo(all.subList(6, 7));
    }
  }

  @Test
  void releasingKeepsTheSegmentThatHoldsTheIndex() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      for (Entry entry : entries(1, 1, 50, 1000)) {
        wal.save(null, List.of(entry), true);
      }
      wal.forget(50);
      List<String> all = segments(); // first indices 0, 9, 17, 25, 33, 41, 49
      assertThat(all).hasSize(7);
      wal.releaseLockTo(0);
      assertThat(locked()).isEqualTo(all);
      wal.releaseLockTo(9);
      assertThat(locked()).isEqualTo(all);
      wal.releaseLockTo(17);
      assertThat(locked()).isEqualTo(all.subList(1, 7));
      wal.releaseLockTo(32);
      assertThat(locked()).isEqualTo(all.subList(3, 7));
      wal.releaseLockTo(1000);
      assertThat(locked()).isEqualTo(all.subList(6, 7));
      wal.save(null, List.of(entry(1, 51, "on")), true);
    }
  }

  @Test
  void whatWasSavedSinceTheStartCanBeReadAgain() throws IOException {
    List<Entry> all = entries(1, 1, 60, 1000);
    Wal.create(disk, DIRECTORY, METADATA, SMALL).close();
    try (Wal wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, SMALL)) {
      wal.readAll();
      assertThat(wal.firstReadable()).isEqualTo(Long.MAX_VALUE);
      for (Entry entry : all) {
        wal.save(state(1, 7, entry.getIndex() - 1), List.of(entry), true);
      }
      wal.saveSnapshot(snapshot(30, 1));
      assertThat(segments()).hasSizeGreaterThan(6);
      assertThat(wal.firstReadable()).isEqualTo(2);
      assertThat(wal.term(1)).isEqualTo(1);
      assertThat(wal.entries(2, 61, Long.MAX_VALUE)).isEqualTo(all.subList(1, 60));
      assertThat(wal.entries(33, 58, 3L * all.get(40).getSerializedSize()))
          .isEqualTo(all.subList(32, 35));
      assertThat(wal.entries(60, 61, 0)).isEqualTo(all.subList(59, 60));
      wal.forget(40);
      assertThat(wal.firstReadable()).isEqualTo(41);
      assertThat(wal.entries(41, 61, Long.MAX_VALUE)).isEqualTo(all.subList(40, 60));
      assertThatThrownBy(() -> wal.entries(40, 61, 0)).hasMessageContaining("entry 40");
    }
  }

  @Test
  void whatWasReplacedIsNotReadAgain() throws IOException {
    Random random = new Random(1);
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      List<Entry> log = new ArrayList<>();
      long first = 1;
      for (int term = 1; term < 200; term++) {
        long from = Math.max(first, log.size() + 1L - random.nextInt(6));
        while (log.size() >= from) {
          log.remove(log.size() - 1);
        }
        List<Entry> added = entries(term, from, from + random.nextInt(9), random.nextInt(1500));
        log.addAll(added);
        wal.save(null, added, true);
        if (random.nextInt(10) == 0) {
          first = Math.max(first, log.size() - random.nextInt(20));
          wal.forget(first - 1);
        }
        long lo = Math.max(wal.firstReadable(), log.size() - random.nextInt(40));
        if (lo <= log.size()) {
          assertThat(wal.entries(lo, log.size() + 1, Long.MAX_VALUE))
              .as("term %d, from %d", term, lo)
              .isEqualTo(log.subList(Math.toIntExact(lo) - 1, log.size()));
          assertThat(wal.term(lo - 1)).isEqualTo(log.get(Math.toIntExact(lo) - 2).getTerm());
        }
      }
    }
  }

  @Test
  void whatIsDamagedOnTheDiskIsNotReadAgainButTheLogGoesOn() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      wal.save(null, entries(1, 1, 3, 1000), true);
      try (DiskFile file = disk.open(DIRECTORY.resolve(segments().get(0)), Disk.Mode.WRITE)) {
        file.write(ByteBuffer.wrap(new byte[] {1}), 2500);
      }
      assertThatThrownBy(() -> wal.entries(2, 4, Long.MAX_VALUE)).isInstanceOf(WalException.class);
      wal.save(null, entries(1, 4, 4, 1000), true);
    }
  }

  @Test
  void entriesAreKeptForReadingUpToABound() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      List<Entry> all = entries(1, 1, 50, 1000);
      wal.save(null, all, true);
      assertThat(wal.firstReadableWithin(1 << 20)).isEqualTo(1);
      assertThat(wal.firstReadableWithin(0)).isEqualTo(51);
    }
  }

  @Test
  void aFailedSyncIsFinal() throws IOException {
    Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL);
    wal.save(null, entries(1, 1, 1, 10), true);
    disk.interfere(
        (operation, path) -> {
          if (operation == Operation.SYNC) {
            throw new IOException("Input/output error");
          }
        });
    assertThatThrownBy(() -> wal.save(null, entries(1, 2, 2, 10), true))
        .hasMessage("Input/output error");
    disk.interfere((operation, path) -> {});
    assertThatThrownBy(() -> wal.save(null, entries(1, 3, 3, 10), true))
        .hasMessageContaining("Input/output error");
    assertThatThrownBy(() -> wal.saveSnapshot(snapshot(1, 1)))
        .hasMessageContaining("Input/output error");
    assertThatThrownBy(wal::sync).hasMessageContaining("Input/output error");
    wal.close();
  }

  @Test
  void aFullDiskIsFinalToo() throws IOException {
    Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL.withSegmentBytes(50_000_000));
    wal.save(null, entries(1, 1, 1, 10), true);
    disk.limitFreeBytes(0);
    assertThatThrownBy(() -> wal.save(null, entries(1, 2, 2000, 10_000), true))
        .hasMessageContaining("No space left on device");
    assertThatThrownBy(() -> wal.save(null, entries(1, 3, 3, 10), true))
        .hasMessageContaining("No space left on device");
    wal.close();
  }

  @Test
  void aMissingSegmentIsSeen() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      for (Entry entry : entries(1, 1, 50, 1000)) {
        wal.save(null, List.of(entry), true);
      }
    }
    disk.delete(DIRECTORY.resolve(segments().get(3)));
    assertReason(Reason.SEGMENT_MISSING, () -> Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY));
    disk.delete(DIRECTORY.resolve(segments().get(2)));
    disk.delete(DIRECTORY.resolve(segments().get(1)));
    assertReason(Reason.CRC_MISMATCH, () -> Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY));
    disk.delete(DIRECTORY.resolve(segments().get(0)));
    assertReason(Reason.FILE_NOT_FOUND, () -> Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY));
  }

  @Test
  void anEntryThatLeavesAGapIsRefusedWhenRead() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      wal.save(null, entries(1, 1, 2, 10), true);
      wal.save(null, entries(1, 4, 4, 10), true);
    }
    assertReason(Reason.ENTRY_MISSING, () -> Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY));
  }

  @Test
  void timingsAreHeard() throws IOException {
    List<String> heard = new ArrayList<>();
    WalListener listener =
        new WalListener() {
          @Override
          public void written(long bytes, long nanos) {
            heard.add("written " + bytes);
          }

          @Override
          public void synced(long nanos) {
            heard.add("synced");
          }
        };
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL.withListener(listener))) {
      heard.clear();
      wal.save(state(1, 1, 1), entries(1, 1, 10, 10), true);
      assertThat(heard).hasSize(2).last().isEqualTo("synced");
      heard.clear();
      wal.save(state(1, 1, 2), List.of(), false);
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void withoutSyncNothingIsSynced() throws IOException {
    disk.interfere(
        (operation, path) -> {
          if (operation == Operation.SYNC || operation == Operation.SYNC_DIRECTORY) {
            throw new IOException("synced " + path);
          }
        });
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL.withSync(false))) {
      wal.save(null, entries(1, 1, 50, 1000), true);
      wal.save(null, entries(1, 51, 52, 1000), true);
    }
    assertThat(Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY).entries()).hasSize(52);
  }

  @Test
  void realFilesHoldTheSame(@TempDir Path directory) throws IOException {
    FileDisk files = new FileDisk();
    Path place = directory.resolve("member").resolve("wal");
    files.createDirectories(directory.resolve("member"));
    WalOptions options = WalOptions.standard().withSegmentBytes(1_000_000);
    HardState last = state(1, 7, 99);
    try (Wal wal = Wal.create(files, place, METADATA, options)) {
      for (Entry entry : entries(1, 1, 100, 50_000)) {
        wal.save(state(1, 7, entry.getIndex() - 1), List.of(entry), true);
      }
      // Whoever looks at a live segment, or tries its lock, must not free it by closing it.
      assertThat(Wal.read(files, place, WalSnapshot.EMPTY).entries()).hasSize(100);
      assertReason(Reason.LOCKED, () -> Wal.open(files, place, WalSnapshot.EMPTY, options));
      assertReason(Reason.LOCKED, () -> Wal.open(files, place, WalSnapshot.EMPTY, options));
    }
    try (Wal wal = Wal.open(files, place, WalSnapshot.EMPTY, options)) {
      assertThat(wal.readAll())
          .isEqualTo(new WalContents(METADATA, last, entries(1, 1, 100, 50_000)));
    }
    assertThat(files.list(place)).hasSize(6).allMatch(name -> name.endsWith(".wal"));
    assertThat(Files.getPosixFilePermissions(place)).hasSize(3);
    assertThat(Files.getPosixFilePermissions(place.resolve(files.list(place).get(0)))).hasSize(2);
  }

  /** The zeros that run ahead in the background must never land on what was saved. */
  @Test
  void aLogThatOutrunsItsZerosKeepsEveryFrame(@TempDir Path directory) throws IOException {
    FileDisk files = new FileDisk();
    Path place = directory.resolve("wal");
    WalOptions options = WalOptions.standard().withSegmentBytes(20_000_000).withSync(false);
    List<Entry> all = entries(1, 1, 900, 60_000);
    try (Wal wal = Wal.create(files, place, METADATA, options)) {
      for (int i = 0; i < 300; i++) {
        wal.save(null, all.subList(i, i + 1), true);
      }
    }
    try (Wal wal = Wal.open(files, place, WalSnapshot.EMPTY, options)) {
      assertThat(wal.readAll().entries()).isEqualTo(all.subList(0, 300));
      for (int i = 300; i < 900; i += 20) {
        wal.save(null, all.subList(i, i + 20), true);
      }
    }
    assertThat(Wal.read(files, place, WalSnapshot.EMPTY).entries()).isEqualTo(all);
  }

  @Test
  void metadataOfAnotherMemberIsAConflict() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, SMALL)) {
      wal.save(null, entries(1, 1, 9, 1000), true);
    }
    DiskFile second =
        disk.open(DIRECTORY.resolve("0000000000000001-000000000000000a.wal"), Disk.Mode.WRITE);
    SegmentWriter writer = Log.writer(second, chainValue(second));
    writer.crcRecord();
    writer.record(RecordType.METADATA, ByteString.copyFromUtf8("another").toByteArray());
    second.resize(0);
    writer.flush();
    assertReason(Reason.METADATA_CONFLICT, () -> Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY));
  }

  private static int chainValue(DiskFile segment) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(24);
    segment.readFully(head, 0);
    CodedInputStream in = CodedInputStream.newInstance(head.array(), 11, 5);
    return in.readUInt32();
  }

  private List<String> segments() throws IOException {
    return disk.list(DIRECTORY).stream().filter(name -> name.endsWith(".wal")).toList();
  }

  private List<String> locked() throws IOException {
    List<String> locked = new ArrayList<>();
    for (String name : segments()) {
      try (DiskFile file = disk.open(DIRECTORY.resolve(name), Disk.Mode.WRITE)) {
        if (!file.tryLock()) {
          locked.add(name);
        }
      }
    }
    return locked;
  }

  private static void assertReason(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WalException.class, e -> assertThat(e.reason()).as("%s", e).isEqualTo(reason));
  }
}
