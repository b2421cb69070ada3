package io.etcdj.server.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.backend.MemoryBackend;
import io.etcdj.storage.disk.FileDisk;
import io.etcdj.storage.rows.RowWriter;
import io.etcdj.storage.snap.SnapFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes from other members, and what must not become a database. */
class ReceivedDatabasesTest {
  private static final int ROWS = 200;

  @TempDir private Path dir;
  private SnapFiles snapshots;
  private ReceivedDatabases received;

  @BeforeEach
  void open() {
    snapshots = new SnapFiles(new FileDisk(), dir, warning -> {});
    received = new ReceivedDatabases(snapshots);
  }

  private static Backend filled() {
    Backend backend = new MemoryBackend();
    for (int i = 1; i <= ROWS; i++) {
      backend.begin();
      backend.putRevision(i, 0, false, new byte[50_000]);
      backend.end(i, 1);
    }
    backend.flush();
    return backend;
  }

  private static byte[] rows() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Backend backend = filled();
        Backend.TableView tables = backend.openTables()) {
      RowWriter.write(
          tables,
          new RowWriter.Sink() {
            @Override
            public ByteBuffer room() {
              return ByteBuffer.allocate(10_000);
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

  private static InputStream in(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  /** What an open database of ours holds after it was replaced by the one that was received. */
  private void assertInstalls() throws IOException {
    try (Backend backend = new LmdbBackend(dir.resolve("db"), LmdbBackend.Options.defaults())) {
      backend.begin();
      backend.putRevision(ROWS + 1, 0, false, new byte[1]);
      backend.end(ROWS + 1, 1);
      DatabaseFiles.install(snapshots.database(7), backend);
      try (Backend.KeyView keys = backend.openKeys()) {
        assertThat(keys.get(ROWS, 0)).hasSize(50_000);
        assertThat(keys.get(ROWS + 1, 0)).isNull();
      }
    }
    try (Backend again = new LmdbBackend(dir.resolve("db"), LmdbBackend.Options.defaults());
        Backend.KeyView keys = again.openKeys()) {
      assertThat(keys.get(ROWS, 0)).hasSize(50_000);
    }
  }

  @Test
  void rowsAreADatabaseWhenTheyAreIn() throws Exception {
    received.receive(in(rows()), 7);
    assertThat(dir).isDirectoryNotContaining("glob:**tmp*");
    assertInstalls();
  }

  @Test
  void aDatabaseOfGoEtcdIsInstalledToo() throws Exception {
    Path bolt = dir.resolve("bolt");
    try (Backend backend = filled();
        Backend.TableView tables = backend.openTables()) {
      BoltFiles.write(tables, Map.of(), bolt);
    }
    received.receive(in(Files.readAllBytes(bolt)), 7);
    assertInstalls();
  }

  @Test
  void aReceivedDatabaseIsFoundAtTheStart() throws Exception {
    received.receive(in(rows()), 7);
    DatabaseFiles.move(snapshots.database(7), dir.resolve("db"));
    assertThat(snapshots.database(7)).doesNotExist();
    try (Backend backend = new LmdbBackend(dir.resolve("db"), LmdbBackend.Options.defaults());
        Backend.KeyView keys = backend.openKeys()) {
      assertThat(keys.get(ROWS, 0)).hasSize(50_000);
    }
  }

  @Test
  void nothingIsLeftOfWhatIsDamagedCutOffOrSomethingElse() {
    byte[] damaged = rows();
    damaged[damaged.length / 2] ^= 1;
    assertRefused(in(damaged), "checksum");
    assertRefused(in(Arrays.copyOf(damaged, damaged.length / 2)), "end in the middle");
    assertRefused(in("ruins".getBytes(US_ASCII)), "neither rows nor");
    assertRefused(in(new byte[0]), "neither rows nor");
    assertRefused(in(new byte[100_000]), "neither rows nor");
  }

  @Test
  void nothingIsLeftWhenTheConnectionBreaks() {
    byte[] whole = rows();
    InputStream breaking =
        new SequenceInputStream(
            in(Arrays.copyOf(whole, whole.length / 2)),
            new FilterInputStream(in(new byte[1])) {
              @Override
              public int read(byte[] bytes, int offset, int length) throws IOException {
                throw new IOException("the connection was closed");
              }
            });
    assertRefused(breaking, "the connection was closed");
  }

  private void assertRefused(InputStream database, String why) {
    assertThatThrownBy(() -> received.receive(database, 7))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
    assertThat(dir).isEmptyDirectory();
  }
}
