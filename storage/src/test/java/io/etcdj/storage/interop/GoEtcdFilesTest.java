package io.etcdj.storage.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.storage.bolt.BoltBucket;
import io.etcdj.storage.bolt.BoltReader;
import io.etcdj.storage.bolt.BoltWriter;
import io.etcdj.storage.disk.FileDisk;
import io.etcdj.storage.snap.SnapFiles;
import io.etcdj.storage.wal.Wal;
import io.etcdj.storage.wal.WalContents;
import io.etcdj.storage.wal.WalException;
import io.etcdj.storage.wal.WalOptions;
import io.etcdj.storage.wal.WalSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoEtcdFilesTest {
  private static final String[] SNAPSHOT_OFTEN = {"--snapshot-count=100"};

  private final FileDisk disk = new FileDisk();
  private final Map<String, String> pairs = new TreeMap<>();

  private final Path directory;

  GoEtcdFilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void needsEtcd() {
    GoEtcd.assumeInstalled();
  }

  @Test
  void weReadWhatAStoppedMemberWroteAndItGoesOnAfterUs() throws Exception {
    readBehindAMember(true);
  }

  @Test
  void weReadWhatAKilledMemberWroteAndItGoesOnAfterUs() throws Exception {
    readBehindAMember(false);
  }

  private void readBehindAMember(boolean gently) throws Exception {
    Path data = directory.resolve("data");
    try (GoEtcd etcd = GoEtcd.start(data, SNAPSHOT_OFTEN)) {
      fill(etcd, 350);
      if (gently) {
        etcd.stop();
      } else {
        etcd.awaitSnapshots(3);
        etcd.kill();
      }
    }
    List<WalSnapshot> valid = Wal.validSnapshotEntries(disk, wal(data));
    Snapshot snapshot = snapshotIn(data, valid);
    WalSnapshot start =
        new WalSnapshot(snapshot.getMetadata().getIndex(), snapshot.getMetadata().getTerm(), null);
    assertThat(start.index()).isGreaterThan(300);
    assertThat(snapshot.getMetadata().getConfState().getVotersCount()).isEqualTo(1);

    WalContents everything = Wal.read(disk, wal(data), WalSnapshot.EMPTY);
    assertThat(putsIn(everything.entries())).isEqualTo(pairs);
    try (Wal log = Wal.open(disk, wal(data), start, WalOptions.standard())) {
      WalContents contents = log.readAll();
      assertThat(contents.entries()).isNotEmpty();
      assertThat(contents.entries().get(0).getIndex()).isEqualTo(start.index() + 1);
      int skipped = everything.entries().size() - contents.entries().size();
      assertThat(contents.entries())
          .isEqualTo(everything.entries().subList(skipped, everything.entries().size()));
    }
    if (gently) {
      assertThat(keysIn(database(data))).isEqualTo(pairs);
    } else {
      assertThat(pairs).containsAllEntriesOf(keysIn(database(data)));
    }

    try (GoEtcd etcd = GoEtcd.start(data, SNAPSHOT_OFTEN)) {
      assertThat(etcd.all()).isEqualTo(pairs);
      etcd.put("after", "us");
    }
  }

  @Test
  void aMemberServesADataDirectoryThatIsAllOurOwnWriting() throws Exception {
    Path theirs = directory.resolve("theirs");
    try (GoEtcd etcd = GoEtcd.start(theirs, SNAPSHOT_OFTEN)) {
      fill(etcd, 350);
      etcd.stop();
    }
    Path ours = directory.resolve("ours");
    rewrite(theirs, ours);

    Path backup = directory.resolve("backup");
    GoEtcd.etcdctl("2", "backup", "--data-dir", ours.toString(), "--backup-dir", backup.toString());
    WalSnapshot last = Wal.validSnapshotEntries(disk, wal(backup)).get(0);
    assertThat(Wal.read(disk, wal(backup), last).metadata()).isNotEmpty();

    try (GoEtcd etcd = GoEtcd.start(ours, SNAPSHOT_OFTEN)) {
      assertThat(etcd.all()).isEqualTo(pairs);
      fill(etcd, 450);
      etcd.kill();
    }
    assertThat(putsIn(Wal.read(disk, wal(ours), WalSnapshot.EMPTY).entries())).isEqualTo(pairs);
  }

  @Test
  void aSnapshotThatWeRewroteHasTheSameHashAndRestores() throws Exception {
    Path saved = directory.resolve("saved.db");
    try (GoEtcd etcd = GoEtcd.start(directory.resolve("data"))) {
      fill(etcd, 300);
      for (int i = 0; i < 300; i += 10) {
        etcd.delete("key" + i);
        pairs.remove("key" + i);
      }
      // Values that need overflow pages, and one that needs many.
      for (int i = 1; i < 20; i++) {
        String value = "x".repeat(i * 2500);
        etcd.put("large" + i, value);
        pairs.put("large" + i, value);
      }
      etcd.put("largest", "y".repeat(1_000_000));
      pairs.put("largest", "y".repeat(1_000_000));
      GoEtcd.etcdctl("3", "--endpoints", etcd.endpoint(), "snapshot", "save", saved.toString());
    }
    Path rewritten = directory.resolve("rewritten.db");
    copy(saved, rewritten);
    assertThat(keysIn(rewritten)).isEqualTo(pairs);
    appendDigest(rewritten);
    assertThat(status(rewritten)).isEqualTo(status(saved));

    Path restored = directory.resolve("restored");
    GoEtcd.etcdctl(
        "3", "snapshot", "restore", rewritten.toString(), "--data-dir", restored.toString());
    WalSnapshot start = Wal.validSnapshotEntries(disk, wal(restored)).get(1);
    assertThat(Wal.read(disk, wal(restored), start).metadata()).isNotEmpty();
    try (GoEtcd etcd = GoEtcd.start(restored)) {
      assertThat(etcd.all()).isEqualTo(pairs);
      fill(etcd, 500);
      assertThat(etcd.all()).isEqualTo(pairs);
    }
  }

  @Test
  void theLocksOfTheTwoExcludeEachOther() throws Exception {
    Path data = directory.resolve("data");
    try (GoEtcd etcd = GoEtcd.start(data)) {
      fill(etcd, 3);
      assertThatThrownBy(() -> Wal.open(disk, wal(data), WalSnapshot.EMPTY, WalOptions.standard()))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("file already locked");
      assertThat(putsIn(Wal.read(disk, wal(data), WalSnapshot.EMPTY).entries())).isEqualTo(pairs);
      etcd.stop();
    }
    try (Wal log = Wal.open(disk, wal(data), WalSnapshot.EMPTY, WalOptions.standard())) {
      assertThat(log.readAll().entries()).isNotEmpty();
      // Reading beside the lock must not give it away.
      assertThat(Wal.validSnapshotEntries(disk, wal(data))).isNotEmpty();
      assertThatThrownBy(() -> GoEtcd.start(data)).hasMessageContaining("locked");
    }
    try (GoEtcd etcd = GoEtcd.start(data)) {
      assertThat(etcd.all()).isEqualTo(pairs);
    }
  }

  private void fill(GoEtcd etcd, int upTo) throws IOException, InterruptedException {
    for (int i = pairs.size(); i < upTo; i++) {
      String value = "value " + i + " of " + upTo;
      etcd.put("key" + i, value);
      pairs.put("key" + i, value);
    }
  }

  /** Everything that is in one data directory, written anew into another. */
  private void rewrite(Path from, Path to) throws IOException {
    disk.createDirectories(snap(to));
    WalContents contents = Wal.read(disk, wal(from), WalSnapshot.EMPTY);
    List<WalSnapshot> notes = new ArrayList<>(Wal.validSnapshotEntries(disk, wal(from)));
    Snapshot snapshot = snapshotIn(from, notes);
    new SnapFiles(disk, snap(to), this::unexpected).save(snapshot);
    copy(database(from), database(to));
    WalOptions small = WalOptions.standard().withSegmentBytes(10_000);
    HardState last = contents.hardState();
    try (Wal log = Wal.create(disk, wal(to), contents.metadata(), small)) {
      for (Entry entry : contents.entries()) {
        HardState state =
            HardState.newBuilder()
                .setTerm(Math.max(1, entry.getTerm()))
                .setVote(last.getVote())
                .setCommit(entry.getIndex())
                .build();
        log.save(state, List.of(entry), true);
        if (entry.getIndex() == snapshot.getMetadata().getIndex()) {
          log.saveSnapshot(
              new WalSnapshot(
                  entry.getIndex(), entry.getTerm(), snapshot.getMetadata().getConfState()));
        }
      }
      log.save(last, List.of(), true);
    }
    assertThat(disk.list(wal(to))).hasSizeGreaterThan(3);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (BoltReader reader = BoltReader.open(from);
        BoltWriter writer = BoltWriter.create(to)) {
      for (String name : reader.buckets()) {
        writer.bucket(name);
        bucket(reader, name).forEach(writer::put);
      }
      writer.finish();
    }
  }

  /** What the log puts, deletes not counted. */
  private static Map<String, String> putsIn(List<Entry> entries)
      throws InvalidProtocolBufferException {
    Map<String, String> puts = new TreeMap<>();
    for (Entry entry : entries) {
      if (entry.getType() == EntryType.EntryNormal && !entry.getData().isEmpty()) {
        try {
          InternalRaftRequest request = InternalRaftRequest.parseFrom(entry.getData());
          if (request.hasPut()) {
            puts.put(
                request.getPut().getKey().toStringUtf8(),
                request.getPut().getValue().toStringUtf8());
          }
        } catch (InvalidProtocolBufferException e) {
          assertThat(entry.getData().toStringUtf8()).contains("PUT"); // a request of the v2 kind
        }
      }
    }
    return puts;
  }

  /** The keys as of the last revision. */
  private static Map<String, String> keysIn(Path database) throws IOException {
    Map<String, String> keys = new TreeMap<>();
    try (BoltReader reader = BoltReader.open(database)) {
      bucket(reader, "key")
          .forEach(
              (revision, value) -> {
                KeyValue pair = KeyValue.parseFrom(ByteString.copyFrom(value));
                String key = pair.getKey().toStringUtf8();
                if (revision.remaining() == 18) {
                  keys.remove(key);
                } else {
                  keys.put(key, pair.getValue().toStringUtf8());
                }
              });
    }
    return keys;
  }

  private static BoltBucket bucket(BoltReader reader, String name) throws IOException {
    BoltBucket bucket = reader.bucket(name);
    if (bucket == null) {
      throw new AssertionError("no bucket " + name);
    }
    return bucket;
  }

  private Snapshot snapshotIn(Path data, List<WalSnapshot> valid) throws IOException {
    Snapshot snapshot = new SnapFiles(disk, snap(data), this::unexpected).load(valid);
    if (snapshot == null) {
      throw new AssertionError("no snapshot in " + data);
    }
    return snapshot;
  }

  private static List<String> status(Path snapshot) throws IOException, InterruptedException {
    String answer =
        GoEtcd.etcdctl("3", "snapshot", "status", snapshot.toString(), "--write-out", "json");
    Matcher matcher =
        Pattern.compile("\"hash\":(\\d+),\"revision\":(\\d+),\"totalKey\":(\\d+)").matcher(answer);
    assertThat(matcher.find()).as("%s", answer).isTrue();
    return List.of(matcher.group(1), matcher.group(2), matcher.group(3));
  }

  private static void appendDigest(Path file) throws IOException, NoSuchAlgorithmException {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    Files.write(file, digest, StandardOpenOption.APPEND);
  }

  private void unexpected(String warning) {
    throw new AssertionError(warning);
  }

  private static Path wal(Path data) {
    return data.resolve("member").resolve("wal");
  }

  private static Path snap(Path data) {
    return data.resolve("member").resolve("snap");
  }

  private static Path database(Path data) {
    return snap(data).resolve("db");
  }
}
