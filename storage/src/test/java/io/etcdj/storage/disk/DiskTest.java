package io.etcdj.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every disk does, the real one and the simulated one alike. */
abstract class DiskTest {
  private final Disk disk;
  private final Path directory;

  private DiskTest(Disk disk, Path directory) throws IOException {
    this.disk = disk;
    this.directory = directory.resolve("a").resolve("b");
    disk.createDirectories(this.directory);
  }

  static final class FileDiskTest extends DiskTest {
    FileDiskTest(@TempDir Path directory) throws IOException {
      super(new FileDisk(), directory);
    }
  }

  static final class SimulatedDiskAsDiskTest extends DiskTest {
    SimulatedDiskAsDiskTest() throws IOException {
      super(new SimulatedDisk(), Path.of("/"));
    }
  }

  @Test
  void bytesAreReadWhereTheyWereWritten() throws IOException {
    try (DiskFile file = create("file")) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 1000);
      assertThat(file.size()).isEqualTo(1003);
      ByteBuffer read = ByteBuffer.allocate(5);
      assertThat(file.read(read, 999)).isEqualTo(4);
      assertThat(read.array()).containsExactly(0, 1, 2, 3, 0);
      assertThat(file.read(read.clear(), 1003)).isEqualTo(-1);
      assertThatThrownBy(() -> file.readFully(read, 1000)).isInstanceOf(EOFException.class);
      file.sync();
    }
    disk.syncDirectory(directory);
    try (DiskFile file = disk.open(path("file"), Disk.Mode.READ)) {
      assertThat(file.size()).isEqualTo(1003);
      assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0)).isNotNull();
    }
    create("file").close();
    try (DiskFile file = disk.open(path("file"), Disk.Mode.READ)) {
      assertThat(file.size()).isZero();
    }
  }

  @Test
  void resizingCutsAndFillsWithZeros() throws IOException {
    try (DiskFile file = create("file")) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 0);
      file.resize(2);
      assertThat(file.size()).isEqualTo(2);
      file.resize(700);
      ByteBuffer read = ByteBuffer.allocate(4);
      file.readFully(read, 0);
      assertThat(read.array()).containsExactly(1, 2, 0, 0);
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 600);
      file.zero(602, 1_000_000);
      assertThat(file.size()).isEqualTo(1_000_000);
      file.readFully(read.clear(), 600);
      assertThat(read.array()).containsExactly(1, 2, 0, 0);
      file.zero(1, 2);
      file.readFully(read.clear(), 0);
      assertThat(read.array()).containsExactly(1, 0, 0, 0);
    }
  }

  @Test
  void namesChangeAndGo() throws IOException {
    create("one").close();
    create("two").close();
    assertThat(disk.list(directory)).containsExactly("one", "two");
    disk.rename(path("one"), path("two"));
    assertThat(disk.list(directory)).containsExactly("two");
    Path moved = path("..").resolve("c").normalize();
    disk.rename(directory, moved);
    assertThat(disk.exists(directory)).isFalse();
    assertThat(disk.list(moved)).containsExactly("two");
    assertThatThrownBy(() -> disk.delete(moved)).isInstanceOf(DirectoryNotEmptyException.class);
    disk.delete(moved.resolve("none"));
    disk.deleteDirectory(moved);
    disk.deleteDirectory(moved);
    assertThat(disk.exists(moved)).isFalse();
    assertThatThrownBy(() -> disk.list(moved)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> disk.open(moved.resolve("two"), Disk.Mode.WRITE))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aLockExcludesOtherHandlesAndOutlivesTheirClosing() throws IOException {
    DiskFile holder = create("file");
    assertThat(holder.tryLock()).isTrue();
    disk.rename(path("file"), path("renamed")); // it is the file that is locked, not the name
    for (int i = 0; i < 2; i++) {
      try (DiskFile other = disk.open(path("renamed"), Disk.Mode.WRITE)) {
        assertThat(other.tryLock()).isFalse();
      }
    }
    try (DiskFile unrelated = create("file")) {
      assertThat(unrelated.tryLock()).isTrue();
    }
    holder.close();
    try (DiskFile other = disk.open(path("renamed"), Disk.Mode.WRITE)) {
      assertThat(other.tryLock()).isTrue();
    }
  }

  @Test
  void theOldestUnlockedFilesArePurged() throws IOException {
    for (int i = 0; i < 6; i++) {
      create(i + ".wal").close();
      create(i + ".other").close();
    }
    assertThat(Retention.keepNewest(disk, directory, ".wal", 0, 9)).isEmpty();
    try (DiskFile used = disk.open(path("2.wal"), Disk.Mode.WRITE)) {
      assertThat(used.tryLock()).isTrue();
      assertThat(Retention.keepNewest(disk, directory, ".wal", 1, 9))
          .containsExactly("0.wal", "1.wal");
      assertThat(disk.isLockedHere(path("gone"))).isFalse();
      long open = openFiles();
      for (int i = 0; i < 10; i++) {
        assertThat(Retention.keepNewest(disk, directory, ".wal", 1, 9)).isEmpty();
      }
      assertThat(openFiles()).as("looking at a file in use costs nothing").isLessThan(open + 10);
    }
    assertThat(Retention.keepNewest(disk, directory, ".wal", 3, 9)).containsExactly("2.wal");
    assertThat(Retention.keepNewest(disk, directory, ".wal", 1, 1)).containsExactly("3.wal");
    assertThat(disk.list(directory)).hasSize(8);
  }

  private static long openFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  private DiskFile create(String name) throws IOException {
    return disk.open(path(name), Disk.Mode.CREATE);
  }
}
