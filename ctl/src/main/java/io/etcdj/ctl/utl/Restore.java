package io.etcdj.ctl.utl;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.Metadata;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.api.raftpb.SnapshotMetadata;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.print.GoJson;
import io.etcdj.ctl.text.GoStrings;
import io.etcdj.storage.bolt.BoltReader;
import io.etcdj.storage.disk.FileDisk;
import io.etcdj.storage.snap.SnapFiles;
import io.etcdj.storage.wal.Wal;
import io.etcdj.storage.wal.WalOptions;
import io.etcdj.storage.wal.WalSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the data directory of a new cluster out of a saved snapshot.
 *
 * <p>Keys, leases and users stay; who was a member is forgotten. Instead the log begins with one
 * configuration change per new member, all committed, and a snapshot that covers them:
 *
 * <pre>
 *   member/wal/0000000000000000-0000000000000000.wal    changes 1..n, term 1
 *   member/snap/0000000000000001-(n).snap               as of index n
 *   member/snap/db                                      applied up to index n
 * </pre>
 */
final class Restore {
  private static final int DIGEST_BYTES = 32;
  private static final int PAGE_FRACTION_BYTES = 512;
  private static final long TERM = 1;

  private final Environment environment;
  private final Path source;
  private final Path dataDirectory;
  private final Path walDirectory;
  private final Path snapDirectory;
  private final boolean walElsewhere;
  private final InitialCluster cluster;

  Restore(
      Environment environment,
      Path source,
      Path dataDirectory,
      String walDirectory,
      InitialCluster cluster) {
    this.environment = environment;
    this.source = source;
    this.dataDirectory = dataDirectory;
    this.walElsewhere = !walDirectory.isEmpty();
    this.walDirectory =
        walElsewhere ? Path.of(walDirectory) : dataDirectory.resolve("member").resolve("wal");
    this.snapDirectory = dataDirectory.resolve("member").resolve("snap");
    this.cluster = cluster;
  }

  void run(boolean skipHashCheck, long bumpRevision) throws IOException {
    if (notEmpty(dataDirectory)) {
      throw Failure.error(
          "data-dir "
              + GoStrings.quote(dataDirectory.toString())
              + " not empty or could not be read");
    }
    if (walElsewhere && notEmpty(walDirectory)) {
      throw Failure.error(
          "wal-dir "
              + GoStrings.quote(walDirectory.toString())
              + " not empty or could not be read");
    }
    log("restoring snapshot");
    Files.createDirectories(snapDirectory);
    verify(skipHashCheck);
    writeBackend(bumpRevision);
    writeLogAndSnapshot();
    log("restored snapshot");
  }

