package io.etcdj.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.walpb.Record;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.DiskFile;
import io.etcdj.storage.disk.SimulatedDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class SegmentWriterTest {
  private final SimulatedDisk disk = new SimulatedDisk();

  @Test
  void framesAreTheBytesThatProtobufAndTheFormatDemand() throws IOException {
    Random random = new Random(1);
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    CRC32C chain = new CRC32C();
    DiskFile file = disk.open(Path.of("/segment"), Disk.Mode.CREATE);
    SegmentWriter writer = new SegmentWriter(file, 0, 0, WalListener.NONE);
    // Enough that CRC values of every varint length turn up.
    for (int i = 0; i < 20_000; i++) {
      Entry entry =
          Entry.newBuilder()
              .setType(EntryType.forNumber(random.nextInt(3)))
              .setTerm(random.nextLong() >>> random.nextInt(64))
              .setIndex(random.nextLong() >>> random.nextInt(64))
              .setData(Log.randomBytes(random, random.nextInt(100)))
              .build();
      if (i % 7 == 0) {
        entry = entry.toBuilder().clearData().build();
      }
      writer.entry(entry);
      byte[] data = entry.toByteArray();
      chain.update(data);
      frame(expected, Record.newBuilder().setData(ByteString.copyFrom(data)), 2, chain);
      if (i % 100 == 0) {
        writer.crcRecord();
        frame(expected, Record.newBuilder(), 4, chain);
        byte[] state = Log.state(i, i * 1000L, -1).toByteArray();
        writer.record(RecordType.STATE, state);
        chain.update(state);
        frame(expected, Record.newBuilder().setData(ByteString.copyFrom(state)), 3, chain);
      }
    }
    writer.flush();
    ByteBuffer written = ByteBuffer.allocate((int) file.size());
    file.readFully(written, 0);
    assertThat(written.array()).isEqualTo(expected.toByteArray());
  }

  @Test
  void zerosAreWrittenButAbsentDataIsNot() throws IOException {
    DiskFile file = disk.open(Path.of("/segment"), Disk.Mode.CREATE);
    SegmentWriter writer = new SegmentWriter(file, 0, 0, WalListener.NONE);
    writer.entry(Entry.getDefaultInstance());
    writer.entry(Entry.newBuilder().setData(ByteString.EMPTY).build());
    writer.flush();
    RecordReader reader = new RecordReader(List.of(withHead(file)));
    assertThat(reader.next()).isTrue();
    assertThat(reader.next()).isTrue();
    assertThat(reader.dataBytes()).containsExactly(0x08, 0, 0x10, 0, 0x18, 0);
    assertThat(reader.next()).isTrue();
    assertThat(reader.dataBytes()).containsExactly(0x08, 0, 0x10, 0, 0x18, 0, 0x22, 0);
  }

  @Test
  void anEntryLargerThanTheBufferIsWrittenWhole() throws IOException {
    DiskFile file = disk.open(Path.of("/segment"), Disk.Mode.CREATE);
    SegmentWriter writer = new SegmentWriter(file, 0, 0, WalListener.NONE);
    writer.crcRecord();
    writer.record(RecordType.METADATA, new byte[] {1});
    Entry large = Log.entry(1, 1, Log.randomBytes(new Random(2), 10 << 20));
    Entry small = Log.entry(1, 2, "small");
    writer.entry(small);
    writer.entry(large);
    writer.entry(small);
    writer.flush();
    writer.entry(small);
    writer.flush();
    RecordReader reader = new RecordReader(List.of(file));
    assertThat(reader.next()).isTrue();
    for (Entry entry : List.of(small, large, small, small)) {
      assertThat(reader.next()).isTrue();
      assertThat(Entry.parseFrom(reader.data())).isEqualTo(entry);
    }
    assertThat(reader.next()).isFalse();
  }

  @Test
  void aCrcGoesOnFromAnyValue() {
    Random random = new Random(3);
    for (int i = 0; i < 1000; i++) {
      byte[] first = new byte[random.nextInt(50)];
      byte[] second = new byte[random.nextInt(50)];
      random.nextBytes(first);
      random.nextBytes(second);
      CRC32C whole = new CRC32C();
      whole.update(first);
      RunningCrc running = new RunningCrc();
      running.seed((int) whole.getValue());
      assertThat(running.value()).isEqualTo((int) whole.getValue());
      whole.update(second);
      running.update(second, 0, second.length);
      assertThat(running.value()).isEqualTo((int) whole.getValue());
    }
  }

  /** What was written to {@code file}, behind the head that a reader wants to see. */
  private DiskFile withHead(DiskFile file) throws IOException {
    DiskFile other = disk.open(Path.of("/other"), Disk.Mode.CREATE);
    SegmentWriter writer = new SegmentWriter(other, 0, 0, WalListener.NONE);
    writer.crcRecord();
    writer.record(RecordType.METADATA, new byte[] {});
    writer.flush();
    ByteBuffer rest = ByteBuffer.allocate((int) file.size());
    file.readFully(rest, 0);
    other.write(rest.flip(), other.size());
    return other;
  }

  private static void frame(
      ByteArrayOutputStream out, Record.Builder record, int type, CRC32C chain) {
    byte[] body = record.setType(type).setCrc((int) chain.getValue()).build().toByteArray();
    int padding = (8 - body.length % 8) % 8;
    long length = body.length;
    if (padding != 0) {
      length |= (0x80L | padding) << 56;
    }
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
    out.writeBytes(body);
    out.writeBytes(new byte[padding]);
  }
}
