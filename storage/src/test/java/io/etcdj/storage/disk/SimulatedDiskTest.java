package io.etcdj.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.storage.disk.SimulatedDisk.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest {
  private static final Path FILE = Path.of("/directory/file");
  private static final Path DIRECTORY = Path.of("/directory");

  private SimulatedDisk disk = new SimulatedDisk();

  @Test
  void whatWasSyncedSurvivesAndTheRestIsTornBySectors() throws IOException {
    Set<String> seen = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      diskWithFile();
      try (DiskFile file = disk.open(FILE, Disk.Mode.WRITE)) {
        file.write(filled(3 * 512, 'a'), 0);
        file.sync();
        file.write(filled(3 * 512, 'b'), 0);
        file.write(filled(512, 'c'), 512);
      }
      disk.crash(new Random(seed));
      byte[] left = contents();
      StringBuilder sectors = new StringBuilder();
      for (int sector = 0; sector < 3; sector++) {
        byte first = left[sector * 512];
        for (int i = 0; i < 512; i++) {
          assertThat(left[sector * 512 + i]).isEqualTo(first);
        }
        sectors.append((char) first);
      }
      seen.add(sectors.toString());
    }
    // a or b, then a, b or c, then a or b: all of it happens, and nothing else
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "aaa", "aab", "aba", "abb", "aca", "acb", "baa", "bab", "bba", "bbb", "bca", "bcb");
  }

  @Test
  void aSizeThatWasNotSyncedMayBeEither() throws IOException {
    Set<Integer> seen = new HashSet<>();
    for (int seed = 0; seed < 100; seed++) {
      diskWithFile();
      try (DiskFile file = disk.open(FILE, Disk.Mode.WRITE)) {
        file.write(filled(100, 'a'), 0);
        file.sync();
        file.write(filled(1000, 'b'), 100);
        file.resize(50);
      }
      disk.crash(new Random(seed));
      int size = contents().length;
      seen.add(size);
      try (DiskFile file = disk.open(FILE, Disk.Mode.WRITE)) {
        file.resize(2000);
      }
      assertThat(Arrays.copyOfRange(contents(), size, 2000)).as("behind the end").containsOnly(0);
    }
    assertThat(seen).containsExactlyInAnyOrder(100, 1100, 50);
  }

  @Test
  void namesAreOnlySureAfterADirectorySync() throws IOException {
    Set<List<String>> seen = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      diskWithFile();
      disk.open(DIRECTORY.resolve("new"), Disk.Mode.CREATE).close();
      disk.rename(FILE, DIRECTORY.resolve("renamed"));
      disk.crash(new Random(seed));
      seen.add(disk.list(DIRECTORY));
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            List.of("file"), List.of("file", "new"), List.of("renamed"), List.of("new", "renamed"));
    diskWithFile();
    disk.rename(FILE, DIRECTORY.resolve("renamed"));
    disk.syncDirectory(DIRECTORY);
    disk.crash(new Random(1));
    assertThat(disk.list(DIRECTORY)).containsExactly("renamed");
  }

  @Test
  void handlesAndLocksDoNotSurviveACrash() throws IOException {
    diskWithFile();
    DiskFile file = disk.open(FILE, Disk.Mode.WRITE);
    assertThat(file.tryLock()).isTrue();
    disk.crash(new Random(1));
    assertThatThrownBy(() -> file.write(filled(1, 'a'), 0)).hasMessageContaining("crashed");
    assertThatThrownBy(file::sync).hasMessageContaining("crashed");
    assertThat(disk.open(FILE, Disk.Mode.WRITE).tryLock()).isTrue();
  }

  @Test
  void whatInterferesDecidesWhatFails() throws IOException {
    diskWithFile();
    DiskFile file = disk.open(FILE, Disk.Mode.WRITE);
    disk.interfere(
        (operation, path) -> {
          if (operation == Operation.WRITE && path.equals(FILE)) {
            throw new IOException("Input/output error");
          }
        });
    assertThatThrownBy(() -> file.write(filled(1, 'a'), 0)).hasMessage("Input/output error");
    assertThat(file.size()).isZero();
    file.sync();
  }

  @Test
  void aFullDiskStillLetsOldBytesBeOverwritten() throws IOException {
    diskWithFile();
    DiskFile file = disk.open(FILE, Disk.Mode.WRITE);
    file.write(filled(512, 'a'), 0);
    disk.limitFreeBytes(512);
    file.write(filled(512, 'b'), 512);
    assertThatThrownBy(() -> file.write(filled(512, 'c'), 1024))
        .hasMessage("No space left on device");
    assertThatThrownBy(() -> file.zero(1024, 1 << 20)).hasMessage("No space left on device");
    file.write(filled(1024, 'd'), 0);
    assertThat(contents()).hasSize(1024).containsOnly('d');
  }

  private void diskWithFile() throws IOException {
    disk = new SimulatedDisk();
    disk.createDirectories(DIRECTORY);
    disk.open(FILE, Disk.Mode.CREATE).close();
    disk.syncDirectory(DIRECTORY);
    disk.syncDirectory(Path.of("/"));
  }

  private byte[] contents() throws IOException {
    try (DiskFile file = disk.open(FILE, Disk.Mode.READ)) {
      ByteBuffer all = ByteBuffer.allocate((int) file.size());
      file.readFully(all, 0);
      return all.array();
    }
  }

  private static ByteBuffer filled(int size, char content) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) content);
    return ByteBuffer.wrap(bytes);
  }
}
