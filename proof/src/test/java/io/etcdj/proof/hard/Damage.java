package io.etcdj.proof.hard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Changes bytes of a member's files behind its back. */
final class Damage {
  private Damage() {}

  /** The newest file of the write-ahead log. */
  static Path newestSegment(Path dataDirectory) throws IOException {
    try (var files = Files.list(dataDirectory.resolve("member").resolve("wal"))) {
      List<Path> segments = files.filter(f -> f.toString().endsWith(".wal")).sorted().toList();
      return segments.get(segments.size() - 1);
    }
  }

  static Path database(Path dataDirectory) {
    return dataDirectory.resolve("member").resolve("snap").resolve("db");
  }

  /** Where the records of a preallocated segment end. */
  static int usedBytes(Path segment) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    int used = bytes.length;
    while (bytes[used - 1] == 0) {
      used--;
    }
    return (used + 7) / 8 * 8;
  }

  static void truncate(Path file, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
  }

  static void write(Path file, long offset, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), offset);
    }
  }

  static void flipBit(Path file, long offset) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(offset);
      int old = access.read();
      access.seek(offset);
      access.write(old ^ 0x10);
    }
  }

  /** Flips a bit in every copy of this text in a file; fails if there is none. */
  static void flipBitOf(Path file, String text) throws IOException {
    byte[] needle = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] bytes = Files.readAllBytes(file);
    int found = 0;
    for (int i = 0; i + needle.length <= bytes.length; i++) {
      if (java.util.Arrays.equals(bytes, i, i + needle.length, needle, 0, needle.length)) {
        flipBit(file, i + needle.length - 1);
        found++;
      }
    }
    assertThat(found).as("copies of " + text).isPositive();
  }
}
