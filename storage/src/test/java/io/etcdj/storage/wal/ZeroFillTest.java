package io.etcdj.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.disk.SimulatedDisk;
import io.etcdj.storage.disk.SimulatedDisk.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ZeroFillTest {
  private static final Path FILE = Path.of("/segment");
  private static final int END = 4 << 20;

  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<Runnable> tasks = new ArrayList<>();
  private final WalOptions options = WalOptions.standard().withPreparer(tasks::add);
  private final List<Operation> operations = new ArrayList<>();

  @BeforeEach
  void makeFile() throws IOException {
    disk.open(FILE, Disk.Mode.CREATE).close();
    disk.interfere((operation, path) -> operations.add(operation));
  }

  @Test
  void fillingStartsOnceEnoughWasWrittenAndStaysAhead() throws IOException {
    DiskFile file = disk.open(FILE, Disk.Mode.WRITE);
    ZeroFill fill = new ZeroFill(file, 0, END, options);
    file.write(ones(300_000), 0);
    fill.afterWriteTo(100_000);
    assertThat(tasks).isEmpty();
    fill.afterWriteTo(300_000);
    assertThat(tasks).hasSize(1);
    fill.afterWriteTo(300_000);
    assertThat(tasks).hasSize(1);
    tasks.get(0).run();
    assertThat(file.size()).isEqualTo(END);
    ByteBuffer first = ByteBuffer.allocate(300_000);
    file.readFully(first, 0);
    assertThat(first.array()).containsOnly(1);
  }

  @Test
  void anAppendThatCatchesUpEndsTheFilling() throws IOException {
    DiskFile file = disk.open(FILE, Disk.Mode.WRITE);
    ZeroFill fill = new ZeroFill(file, 0, END, options);
    fill.afterWriteTo(300_000);
    fill.beforeWriteTo(1_200_000); // within the head start
    fill.beforeWriteTo(2_000_000); // the task has not even begun
    file.write(ones(2_000_000), 0);
    int before = operations.size();
    tasks.get(0).run();
    assertThat(operations).as("no zero after that").hasSize(before);
  }

  @Test
  void aFullDiskIsNoReasonToFail() throws IOException {
    DiskFile file = disk.open(FILE, Disk.Mode.WRITE);
    disk.limitFreeBytes(600_000);
    ZeroFill fill = new ZeroFill(file, 0, END, options);
    assertThat(fill.fillNow()).isFalse();
    fill.afterWriteTo(300_000);
    tasks.get(0).run();
    fill.beforeWriteTo(3_000_000);
    fill.stop();
  }

  private static ByteBuffer ones(int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    while (bytes.hasRemaining()) {
      bytes.put((byte) 1);
    }
    return bytes.flip();
  }
}
