package io.etcdj.storage.snap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.disk.SimulatedDisk;
import io.etcdj.storage.disk.SimulatedDisk.Operation;
import io.etcdj.storage.wal.WalSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapFilesTest {
  private static final Path DIRECTORY = Path.of("/snap");

  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<String> warnings = new ArrayList<>();
  private final SnapFiles files = new SnapFiles(disk, DIRECTORY, warnings::add);

  @BeforeEach
  void makeDirectory() throws IOException {
    disk.createDirectories(DIRECTORY);
    disk.syncDirectory(Path.of("/"));
  }

  @Test
  void theNewestSnapshotThatTheLogKnowsIsLoaded() throws IOException {
    files.save(snapshot(1, 5));
    files.save(snapshot(2, 102));
    files.save(snapshot(3, 110));
    assertThat(disk.list(DIRECTORY))
        .containsExactly(
            "0000000000000001-0000000000000005.snap",
            "0000000000000002-0000000000000066.snap",
            "0000000000000003-000000000000006e.snap");
    assertThat(files.load()).isEqualTo(snapshot(3, 110));
    assertThat(files.load(List.of(note(2, 110)))).isNull();
    assertThat(files.load(List.of(note(1, 5), note(2, 102)))).isEqualTo(snapshot(2, 102));
    assertThat(warnings)
        .containsExactly(
            "snapshot file 0000000000000003-000000000000006e.snap has no note in the log and is"
                + " deleted");
  }

  @Test
  void whatACrashLeftWithoutANoteDoesNotTakeThePlaceOfTheNotedOne() throws IOException {
    files.save(snapshot(1, 5));
    for (long index = 6; index < 9; index++) {
      files.save(snapshot(2, index)); // and a crash before the note
      assertThat(files.load(List.of(note(1, 5)))).isEqualTo(snapshot(1, 5));
      files.purge(2, 9);
    }
    assertThat(files.load(List.of(note(1, 5)))).isEqualTo(snapshot(1, 5));
  }

  @Test
  void withoutAnyNoteNothingIsDeleted() throws IOException {
    files.save(snapshot(1, 5));
    assertThat(files.load(List.of())).isNull();
    assertThat(files.load()).isEqualTo(snapshot(1, 5));
  }

  @Test
  void theEmptySnapshotIsNotWritten() throws IOException {
    files.save(Snapshot.getDefaultInstance());
    assertThat(disk.list(DIRECTORY)).isEmpty();
    assertThat(files.load()).isNull();
  }

  @Test
  void everyDamagedByteIsNoticedAndTheFilePutAside() throws IOException {
    files.save(snapshot(1, 5));
    files.save(snapshot(2, 6));
    Path newest = DIRECTORY.resolve("0000000000000002-0000000000000006.snap");
    byte[] good = contents(newest);
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 0x41;
      contents(newest, bad);
      assertThat(files.load()).as("byte %d", at).isEqualTo(snapshot(1, 5));
      assertThat(disk.exists(Path.of(newest + ".broken"))).isTrue();
      assertThat(disk.exists(newest)).isFalse();
    }
    assertThat(warnings).hasSize(good.length);
    contents(newest, new byte[0]);
    assertThat(files.load()).isEqualTo(snapshot(1, 5));
  }

  @Test
  void aDiskThatFailsIsNotABrokenFile() throws IOException {
    files.save(snapshot(2, 6));
    disk.interfere(
        (operation, path) -> {
          if (operation == Operation.READ) {
            throw new IOException("Input/output error");
          }
        });
    assertThatThrownBy(files::load).hasMessage("Input/output error");
    disk.interfere((operation, path) -> {});
    assertThat(files.load()).isEqualTo(snapshot(2, 6));
  }

  @Test
  void aSnapshotThatWasSavedSurvivesACrash() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      files.save(snapshot(1, seed + 1));
      disk.crash(new Random(seed));
      assertThat(files.load()).as("seed %d", seed).isEqualTo(snapshot(1, seed + 1));
    }
  }

  @Test
  void aSnapshotThatCannotBeWrittenLeavesNothing() throws IOException {
    disk.limitFreeBytes(0);
    assertThatThrownBy(() -> files.save(snapshot(1, 1)))
        .hasMessageContaining("No space left on device");
    assertThat(disk.list(DIRECTORY)).isEmpty();
  }

  @Test
  void aReceivedDatabaseGetsTheNameOfItsIndexOnce() throws IOException {
    Path first = files.temporaryDatabase();
    contents(first, new byte[] {1});
    Path second = files.temporaryDatabase();
    assertThat(second).isNotEqualTo(first);
    contents(second, new byte[] {2});
    files.keepDatabase(first, 255);
    files.keepDatabase(second, 255);
    assertThat(disk.list(DIRECTORY)).containsExactly("00000000000000ff.snap.db");
    assertThat(contents(files.database(255))).containsExactly(1);
  }

  @Test
  void overtakenDatabasesAndLeftOversGo() throws IOException {
    for (long index : new long[] {1, 7, 8}) {
      contents(files.database(index), new byte[1]);
    }
    contents(DIRECTORY.resolve("db.tmp.1234"), new byte[1]);
    contents(DIRECTORY.resolve("db"), new byte[1]);
    contents(files.temporaryDatabase(), new byte[1]);
    files.releaseDatabasesBefore(8);
    files.removeLeftOvers();
    assertThat(disk.list(DIRECTORY)).containsExactly("0000000000000008.snap.db", "db");
  }

  @Test
  void onlyTheNewestAreKept() throws IOException {
    for (int index = 1; index <= 8; index++) {
      files.save(snapshot(1, index));
      contents(files.database(index), new byte[1]);
    }
    assertThat(files.purge(0, 9)).isEmpty();
    assertThat(files.purge(5, 9)).hasSize(6).contains("0000000000000003.snap.db");
    assertThat(disk.list(DIRECTORY))
        .hasSize(10)
        .contains("0000000000000004.snap.db", "0000000000000001-0000000000000004.snap")
        .doesNotContain("0000000000000001-0000000000000003.snap");
  }

  private static Snapshot snapshot(long term, long index) {
    return Snapshot.newBuilder()
        .setData(ByteString.copyFromUtf8("{\"Root\":" + index + "}"))
        .setMetadata(
            SnapshotMetadata.newBuilder()
                .setConfState(ConfState.newBuilder().addVoters(7).setAutoLeave(false))
                .setIndex(index)
                .setTerm(term))
        .build();
  }

  private static WalSnapshot note(long term, long index) {
    return new WalSnapshot(index, term, null);
  }

  private byte[] contents(Path path) throws IOException {
    try (DiskFile file = disk.open(path, Disk.Mode.READ)) {
      ByteBuffer all = ByteBuffer.allocate((int) file.size());
      file.readFully(all, 0);
      return all.array();
    }
  }

  private void contents(Path path, byte[] bytes) throws IOException {
    try (DiskFile file = disk.open(path, Disk.Mode.CREATE)) {
      file.write(ByteBuffer.wrap(bytes), 0);
      file.sync();
    }
  }
}
