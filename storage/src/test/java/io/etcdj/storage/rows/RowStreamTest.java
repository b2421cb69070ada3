package io.etcdj.storage.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.BackendCorruptException;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.backend.MemoryBackend;
import io.etcdj.storage.backend.Table;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowStreamTest {
  @TempDir private Path dir;

  /** Small and large values, a long key, and enough for several pieces. */
  private static void fill(Backend backend) {
    Random random = new Random(7);
    for (int i = 1; i <= 300; i++) {
      backend.begin();
      byte[] value = new byte[i == 150 ? 1_500_000 : random.nextInt(4_000)];
      random.nextBytes(value);
      backend.putRevision(i, i % 3, i % 7 == 0, value);
      backend.end(i, 2);
    }
    backend.begin();
    backend.put(Table.LEASE, new byte[8], new byte[0]);
    byte[] longKey = new byte[700];
    random.nextBytes(longKey);
    backend.put(Table.ALARM, longKey, new byte[] {1});
    backend.end(301, 2);
    backend.flush();
  }

  private static byte[] written(Backend backend) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Backend.TableView tables = backend.openTables()) {
      RowWriter.write(
          tables,
          new RowWriter.Sink() {
            private final ByteBuffer room = ByteBuffer.allocateDirect(64 << 10);

            @Override
            public ByteBuffer room() {
              return room.clear();
            }

            @Override
            public void take(ByteBuffer piece) {
              byte[] bytes = new byte[piece.remaining()];
              piece.get(bytes);
              out.writeBytes(bytes);
            }
          });
    }
    return out.toByteArray();
  }

  private static List<String> rows(Backend backend) {
    List<String> rows = new ArrayList<>();
    try (Backend.TableView tables = backend.openTables()) {
      for (Table table : Table.values()) {
        tables.scan(
            table,
            (key, value) ->
                rows.add(
                    table
                        + " "
                        + java.util.HexFormat.of().formatHex(key)
                        + " "
                        + java.util.Arrays.hashCode(value)));
      }
    }
    return rows;
  }

  /** Comes in pieces of odd sizes. */
  private static void load(byte[] stream, Backend into) throws IOException {
    InputStream in =
        new ByteArrayInputStream(stream) {
          @Override
          public synchronized int read(byte[] bytes, int offset, int length) {
            return super.read(bytes, offset, Math.min(length, 1 + pos % 50_021));
          }
        };
    assertThat(RowReader.isLead(in.readNBytes(RowReader.LEAD_BYTES))).isTrue();
    into.replaceAll(new RowReader(in));
  }

  @Test
  void whatOneBackendHoldsComesIntoAnother() throws Exception {
    try (Backend from = new MemoryBackend();
        Backend into = new LmdbBackend(dir.resolve("db"), LmdbBackend.Options.defaults())) {
      fill(from);
      load(written(from), into);

      assertThat(rows(into)).isEqualTo(rows(from)).hasSizeGreaterThan(300);
    }
  }

  @Test
  void anEmptyBackendIsAStreamToo() throws Exception {
    try (Backend from = new MemoryBackend();
        Backend into = new MemoryBackend()) {
      load(written(from), into);

      assertThat(rows(into)).isEmpty();
    }
  }

  @Test
  void whateverIsCutOffIsMissed() throws Exception {
    try (Backend from = new MemoryBackend();
        Backend into = new MemoryBackend()) {
      fill(from);
      byte[] whole = written(from);
      Random random = new Random(11);
      for (int i = 0; i < 50; i++) {
        int length = RowWriter.MAGIC.length + 1 + random.nextInt(whole.length - 14);
        byte[] cut = java.util.Arrays.copyOf(whole, length);

        assertThatThrownBy(() -> load(cut, into)).as("cut to %d", length).isNotNull();
      }
    }
  }

  @Test
  void aFlippedBitIsSeen() throws Exception {
    try (Backend from = new MemoryBackend();
        Backend into = new MemoryBackend()) {
      fill(from);
      byte[] whole = written(from);
      Random random = new Random(13);
      for (int i = 0; i < 50; i++) {
        byte[] damaged = whole.clone();
        int at = RowWriter.MAGIC.length + random.nextInt(whole.length - RowWriter.MAGIC.length);
        damaged[at] ^= (byte) (1 << random.nextInt(8));

        assertThatThrownBy(() -> load(damaged, into)).as("bit in byte %d", at).isNotNull();
      }
    }
  }

  @Test
  void bytesAfterTheEndAreRefused() {
    try (Backend from = new MemoryBackend();
        Backend into = new MemoryBackend()) {
      byte[] whole = written(from);

      assertThatThrownBy(() -> load(java.util.Arrays.copyOf(whole, whole.length + 1), into))
          .isInstanceOf(BackendCorruptException.class)
          .hasMessageContaining("go on after their end");
    }
  }

  @Test
  void aTableOfALaterReleaseIsRefused() {
    try (Backend from = new MemoryBackend();
        Backend into = new MemoryBackend()) {
      byte[] whole = written(from);
      whole[RowWriter.MAGIC.length + 1] ^= 1; // another name for the first table

      assertThatThrownBy(() -> load(whole, into))
          .isInstanceOf(BackendCorruptException.class)
          .hasMessageContaining("is not known here");
    }
  }
}
