package io.etcdj.proof.hard;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.GrpcClient;
import io.etcdj.proof.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data directories that are in use, mixed up, or not ours. */
final class DataDirectoryTest {
  private static final Duration EXIT = Duration.ofSeconds(30);

  @TempDir private Path directory;

  @Test
  void aSecondProcessOnTheSameDirectoryIsRefusedAndTheFirstGoesOn() {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    int[] others = ServerProcess.freePorts(2);
    try (ServerProcess first = ServerProcess.start(settings);
        ServerProcess second = ServerProcess.launch(settings.onPorts(others[0], others[1]))) {
      assertThat(second.awaitExit(EXIT)).isEqualTo(1);
      assertThat(second.log())
          .contains("data directory " + directory.resolve("data") + " is in use")
          .doesNotContain("ready to serve");
      Liveness.assertServes(first);
    }
    try (ServerProcess again = ServerProcess.start(settings)) {
      Liveness.assertServes(again);
    }
  }

  /** Runs a member for a moment so that its directory holds this many keys. */
  private static void fill(ServerProcess.Settings settings, int keys, String value) {
    try (ServerProcess server = ServerProcess.start(settings);
        GrpcClient client = new GrpcClient(server.clientPort())) {
      for (int i = 0; i < keys; i++) {
        client.put("key" + i, value);
      }
      DamagedLogTest.flushDatabase(client);
      server.kill();
    }
  }

  private static void assertRefused(ServerProcess.Settings settings, String... words) {
    try (ServerProcess server = ServerProcess.launch(settings)) {
      assertThat(server.awaitExit(EXIT)).isEqualTo(1);
      assertThat(server.log()).contains(words).doesNotContain("ready to serve");
    }
  }

  @Test
  void theDatabaseOfAnotherMemberIsRefused() throws IOException {
    ServerProcess.Settings one = ServerProcess.Settings.ours(directory.resolve("one"));
    ServerProcess.Settings other = ServerProcess.Settings.ours(directory.resolve("other"));
    fill(one, 30, "one");
    fill(other, 3, "other");
    Files.copy(
        Damage.database(other.dataDirectory()),
        Damage.database(one.dataDirectory()),
        StandardCopyOption.REPLACE_EXISTING);

    // Its rows and the log's would make a history that never was.
    assertRefused(one, Damage.database(one.dataDirectory()).toString(), "another member");
  }

  @Test
  void aDatabaseThatIsAheadOfTheLogIsRefused() throws IOException {
    ServerProcess.Settings one = ServerProcess.Settings.ours(directory.resolve("one"));
    ServerProcess.Settings other = ServerProcess.Settings.ours(directory.resolve("other"));
    fill(one, 3, "one");
    fill(other, 30, "other");
    Files.copy(
        Damage.database(other.dataDirectory()),
        Damage.database(one.dataDirectory()),
        StandardCopyOption.REPLACE_EXISTING);

    assertRefused(one, Damage.database(one.dataDirectory()).toString(), "another member");
  }

  @Test
  void aDatabaseWhoseLogWasSetBackIsRefused() throws IOException {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    fill(settings, 3, "value");
    Path wal = settings.dataDirectory().resolve("member/wal");
    Path segment = Damage.newestSegment(settings.dataDirectory());
    Path copy = Files.copy(segment, directory.resolve("copy"));
    fill(settings, 30, "value");
    Files.copy(copy, wal.resolve(segment.getFileName()), StandardCopyOption.REPLACE_EXISTING);

    assertRefused(settings, "the log lost entries that were applied");
  }

  @Test
  void aDatabaseWithoutALogIsRefused() throws IOException {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    fill(settings, 3, "value");
    Files.move(settings.dataDirectory().resolve("member/wal"), directory.resolve("elsewhere"));

    assertRefused(settings, "has a database", "no write-ahead log");
  }

  @Test
  void aDatabaseInAnUnknownFormatIsRefused() throws IOException {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    fill(settings, 3, "value");
    byte[] noise = new byte[64 * 1024];
    new Random(1).nextBytes(noise);
    Files.write(Damage.database(settings.dataDirectory()), noise);

    assertRefused(settings, Damage.database(settings.dataDirectory()).toString(), "format");
  }

  @Test
  void aDatabaseOfANewerEngineIsRefused() throws IOException {
    ServerProcess.Settings settings = ServerProcess.Settings.ours(directory.resolve("data"));
    fill(settings, 3, "value");
    Path database = Damage.database(settings.dataDirectory());
    // Both meta pages: magic number and version behind a page head of 16 bytes.
    Damage.write(database, 16 + 4, new byte[] {99, 0, 0, 0});
    Damage.write(database, 4096 + 16 + 4, new byte[] {99, 0, 0, 0});

    assertRefused(settings, database.toString(), "format");
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "not a directory");

    assertRefused(ServerProcess.Settings.ours(file), file.toString());
  }
}
