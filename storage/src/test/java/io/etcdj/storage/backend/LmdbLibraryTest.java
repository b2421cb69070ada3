package io.etcdj.storage.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LmdbLibraryTest {
  @Test
  void noFileIsLeftForAProcessThatMayBeKilled() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    assumeThat(maps).as("where Linux tells what is loaded").exists();
    LmdbLibrary.load();
    List<String> loaded =
        Files.readAllLines(maps).stream()
            .filter(line -> line.contains("lmdbjava-native-library-"))
            .toList();
    assertThat(loaded).isNotEmpty().allMatch(line -> line.endsWith(" (deleted)"));
  }
}
