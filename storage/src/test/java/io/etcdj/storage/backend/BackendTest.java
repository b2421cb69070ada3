package io.etcdj.storage.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendTest {
  @TempDir Path directory;

  /** An interval and a batch that no test reaches, so that only a flush commits. */
  private LmdbBackend lmdb() {
    return new LmdbBackend(
        directory.resolve("db"),
        new LmdbBackend.Options(3_600_000, 1_000_000, false, new LmdbBackend.Listener() {}));
  }

  private void both(Consumer<Backend> test) {
    try (Backend memory = new MemoryBackend();
        Backend disk = lmdb()) {
      test.accept(memory);
      test.accept(disk);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static void write(Backend backend, long main, String value) {
    backend.begin();
    backend.putRevision(main, 0, false, bytes(value));
    backend.end();
  }

  private static List<String> scan(Backend backend, long from) {
    List<String> seen = new ArrayList<>();
    try (Backend.KeyView view = backend.openKeys()) {
      view.scan(
          from,
          (main, sub, tombstone, value) -> {
            seen.add(main + "_" + sub + (tombstone ? "t" : "") + "=" + new String(value, UTF_8));
            return true;
          });
    }
    return seen;
  }

  @Test
  void aRevisionIsVisibleBeforeItIsDurableAndAfter() {
    both(
        backend -> {
          write(backend, 2, "a");
          backend.flush();
          write(backend, 3, "b");
          backend.begin();
          backend.putRevision(4, 0, false, bytes("c"));
          backend.putRevision(4, 1, true, bytes("d"));
          backend.end();
          try (Backend.KeyView view = backend.openKeys()) {
            assertThat(view.get(2, 0)).isEqualTo(bytes("a"));
            assertThat(view.get(3, 0)).isEqualTo(bytes("b"));
            assertThat(view.get(9, 0)).isNull();
          }
          assertThat(scan(backend, 0)).containsExactly("2_0=a", "3_0=b", "4_0=c", "4_1t=d");
          assertThat(scan(backend, 3)).containsExactly("3_0=b", "4_0=c", "4_1t=d");
        });
  }

  @Test
  void manyRevisionsCrossSegmentsWithoutAGap() {
    both(
        backend -> {
          for (int main = 1; main <= 9_000; main++) {
            write(backend, main, "v" + main);
            if (main == 3_000) {
              backend.flush();
            }
          }
          List<String> seen = scan(backend, 1);
          assertThat(seen).hasSize(9_000);
          assertThat(seen.get(0)).isEqualTo("1_0=v1");
          assertThat(seen.get(8_999)).isEqualTo("9000_0=v9000");
          try (Backend.KeyView view = backend.openKeys()) {
            for (int main = 1; main <= 9_000; main++) {
              assertThat(view.get(main, 0)).isEqualTo(bytes("v" + main));
            }
          }
        });
  }

  @Test
  void aViewKeepsWhatWasRemovedAfterItWasOpened() {
    both(
        backend -> {
          write(backend, 2, "a");
          write(backend, 3, "b");
          backend.flush();
          try (Backend.KeyView before = backend.openKeys()) {
            backend.removeRevisions(new long[] {2}, new long[] {0}, new boolean[] {false}, 1);
            assertThat(before.get(2, 0)).isEqualTo(bytes("a"));
          }
          assertThat(scan(backend, 0)).containsExactly("3_0=b");
        });
  }

  @Test
  void aReopenedDatabaseHasEverythingThatEnded() {
    try (Backend backend = lmdb()) {
      write(backend, 2, "a");
      backend.begin();
      backend.put(Table.META, bytes("consistent_index"), bytes("7"));
      backend.put(Table.LEASE, bytes("1"), bytes("x"));
      backend.delete(Table.LEASE, bytes("1"));
      backend.end();
    }
    try (Backend backend = lmdb();
        Backend.TableView tables = backend.openTables()) {
      assertThat(scan(backend, 0)).containsExactly("2_0=a");
      assertThat(tables.get(Table.META, bytes("consistent_index"))).isEqualTo(bytes("7"));
      assertThat(tables.get(Table.LEASE, bytes("1"))).isNull();
    }
  }

  @Test
  void keysBeyondLmdbsLimitAreStoredWholeAndListedInOrder() {
    both(
        backend -> {
          String longName = "m".repeat(2_000);
          backend.begin();
          backend.put(Table.AUTH_USERS, bytes("a"), bytes("1"));
          backend.put(Table.AUTH_USERS, bytes(longName), bytes("2"));
          backend.put(Table.AUTH_USERS, bytes("z"), bytes("3"));
          backend.end();
          List<String> names = new ArrayList<>();
          try (Backend.TableView tables = backend.openTables()) {
            tables.scan(Table.AUTH_USERS, (key, value) -> names.add(new String(key, UTF_8)));
            assertThat(tables.get(Table.AUTH_USERS, bytes(longName))).isEqualTo(bytes("2"));
          }
          assertThat(names).containsExactly("a", longName, "z");
        });
  }

  @Test
  void defragmentingKeepsRowsAndOpenViewsAndGivesSpaceBack() {
    try (Backend backend = lmdb()) {
      int count = 20_000;
      long[] mains = new long[count];
      for (int main = 1; main <= count; main++) {
        write(backend, main, "value".repeat(20));
        mains[main - 1] = main;
      }
      write(backend, count + 1, "kept");
      backend.flush();
      backend.removeRevisions(mains, new long[count], new boolean[count], count);
      long before = backend.sizeBytes();
      assertThat(backend.inUseBytes()).isLessThan(before / 10);
      try (Backend.KeyView old = backend.openKeys()) {
        backend.defragment();
        assertThat(old.get(count + 1, 0)).isEqualTo(bytes("kept"));
      }
      assertThat(backend.sizeBytes()).isLessThan(before / 10);
      write(backend, count + 2, "after");
      assertThat(scan(backend, 0))
          .containsExactly((count + 1) + "_0=kept", (count + 2) + "_0=after");
    }
    try (Backend backend = lmdb()) {
      assertThat(scan(backend, 0)).hasSize(2);
    }
  }

  @Test
  void defragmentingWithoutAnOpenViewClosesTheOldFile() {
    try (Backend backend = lmdb()) {
      write(backend, 2, "a");
      backend.defragment();
      backend.defragment();
      assertThat(scan(backend, 0)).containsExactly("2_0=a");
      assertThat(backend.openViews()).isZero();
    }
  }

  @Test
  void replacingTakesTheRowsOfTheSource() {
    both(
        backend -> {
          write(backend, 2, "old");
          backend.replaceAll(
              (table, into) -> {
                if (table == Table.KEY) {
                  into.visit(RevisionKeys.encode(5, 0, false), bytes("new"));
                } else if (table == Table.META) {
                  into.visit(bytes("k"), bytes("v"));
                }
              });
          assertThat(scan(backend, 0)).containsExactly("5_0=new");
          try (Backend.TableView tables = backend.openTables()) {
            assertThat(tables.get(Table.META, bytes("k"))).isEqualTo(bytes("v"));
          }
        });
  }

  @Test
  void aWholeDatabaseTakesItsPlace() throws IOException {
    try (Backend memory = new MemoryBackend();
        Backend disk = lmdb()) {
      for (Backend backend : List.of(memory, disk)) {
        write(backend, 2, "old");
        Path database = directory.resolve("received of " + backend.getClass().getSimpleName());
        LmdbBackend.write(
            database,
            (table, into) -> {
              if (table == Table.KEY) {
                into.visit(RevisionKeys.encode(5, 0, false), bytes("new"));
              }
            });
        backend.replaceBy(database);
        assertThat(scan(backend, 0)).containsExactly("5_0=new");
      }
    }
  }

  @Test
  void aReplacedFileIsEmptiedWhenItsLastViewIsClosed() throws IOException, InterruptedException {
    Path path = directory.resolve("db");
    try (Backend backend = lmdb()) {
      write(backend, 2, "old");
      backend.flush();
      try (FileChannel replaced = FileChannel.open(path, StandardOpenOption.READ)) {
        long before = replaced.size();
        try (Backend.KeyView view = backend.openKeys()) {
          backend.defragment();
          assertThat(view.get(2, 0)).isEqualTo(bytes("old"));
          assertThat(replaced.size()).isEqualTo(before).isPositive();
        }
        while (replaced.size() > 0) { // as long as it takes
          Thread.sleep(1);
        }
      }
      assertThat(scan(backend, 0)).containsExactly("2_0=old");
    }
  }

  @Test
  void aReplacedFileWithAnotherNameKeepsWhatItHolds() throws IOException {
    Path path = directory.resolve("db");
    Path backup = directory.resolve("backup");
    try (LmdbBackend backend = lmdb()) {
      write(backend, 2, "old");
      backend.flush();
      Files.createLink(backup, path);
      long before = Files.size(backup);
      backend.defragment();
      assertThat(Files.size(backup)).isEqualTo(before);
    }
    assertThat(Files.size(backup)).isPositive();
  }

  @Test
  void aLinkIsReplacedAndWhatItLedToKept() throws IOException {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere")).resolve("db");
    Files.createFile(elsewhere);
    Files.createSymbolicLink(directory.resolve("db"), elsewhere);
    try (LmdbBackend backend = lmdb()) {
      write(backend, 2, "old");
      backend.flush();
      backend.defragment();
      assertThat(scan(backend, 0)).containsExactly("2_0=old");
    }
    assertThat(Files.size(elsewhere)).isPositive();
  }

  @Test
  void whatIsHeldCanBeReadAfterItWasReplaced() {
    both(
        backend -> {
          write(backend, 2, "old");
          Backend.HeldKeys held = backend.holdKeys();
          backend.replaceAll(
              (table, into) -> {
                if (table == Table.KEY) {
                  into.visit(RevisionKeys.encode(5, 0, false), bytes("new"));
                }
              });
          assertThat(scan(backend, 0)).containsExactly("5_0=new");
          try (Backend.KeyView view = Objects.requireNonNull(held.open())) {
            assertThat(view.get(2, 0)).isEqualTo(bytes("old"));
            assertThat(view.get(5, 0)).isNull();
          }
          held.close();
          assertThat(backend.openViews()).isZero();
        });
  }

  @Test
  void whatIsNoDatabaseTakesNoPlace() throws IOException {
    try (Backend backend = lmdb()) {
      write(backend, 2, "old");
      Path ruins = Files.write(directory.resolve("ruins"), new byte[10_000]);
      assertThatThrownBy(() -> backend.replaceBy(ruins))
          .hasMessageContaining("not a valid LMDB file");
      write(backend, 3, "more");
      backend.flush();
      assertThat(scan(backend, 0)).containsExactly("2_0=old", "3_0=more");
    }
  }

  @Test
  void theMemoryBackendLosesInACrashJustWhatWasNotFlushed() {
    MemoryBackend backend = new MemoryBackend();
    write(backend, 2, "a");
    backend.flush();
    write(backend, 3, "b");
    assertThat(scan(backend.crash(), 0)).containsExactly("2_0=a");
  }

  @Test
  void aFlippedByteInAValueIsSeenWhenItIsRead() throws IOException {
    try (Backend backend = lmdb()) {
      write(backend, 2, "the value that will be damaged");
    }
    Path file = directory.resolve("db");
    byte[] image = Files.readAllBytes(file);
    int at = new String(image, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("damaged");
    try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
      damaged.seek(at);
      damaged.write('D');
    }
    try (Backend backend = lmdb();
        Backend.KeyView view = backend.openKeys()) {
      assertThatThrownBy(() -> view.get(2, 0))
          .isInstanceOf(BackendCorruptException.class)
          .hasMessageContaining("table key")
          .hasMessageContaining("checksum");
    }
  }
}
