package io.etcdj.server.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.MemoryBackend;
import io.etcdj.storage.backend.Table;
import io.etcdj.storage.disk.FileDisk;
import io.etcdj.storage.snap.SnapFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows on their way from a view to whoever sends them. */
@Timeout(60)
class RowBodyTest {
  private static final int ROWS = 100;
  private static final int ROW_BYTES = 100_000; // many more pieces than are queued

  @TempDir private Path dir;
  private final Backend from = new MemoryBackend();
  private final AtomicInteger closings = new AtomicInteger();
  private final RowBody body =
      new RowBody(new Pace(1, () -> 0, System::nanoTime), closings::incrementAndGet);

  @AfterEach
  void close() {
    from.close();
  }

  private void fill() {
    for (int i = 1; i <= ROWS; i++) {
      from.begin();
      from.putRevision(i, 0, false, new byte[ROW_BYTES]);
      from.end(i, 1);
    }
    from.flush();
  }

  private Thread produce(Backend.TableView tables) {
    Thread thread =
        new Thread(
            () -> {
              try (tables) {
                body.produce(tables);
              }
            },
            "producer");
    thread.start();
    return thread;
  }

  @Test
  void whatIsSentCanBeInstalled() throws Exception {
    fill();
    Thread producer = produce(from.openTables());
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (ByteBuffer piece = body.next(); piece != null; piece = body.next()) {
      byte[] bytes = new byte[piece.remaining()];
      piece.get(bytes);
      sent.writeBytes(bytes);
      body.done(piece);
    }
    producer.join();

    SnapFiles snapshots = new SnapFiles(new FileDisk(), dir, warning -> {});
    new ReceivedDatabases(snapshots).receive(new ByteArrayInputStream(sent.toByteArray()), 5);

    try (Backend into = new MemoryBackend()) {
      DatabaseFiles.install(snapshots.database(5), into);
      try (Backend.KeyView keys = into.openKeys()) {
        assertThat(keys.get(ROWS, 0)).hasSize(ROW_BYTES);
      }
    }
  }

  @Test
  void theViewIsFreeSoonAfterNobodyWantsItsRows() throws Exception {
    fill();
    Thread producer = produce(from.openTables());
    assertThat(body.next()).isNotNull();

    body.close();

    producer.join();
    assertThat(from.openViews()).isZero();
    assertThat(closings).hasValue(1);
  }

  @Test
  void aViewThatCannotBeReadIsNoEnd() throws Exception {
    Thread producer = produce(new Unreadable());
    producer.join();

    assertThatThrownBy(
            () -> {
              while (body.next() != null) {
                // what came before the damage
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a page is damaged");
  }

  @Test
  void aProducerThatIsStoppedInTheMiddleIsNoEnd() throws Exception {
    fill();
    Thread producer = produce(from.openTables());
    assertThat(body.next()).isNotNull();

    producer.interrupt();

    assertThatThrownBy(
            () -> {
              while (body.next() != null) {
                // what was queued before
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stopped in the middle");
    producer.join();
    assertThat(from.openViews()).isZero();
  }

  /** Damaged behind its first row. */
  private static final class Unreadable implements Backend.TableView {
    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return null;
    }

    @Override
    public void scanInPlace(Table table, Backend.InPlaceRowVisitor visitor) {
      visitor.visit(ByteBuffer.allocate(17), ByteBuffer.allocate(400_000));
      throw new IllegalStateException("a page is damaged");
    }

    @Override
    public void close() {}
  }
}
