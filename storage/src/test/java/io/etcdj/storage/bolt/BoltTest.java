package io.etcdj.storage.bolt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BoltTest {
  private static final Path FILE = Path.of("/db");

  private final SimulatedDisk disk = new SimulatedDisk();

  @Test
  void whatWasWrittenIsReadInOrderWhateverTheSizes() throws IOException {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      NavigableMap<String, NavigableMap<byte[], byte[]>> expected = new TreeMap<>();
      int buckets = 1 + random.nextInt(12);
      for (int i = 0; i < buckets; i++) {
        expected.put("bucket" + i, randomPairs(random));
      }
      write(expected);
      try (BoltReader reader = BoltReader.open(disk, FILE)) {
        assertThat(reader.buckets())
            .as("seed %d", seed)
            .containsExactlyElementsOf(expected.keySet());
        for (Map.Entry<String, NavigableMap<byte[], byte[]>> bucket : expected.entrySet()) {
          assertSame(seed, bucketOf(reader, bucket.getKey()), bucket.getValue());
        }
      }
    }
  }

  @Test
  void manyBucketsMakeTheRootATree() throws IOException {
    NavigableMap<String, NavigableMap<byte[], byte[]>> expected = new TreeMap<>();
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      NavigableMap<byte[], byte[]> pairs = new TreeMap<>(Arrays::compareUnsigned);
      for (int k = 0; k < i % 20; k++) {
        pairs.put(bytes(random, 10), bytes(random, 80));
      }
      expected.put(String.format("b%04d", i), pairs);
    }
    write(expected);
    try (BoltReader reader = BoltReader.open(disk, FILE)) {
      assertThat(reader.buckets()).containsExactlyElementsOf(expected.keySet());
      for (Map.Entry<String, NavigableMap<byte[], byte[]>> bucket : expected.entrySet()) {
        assertSame(1, bucketOf(reader, bucket.getKey()), bucket.getValue());
      }
      assertThat(reader.bucket("b")).isNull();
      assertThat(reader.bucket("b9999")).isNull();
    }
  }

  @Test
  void aCursorSeeksToTheKeyOrTheNextOne() throws IOException {
    NavigableMap<byte[], byte[]> pairs = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = 0; i < 30_000; i += 3) {
      pairs.put(String.format("%06d", i).getBytes(UTF_8), new byte[50]);
    }
    write(new TreeMap<>(Map.of("key", pairs)));
    try (BoltReader reader = BoltReader.open(disk, FILE)) {
      BoltCursor cursor = bucketOf(reader, "key").cursor();
      for (int i = 0; i < 30_000; i += 7) {
        byte[] wanted = String.format("%06d", i).getBytes(UTF_8);
        byte[] there = pairs.ceilingKey(wanted);
        assertThat(cursor.seek(wanted)).isEqualTo(there != null);
        if (there != null) {
          assertThat(cursor.key()).isEqualTo(ByteBuffer.wrap(there));
        }
      }
      assertThat(cursor.seek("1".getBytes(UTF_8))).isFalse();
      assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void anAbandonedFileIsDeletedAndHasNoMetasBefore() throws IOException {
    try (BoltWriter writer = BoltWriter.create(disk, FILE)) {
      writer.bucket("key");
      for (int i = 0; i < 100_000; i++) {
        writer.put(ByteBuffer.allocate(4).putInt(i).array(), new byte[100]);
      }
      assertThatThrownBy(() -> BoltReader.open(disk, FILE))
          .isInstanceOf(BoltException.class)
          .hasMessageContaining("not a bbolt file");
    }
    assertThat(disk.exists(FILE)).isFalse();
  }

  @Test
  void keysAndBucketsOutOfOrderAreRefused() throws IOException {
    try (BoltWriter writer = BoltWriter.create(disk, FILE)) {
      assertThatThrownBy(() -> writer.put(new byte[1], new byte[1]))
          .isInstanceOf(IllegalStateException.class);
      writer.bucket("b");
      writer.put(new byte[] {2}, new byte[5000]);
      assertThatThrownBy(() -> writer.put(new byte[] {2}, new byte[1]))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> writer.put(new byte[0], new byte[1]))
          .isInstanceOf(IllegalArgumentException.class);
      writer.bucket("a");
      assertThatThrownBy(writer::finish).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void eitherMetaAloneIsEnough() throws IOException {
    NavigableMap<byte[], byte[]> pairs = randomPairs(new Random(5));
    for (int damaged = 0; damaged < 2; damaged++) {
      write(new TreeMap<>(Map.of("key", pairs)));
      damage(4096 * damaged + 30);
      try (BoltReader reader = BoltReader.open(disk, FILE)) {
        assertSame(5, bucketOf(reader, "key"), pairs);
      }
    }
    damage(30);
    assertThatThrownBy(() -> BoltReader.open(disk, FILE)).isInstanceOf(BoltException.class);
  }

  /** Whatever is in the file: an answer or an exception of ours, and soon. */
  @Test
  void garbageIsToldAndNeverFollowedWithoutEnd() throws IOException {
    NavigableMap<String, NavigableMap<byte[], byte[]>> content = new TreeMap<>();
    NavigableMap<byte[], byte[]> pairs = new TreeMap<>(Arrays::compareUnsigned);
    Random values = new Random(9);
    for (int i = 0; i < 3000; i++) {
      pairs.put(ByteBuffer.allocate(200).putInt(i).array(), bytes(values, values.nextInt(300)));
    }
    pairs.put(bytes(values, 20), bytes(values, 30_000));
    content.put("key", pairs);
    content.put("meta", new TreeMap<>(pairs.headMap(ByteBuffer.allocate(4).putInt(3).array())));
    write(content);
    byte[] good = contents();
    int told = 0;
    for (int seed = 0; seed < 1000; seed++) {
      Random random = new Random(seed);
      byte[] bad = good.clone();
      int pages = bad.length / 4096;
      for (int hit = 0; hit <= random.nextInt(4); hit++) {
        // Page headers and elements are where it hurts.
        int at =
            (2 + random.nextInt(pages - 2)) * 4096
                + random.nextInt(random.nextBoolean() ? 16 : 600);
        switch (random.nextInt(4)) {
          case 0 -> bad[at] ^= (byte) (1 << random.nextInt(8));
          case 1 -> bad[at] = (byte) random.nextInt(256);
          case 2 ->
              System.arraycopy(bad, random.nextInt(pages) * 4096, bad, at / 4096 * 4096, 4096);
          default ->
              ByteBuffer.wrap(bad).putInt(at & ~3, Integer.reverseBytes(random.nextInt(pages)));
        }
      }
      contents(random.nextInt(10) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad);
      try (BoltReader reader = BoltReader.open(disk, FILE)) {
        for (String name : reader.buckets()) {
          BoltBucket bucket = reader.bucket(name);
          if (bucket != null) {
            bucket.forEach((key, value) -> assertThat(key.hasRemaining()).isTrue());
            bucket.get(new byte[] {3, 4});
          }
        }
      } catch (BoltException e) {
        assertThat(e).as("seed %d", seed).hasMessageMatching("page \\d+: .+|.*not a bbolt file");
        told++;
      }
    }
    assertThat(told).isGreaterThan(300);
  }

  @Test
  void aBranchThatLeadsBackToItselfIsTold() throws IOException {
    NavigableMap<byte[], byte[]> pairs = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = 0; i < 1000; i++) {
      pairs.put(ByteBuffer.allocate(4).putInt(i).array(), new byte[100]);
    }
    write(new TreeMap<>(Map.of("key", pairs)));
    byte[] bytes = contents();
    int branch = -1;
    for (int page = 2; page < bytes.length / 4096; page++) {
      if (bytes[page * 4096 + 8] == Format.BRANCH) {
        branch = page;
      }
    }
    assertThat(branch).isPositive();
    bytes[branch * 4096 + 16 + 8] = (byte) branch; // the first child
    bytes[branch * 4096 + 16 + 9] = (byte) (branch >> 8);
    contents(bytes);
    try (BoltReader reader = BoltReader.open(disk, FILE)) {
      BoltBucket bucket = bucketOf(reader, "key");
      assertThatThrownBy(() -> bucket.forEach((key, value) -> {}))
          .isInstanceOf(BoltException.class)
          .hasMessageStartingWith("page " + branch + ":");
    }
  }

  private void write(NavigableMap<String, NavigableMap<byte[], byte[]>> buckets)
      throws IOException {
    try (BoltWriter writer = BoltWriter.create(disk, FILE)) {
      for (Map.Entry<String, NavigableMap<byte[], byte[]>> bucket : buckets.entrySet()) {
        writer.bucket(bucket.getKey());
        for (Map.Entry<byte[], byte[]> pair : bucket.getValue().entrySet()) {
          writer.put(pair.getKey(), pair.getValue());
        }
      }
      writer.finish();
    }
  }

  private static BoltBucket bucketOf(BoltReader reader, String name) throws IOException {
    BoltBucket bucket = reader.bucket(name);
    if (bucket == null) {
      throw new AssertionError("no bucket " + name);
    }
    return bucket;
  }

  private static void assertSame(int seed, BoltBucket bucket, NavigableMap<byte[], byte[]> expected)
      throws IOException {
    List<byte[]> keys = new ArrayList<>();
    bucket.forEach(
        (key, value) -> {
          byte[] copy = new byte[key.remaining()];
          key.get(copy);
          keys.add(copy);
          assertThat(value.equals(ByteBuffer.wrap(expected.get(copy))))
              .as("seed %d", seed)
              .isTrue();
        });
    assertThat(keys).as("seed %d", seed).hasSameSizeAs(expected.keySet());
    int i = 0;
    for (Map.Entry<byte[], byte[]> pair : expected.entrySet()) {
      assertThat(keys.get(i++)).isEqualTo(pair.getKey());
      assertThat(bucket.get(pair.getKey())).isEqualTo(pair.getValue());
    }
    assertThat(bucket.get(new byte[] {0, 1, 2, 3})).isNull();
  }

  private static NavigableMap<byte[], byte[]> randomPairs(Random random) {
    NavigableMap<byte[], byte[]> pairs = new TreeMap<>(Arrays::compareUnsigned);
    int count = List.of(0, 1, 2, 5, 100, 1000).get(random.nextInt(6));
    int keyBytes = List.of(8, 40, 3000, 32760).get(count == 1000 ? 0 : random.nextInt(4));
    int valueBytes =
        List.of(1, 50, 5000, 100_000).get(count > 5 ? random.nextInt(2) : random.nextInt(4));
    for (int i = 0; i < count; i++) {
      pairs.put(
          bytes(random, 5 + random.nextInt(keyBytes)), bytes(random, random.nextInt(valueBytes)));
    }
    return pairs;
  }

  private static byte[] bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private void damage(int offset) throws IOException {
    byte[] bytes = contents();
    bytes[offset] ^= 1;
    contents(bytes);
  }

  private byte[] contents() throws IOException {
    try (var file = disk.open(FILE, Disk.Mode.READ)) {
      ByteBuffer all = ByteBuffer.allocate((int) file.size());
      file.readFully(all, 0);
      return all.array();
    }
  }

  private void contents(byte[] bytes) throws IOException {
    try (var file = disk.open(FILE, Disk.Mode.CREATE)) {
      file.write(ByteBuffer.wrap(bytes), 0);
      file.sync();
    }
  }
}
