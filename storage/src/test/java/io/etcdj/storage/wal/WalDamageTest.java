package io.etcdj.storage.wal;

import static io.etcdj.storage.wal.Log.METADATA;
import static io.etcdj.storage.wal.Log.entries;
import static io.etcdj.storage.wal.Log.entry;
import static io.etcdj.storage.wal.Log.snapshot;
import static io.etcdj.storage.wal.Log.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.disk.SimulatedDisk;
import io.etcdj.storage.wal.WalException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Bytes that changed on the disk: what is repaired, what is refused, and that nothing is lost. */
class WalDamageTest {
  private static final Path DIRECTORY = Path.of("/data/wal");
  private static final WalOptions OPTIONS =
      WalOptions.standard().withSegmentBytes(6000).withPreparer(Runnable::run);
  private static final Set<Reason> FATAL =
      EnumSet.of(
          Reason.CRC_MISMATCH,
          Reason.CORRUPT,
          Reason.METADATA_CONFLICT,
          Reason.SNAPSHOT_MISMATCH,
          Reason.SNAPSHOT_NOT_FOUND,
          Reason.ENTRY_MISSING);

  private final SimulatedDisk disk = new SimulatedDisk();

  /**
   * Every bit of two segments, the last of which is still growing. Opening either fails for good,
   * or, since some bits mean nothing (padding), gives exactly what was saved.
   */
  @Test
  void noFlippedBitEverLosesARecord() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, OPTIONS)) {
      for (Entry entry : entries(2, 1, 9, 700)) {
        wal.save(state(2, 0x1234567812345678L, entry.getIndex() - 1), List.of(entry), true);
      }
      wal.saveSnapshot(snapshot(5, 2));
      wal.save(state(2, 0x1234567812345678L, 9), entries(2, 10, 11, 33), true);
    }
    WalContents saved = Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY);
    assertThat(saved.entries()).hasSize(11);
    assertThat(segments()).hasSize(2);
    int harmless = 0;
    for (String name : segments()) {
      Path path = DIRECTORY.resolve(name);
      byte[] good = contents(path);
      int used = usedBytes(good);
      // The bodies of the long entries are all alike; every eleventh bit of them is enough.
      for (int bit = 0; bit < used * 8; bit += bit / 8 % 700 < 160 ? 1 : 11) {
        byte[] bad = good.clone();
        bad[bit / 8] ^= (byte) (1 << bit % 8);
        contents(path, bad);
        try {
          assertThat(recover()).as("%s, bit %d", name, bit).isEqualTo(saved);
          harmless++;
        } catch (WalException e) {
          assertThat(FATAL).as("%s, bit %d: %s", name, bit, e).contains(e.reason());
        }
        contents(path, good);
      }
    }
    assertThat(harmless).isLessThan(2000); // padding and unused bits of its count
  }

  @Test
  void aTornTailIsRepairedAndKeptAside() throws IOException {
    List<Entry> synced = entries(1, 1, 4, 100);
    List<Entry> torn = entries(1, 5, 6, 3000);
    Path path = logOf(synced, torn);
    byte[] good = contents(path);
    int used = usedBytes(good);
    int tornFrom = used - 2 * 3048;
    // Each sector in turn was never written: the first one that is missing ends the log.
    for (int sector = tornFrom / 512 + 1; sector * 512 < used; sector++) {
      byte[] bad = good.clone();
      Arrays.fill(bad, sector * 512, sector * 512 + 512, (byte) 0);
      contents(path, bad);
      assertReason(Reason.TORN, this::openOnce);
      assertThat(Wal.repair(disk, DIRECTORY)).isTrue();
      WalContents contents = openOnce();
      assertThat(contents.entries()).startsWith(synced.toArray(Entry[]::new));
      assertThat(contents.entries()).hasSizeBetween(4, 5);
      assertThat(contents(Path.of(path + ".broken"))).isEqualTo(bad);
      disk.delete(Path.of(path + ".broken"));
    }
    contents(path, good);
  }

  @Test
  void afterARepairTheLogGoesOn() throws IOException {
    Path path = logOf(entries(1, 1, 4, 100), entries(1, 5, 6, 3000));
    byte[] bytes = contents(path);
    Arrays.fill(bytes, 4096, 4608, (byte) 0);
    contents(path, bytes);
    assertThat(Wal.repair(disk, DIRECTORY)).isTrue();
    assertThat(Wal.repair(disk, DIRECTORY)).isFalse();
    int there;
    try (Wal wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, OPTIONS)) {
      there = wal.readAll().entries().size();
      wal.save(state(2, 1, 1), entries(2, there + 1, there + 3, 10), true);
    }
    WalContents contents = Wal.read(disk, DIRECTORY, WalSnapshot.EMPTY);
    assertThat(contents.entries())
        .hasSize(there + 3)
        .endsWith(entries(2, there + 1, there + 3, 10).toArray(Entry[]::new));
  }

  @Test
  void remainsOfATornWriteDoNotReachIntoWhatFollows() throws IOException {
    // The first sector of the write is missing and the rest is there: it ends with a clean zero.
    Path path = logOf(entries(1, 1, 4, 103), List.of());
    int end = usedBytes(contents(path));
    byte[] bytes = contents(path);
    byte[] remains = new byte[1500];
    new Random(4).nextBytes(remains);
    System.arraycopy(remains, 0, bytes, (end / 512 + 1) * 512, remains.length);
    contents(path, bytes);
    try (Wal wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, OPTIONS)) {
      assertThat(wal.readAll().entries()).hasSize(4);
      wal.save(null, entries(1, 5, 5, 400), true);
    }
    assertThat(openOnce().entries())
        .isEqualTo(concat(entries(1, 1, 4, 103), entries(1, 5, 5, 400)));
  }

  @Test
  void aTornWriteInAnOlderSegmentIsDamage() throws IOException {
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, OPTIONS)) {
      wal.save(null, entries(1, 1, 4, 2000), true);
      wal.save(null, entries(1, 5, 5, 10), true);
    }
    Path first = DIRECTORY.resolve(segments().get(0));
    byte[] good = contents(first);
    byte[] bad = good.clone();
    Arrays.fill(bad, 1024, 1536, (byte) 0);
    contents(first, bad);
    assertReason(Reason.CRC_MISMATCH, this::openOnce);
    contents(first, Arrays.copyOf(good, good.length - 600));
    assertReason(Reason.CORRUPT, this::openOnce);
    assertThat(Wal.repair(disk, DIRECTORY)).isFalse();
  }

  @Test
  void aFileThatEndsInsideOfAFrameIsTornWhereverItEnds() throws IOException {
    Path path = logOf(entries(1, 1, 4, 100), entries(1, 5, 5, 1000));
    byte[] good = contents(path);
    int used = usedBytes(good);
    int start = used - 1032; // 8 of length, 1019 or 1020 of record, padding
    for (int end = used - 1; end > start; end -= end > start + 60 ? 7 : 1) {
      contents(path, Arrays.copyOf(good, end));
      assertReason(Reason.TORN, this::openOnce);
    }
    contents(path, Arrays.copyOf(good, used));
    assertThat(openOnce().entries()).hasSize(5);
  }

  @Test
  void dataThatIsAllZeroIsNoReasonToDropIt() throws IOException {
    Path path = logOf(List.of(entry(1, 1, ByteString.copyFrom(new byte[3000]))), List.of());
    assertThat(openOnce().entries()).hasSize(1);
    // Cut to a length that etcd would call unexpected EOF, by a bit of the length itself.
    byte[] bytes = contents(path);
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int frame = 0;
    while (view.getInt(frame) < 3000) {
      frame += 8 + (view.getInt(frame) + 7) / 8 * 8;
    }
    bytes[frame + 5] ^= 0x10;
    contents(path, bytes);
    assertReason(Reason.CORRUPT, this::openOnce);
  }

  /** What a server does at its start. */
  private WalContents recover() throws IOException {
    List<WalSnapshot> valid = Wal.validSnapshotEntries(disk, DIRECTORY);
    assertThat(valid).contains(WalSnapshot.EMPTY);
    try {
      return openOnce();
    } catch (WalException e) {
      if (e.reason() != Reason.TORN) {
        throw e;
      }
      Wal.repair(disk, DIRECTORY);
      return openOnce();
    }
  }

  private WalContents openOnce() throws IOException {
    try (Wal wal = Wal.open(disk, DIRECTORY, WalSnapshot.EMPTY, OPTIONS)) {
      return wal.readAll();
    }
  }

  private Path logOf(List<Entry> first, List<Entry> second) throws IOException {
    WalOptions large = OPTIONS.withSegmentBytes(20_000);
    try (Wal wal = Wal.create(disk, DIRECTORY, METADATA, large)) {
      wal.save(null, first, true);
      wal.save(null, second, true);
    }
    return DIRECTORY.resolve(segments().get(0));
  }

  private static List<Entry> concat(List<Entry> first, List<Entry> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private List<String> segments() throws IOException {
    return disk.list(DIRECTORY).stream().filter(name -> name.endsWith(".wal")).toList();
  }

  private static int usedBytes(byte[] segment) {
    int used = segment.length;
    while (segment[used - 1] == 0) {
      used--;
    }
    return (used + 7) / 8 * 8;
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

  private static void assertReason(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WalException.class, e -> assertThat(e.reason()).as("%s", e).isEqualTo(reason));
  }
}