  private static boolean notEmpty(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return false;
    }
    try (var entries = Files.list(directory)) {
      return entries.findAny().isPresent();
    }
  }

  /** Console lines as zap writes them: time, level, message, and where from and to. */
  private void log(String message) {
    GoJson fields = new GoJson(false).beginObject();
    fields.name("path").string(source.toString());
    fields.name("wal-dir").string(walDirectory.toString());
    fields.name("data-dir").string(dataDirectory.toString());
    fields.name("snap-dir").string(snapDirectory.toString()).endObject();
    environment
        .err()
        .print(
            Instant.now().truncatedTo(ChronoUnit.SECONDS)
                + "\tinfo\t"
                + message
                + "\t"
                + fields
                + "\n");
  }

  /** A saved snapshot ends with the SHA-256 of the rest; a copied db file is whole pages. */
  private void verify(boolean skipHashCheck) throws IOException {
    if (!Files.exists(source)) {
      throw Backend.missing(source.toString());
    }
    boolean digestThere = Files.size(source) % PAGE_FRACTION_BYTES == DIGEST_BYTES;
    if (skipHashCheck) {
      return;
    }
    if (!digestThere) {
      throw Failure.error("snapshot missing hash but --skip-hash-check=false");
    }
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    byte[] expected = new byte[DIGEST_BYTES];
    try (InputStream in = Files.newInputStream(source)) {
      long left = Files.size(source) - DIGEST_BYTES;
      byte[] buffer = new byte[1 << 16];
      while (left > 0) {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new IOException("unexpected EOF");
        }
        sha256.update(buffer, 0, count);
        left -= count;
      }
      in.readNBytes(expected, 0, DIGEST_BYTES);
    }
    byte[] got = sha256.digest();
    if (!Arrays.equals(expected, got)) {
      throw Failure.error("expected sha256 " + decimal(expected) + ", got " + decimal(got));
    }
  }

  private static String decimal(byte[] bytes) {
    List<String> numbers = new ArrayList<>();
    for (byte value : bytes) {
      numbers.add(Integer.toString(Byte.toUnsignedInt(value)));
    }
    return GoStrings.slice(numbers);
  }

  private long lastIndex() {
    return cluster.members().size();
  }

  private void writeBackend(long bumpRevision) throws IOException {
    Backend.Changes changes = new Backend.Changes();
    Map<String, byte[]> members = new HashMap<>();
    for (InitialCluster.Member member : cluster.members()) {
      members.put(GoStrings.hex(member.id()), json(member).getBytes(StandardCharsets.UTF_8));
    }
    changes.replaced.put("members", members);
    changes.replaced.put("members_removed", Map.of());
    changes.replaced.put("cluster", Map.of());
    changes.meta.put("consistent_index", int64(lastIndex()));
    changes.meta.put("term", int64(TERM));
    changes.meta.put("confState", confStateJson().getBytes(StandardCharsets.UTF_8));
    try (BoltReader from = BoltReader.open(source)) {
      if (bumpRevision > 0) {
        byte[] bumped = Backend.revisionKey(Backend.latestRevision(from) + bumpRevision);
        changes.lastKey = bumped;
        changes.meta.put(Backend.SCHEDULED_COMPACT, bumped);
      }
      Backend.copy(from, snapDirectory.resolve("db"), changes);
    } catch (NoSuchFileException e) {
      throw Backend.missing(source.toString());
    }
  }

  private static byte[] int64(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  private static String json(InitialCluster.Member member) {
    GoJson json = new GoJson(false).beginObject().name("id").unsigned(member.id());
    peerUrls(json, member);
    return json.name("name").string(member.name()).endObject().toString();
  }

  private static void peerUrls(GoJson json, InitialCluster.Member member) {
    json.name("peerURLs").beginArray();
    for (String url : member.peerUrls()) {
      json.next().string(url);
    }
    json.endArray();
  }

  private String confStateJson() {
    GoJson json = new GoJson(false).beginObject().name("voters").beginArray();
    for (InitialCluster.Member member : cluster.members()) {
      json.next().unsigned(member.id());
    }
    return json.endArray().name("auto_leave").bool(false).endObject().toString();
  }

  private void writeLogAndSnapshot() throws IOException {
    FileDisk disk = new FileDisk();
    Metadata metadata =
        Metadata.newBuilder().setNodeID(cluster.local().id()).setClusterID(cluster.id()).build();
    List<Entry> entries = new ArrayList<>();
    ConfState.Builder voters = ConfState.newBuilder();
    for (InitialCluster.Member member : cluster.members()) {
      voters.addVoters(member.id());
      ConfChange change =
          ConfChange.newBuilder()
              .setId(0)
              .setType(ConfChangeType.ConfChangeAddNode)
              .setNodeId(member.id())
              .setContext(ByteString.copyFromUtf8(json(member)))
              .build();
      entries.add(
          Entry.newBuilder()
              .setType(EntryType.EntryConfChange)
              .setTerm(TERM)
              .setIndex(entries.size() + 1)
              .setData(change.toByteString())
              .build());
    }
    HardState state =
        HardState.newBuilder()
            .setTerm(TERM)
            .setVote(cluster.members().get(0).id())
            .setCommit(lastIndex())
            .build();
    Snapshot snapshot =
        Snapshot.newBuilder()
            .setData(ByteString.copyFromUtf8(v2Store()))
            .setMetadata(
                SnapshotMetadata.newBuilder()
                    .setConfState(voters)
                    .setIndex(lastIndex())
                    .setTerm(TERM))
            .build();
    Files.createDirectories(walDirectory.toAbsolutePath().getParent());
    try (Wal wal = Wal.create(disk, walDirectory, metadata.toByteString(), WalOptions.standard())) {
      wal.save(state, entries, true);
      new SnapFiles(disk, snapDirectory, warning -> environment.err().print(warning + "\n"))
          .save(snapshot);
      wal.saveSnapshot(new WalSnapshot(lastIndex(), TERM, voters.build()));
    }
  }

  /** The membership as the tree of the v2 store, where etcd up to 3.5 looks for it. */
  private String v2Store() {
    GoJson json = new GoJson(false).beginObject().name("Root");
    directory(json, "/", "");
    directory(json.name("0"), "/0", "");
    directory(json.name("members"), "/0/members", "");
    for (InitialCluster.Member member : cluster.members()) {
      String id = GoStrings.hex(member.id());
      String path = "/0/members/" + id;
      directory(json.name(id), path, "");
      GoJson attributes = new GoJson(false).beginObject().name("name").string(member.name());
      leaf(json.name("attributes"), path + "/attributes", attributes.endObject().toString());
      GoJson raft = new GoJson(false).beginObject();
      peerUrls(raft, member);
      leaf(json.name("raftAttributes"), path + "/raftAttributes", raft.endObject().toString());
      json.endObject().endObject();
    }
    json.endObject().endObject(); // /0/members
    directory(json.name("removed_members"), "/0/removed_members", "");
    json.endObject().endObject();
    json.endObject().endObject(); // /0
    directory(json.name("1"), "/1", "");
    json.endObject().endObject();
    json.endObject().endObject(); // the root
    json.name("WatcherHub").beginObject().name("EventHistory").beginObject();
    json.name("Queue").beginObject().name("Events").beginArray();
    for (int i = 0; i < 1000; i++) {
      json.next().nothing();
    }
    json.endArray().name("Size").number(0).name("Front").number(0).name("Back").number(0);
    json.name("Capacity").number(1000).endObject();
    json.name("StartIndex").number(0).name("LastIndex").number(0).endObject().endObject();
    json.name("CurrentIndex").number(lastIndex());
    json.name("Stats").beginObject().endObject();
    return json.name("CurrentVersion").number(2).endObject().toString();
  }

  /** Begins a directory: its children come next, then two ends. */
  private static void directory(GoJson json, String path, String value) {
    node(json, path, value);
    json.name("Children").beginObject();
  }

  private static void leaf(GoJson json, String path, String value) {
    node(json, path, value);
    json.name("Children").nothing().endObject();
  }

  private static void node(GoJson json, String path, String value) {
    json.beginObject().name("Path").string(path);
    json.name("CreatedIndex").number(0).name("ModifiedIndex").number(0);
    json.name("ExpireTime").string("0001-01-01T00:00:00Z").name("Value").string(value);
  }
}
