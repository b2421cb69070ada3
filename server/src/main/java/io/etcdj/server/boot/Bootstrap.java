package io.etcdj.server.boot;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.Metadata;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.api.raftpb.ConfState;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.api.raftpb.HardState;
import io.etcdj.api.raftpb.Snapshot;
import io.etcdj.raft.MemoryLog;
import io.etcdj.server.apply.ConfStates;
import io.etcdj.server.log.Log;
import io.etcdj.state.apply.V2Applier;
import io.etcdj.state.membership.Member;
import io.etcdj.state.membership.MemberIds;
import io.etcdj.state.membership.MemberJson;
import io.etcdj.state.v2.Contents;
import io.etcdj.state.v2.StoreJson;
import io.etcdj.state.v2.V2Store;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import io.etcdj.storage.disk.Disk;
import io.etcdj.storage.snap.SnapFiles;
import io.etcdj.storage.wal.Wal;
import io.etcdj.storage.wal.WalContents;
import io.etcdj.storage.wal.WalException;
import io.etcdj.storage.wal.WalOptions;
import io.etcdj.storage.wal.WalSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings log, backend and Raft log of a member to one point, from its data directory.
 *
 * <pre>
 *   no log      a new member of a new cluster: the log starts with one entry per initial member;
 *               or one that joins: its log is empty and comes from the others
 *   a log       snapshot file, log behind it, backend; the backend may be ahead of the snapshot
 *               and behind the log, and the entries between are applied again
 * </pre>
 */
final class Bootstrap {

  /**
   * Everything that a member starts from; owned by whoever asked for it.
   *
   * @param firstPeers whom to connect to before the log tells who the members are
   */
  record Recovered(
      Wal wal,
      SnapFiles snapshots,
      Backend backend,
      MemoryLog log,
      long memberId,
      long clusterId,
      long appliedIndex,
      long appliedTerm,
      ConfState confState,
      long snapshotIndex,
      List<Member> firstPeers) {}

  private final MemberOptions options;
  private final Log log;
  private final WalOptions walOptions;
  private final Disk disk;
  private final Database database;
  private final FirstMembers firstMembers;
  private final Neighbours neighbours;
  private final Path snapDirectory;

  Bootstrap(
      MemberOptions options,
      WalOptions walOptions,
      Disk disk,
      Database database,
      FirstMembers firstMembers,
      Neighbours neighbours,
      Log log) {
    this.options = options;
    this.walOptions = walOptions;
    this.disk = disk;
    this.database = database;
    this.firstMembers = firstMembers;
    this.neighbours = neighbours;
    this.snapDirectory = options.snapDirectory();
    this.log = log;
  }

  Recovered recover() throws IOException, StartException {
    try {
      createDurably(snapDirectory);
      Path walParent = options.walDirectory().toAbsolutePath().getParent();
      if (walParent != null) {
        createDurably(walParent);
      }
    } catch (FileSystemException e) {
      throw new StartException(
          "cannot access data directory: mkdir " + e.getFile() + ": " + Log.reason(e), e);
    }
    SnapFiles snapshots =
        new SnapFiles(disk, snapDirectory, warning -> log.warn("snapshot file", "error", warning));
    boolean known = Wal.exists(disk, options.walDirectory());
    log.info(
        "starting member",
        "data-dir",
        options.dataDirectory().toString(),
        "wal-dir",
        options.walDirectory().toString(),
        "existing-wal",
        known);
    if (!known) {
      return create(snapshots);
    }
    firstMembers.passOver();
    return restart(snapshots);
  }

  /**
   * Makes a directory and those above it, each sure to be found after a power cut: a log is no
   * safer than the name of the directory that it is in.
   */
  private void createDurably(Path directory) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path at = directory.toAbsolutePath();
        at != null && !disk.exists(at);
        at = at.getParent()) {
      missing.push(at);
    }
    disk.createDirectories(directory);
    for (Path created : missing) {
      Path parent = created.getParent();
      if (parent != null) {
        disk.syncDirectory(parent);
      }
    }
  }

  // ---- A new member ----------------------------------------------------------------------------

  private Recovered create(SnapFiles snapshots) throws IOException, StartException {
    if (database.exists()) {
      throw new StartException(
          "data directory "
              + options.dataDirectory()
              + " has a database but no write-ahead log in "
              + options.walDirectory()
              + ": one of the two was lost or --wal-dir names another place");
    }
    Map<String, List<String>> named = firstMembers.find();
    List<String> own = named.get(options.name());
    if (own == null) {
      throw new StartException(
          "couldn't find local name \""
              + options.name()
              + "\" in the initial cluster configuration");
    }
    return options.joins() ? join(snapshots, named, own) : found(snapshots, named, own);
  }

  private Recovered found(SnapFiles snapshots, Map<String, List<String>> named, List<String> own)
      throws IOException, StartException {
    Map<Long, Member> members = initialMembers(named);
    long memberId = MemberIds.ofInitialMember(own, options.clusterToken());
    if (named.size() > 1) {
      refuseSecondBirth(memberId, otherPeerUrls(named));
    }
    return create(
        snapshots,
        memberId,
        MemberIds.ofCluster(members.keySet()),
        bootstrapEntries(members),
        List.copyOf(members.values()));
  }

  /** A member of a cluster that runs: the others know its id, and its log comes from them. */
  private Recovered join(SnapFiles snapshots, Map<String, List<String>> named, List<String> own)
      throws IOException, StartException {
    Neighbours.Cluster cluster = neighbours.ask(otherPeerUrls(named));
    if (cluster == null) {
      throw new StartException(
          "cannot fetch cluster info from peer urls: could not retrieve cluster information from"
              + " the given URLs");
    }
    return create(
        snapshots, idWithin(cluster, named, own), cluster.id(), List.of(), cluster.members());
  }

  private static long idWithin(
      Neighbours.Cluster cluster, Map<String, List<String>> named, List<String> own)
      throws StartException {
    if (named.size() != cluster.members().size()) {
      throw mismatch(cluster, "member count is unequal");
    }
    for (Member known : cluster.members()) {
      if (named.values().stream().noneMatch(urls -> sameUrls(known, urls))) {
        String wanted = String.join(" ", known.peerUrls());
        String other = String.join(" ", named.values().iterator().next());
        throw mismatch(
            cluster,
            String.format(
                "PeerURLs: no match found for existing member (%x, %s), last resolver error"
                    + " (resolved urls: \"%s\" != \"%s\")",
                known.id(), words(known.peerUrls()), wanted, other));
      }
    }
    for (Member known : cluster.members()) {
      if (sameUrls(known, own)) {
        return known.id();
      }
    }
    throw mismatch(cluster, "unmatched member while checking PeerURLs " + words(own));
  }

  private static boolean sameUrls(Member member, List<String> urls) {
    return Set.copyOf(member.peerUrls()).equals(Set.copyOf(urls));
  }

  private static String words(List<String> all) {
    return "[" + String.join(" ", all) + "]";
  }

  private static StartException mismatch(Neighbours.Cluster cluster, String why) {
    StringBuilder members = new StringBuilder();
    for (Member member : cluster.members()) {
      members
          .append(members.isEmpty() ? "" : " ")
          .append("&{ID:")
          .append(Long.toHexString(member.id()))
          .append(" RaftAttributes:{PeerURLs:")
          .append(words(member.peerUrls()))
          .append(" IsLearner:")
          .append(member.isLearner())
          .append("} Attributes:{Name:")
          .append(member.name())
          .append(" ClientURLs:")
          .append(words(member.clientUrls()))
          .append("}}");
    }
    return new StartException(
        "error validating peerURLs {ClusterID:"
            + Long.toHexString(cluster.id())
            + " Members:["
            + members
            + "] RemovedMemberIDs:[]}: "
            + why);
  }

  /** A member that lost its data must not vote again as if it had never voted. */
  private void refuseSecondBirth(long memberId, List<String> others) throws StartException {
    Neighbours.Cluster running = neighbours.ask(others);
    if (running != null
        && running.members().stream()
            .anyMatch(member -> member.id() == memberId && !member.clientUrls().isEmpty())) {
      throw new StartException(
          "member " + Long.toHexString(memberId) + " has already been bootstrapped");
    }
  }

  private List<String> otherPeerUrls(Map<String, List<String>> named) {
    return named.entrySet().stream()
        .filter(entry -> !entry.getKey().equals(options.name()))
        .flatMap(entry -> entry.getValue().stream())
        .sorted()
        .toList();
  }

  private Recovered create(
      SnapFiles snapshots,
      long memberId,
      long clusterId,
      List<Entry> entries,
      List<Member> firstPeers)
      throws IOException, StartException {
    ByteString metadata =
        Metadata.newBuilder().setNodeID(memberId).setClusterID(clusterId).build().toByteString();
    Wal wal = createWal(metadata);
    MemoryLog memory = new MemoryLog(new WalEntries(wal, log));
    if (!entries.isEmpty()) {
      HardState hardState =
          HardState.newBuilder().setTerm(1).setVote(0).setCommit(entries.size()).build();
      wal.save(hardState, entries, true);
      memory.setHardState(hardState);
      memory.append(entries);
    }
    return new Recovered(
        wal,
        snapshots,
        database.open(),
        memory,
        memberId,
        clusterId,
        0,
        0,
        ConfState.getDefaultInstance(),
        0,
        firstPeers);
  }

  private Map<Long, Member> initialMembers(Map<String, List<String>> named) {
    Map<Long, Member> members = new TreeMap<>(Long::compareUnsigned);
    named.forEach(
        (name, urls) -> {
          long id = MemberIds.ofInitialMember(urls, options.clusterToken());
          members.put(id, new Member(id, urls, name, List.of(), false));
        });
    return members;
  }

  private Wal createWal(ByteString metadata) throws IOException, StartException {
    try {
      return Wal.create(disk, options.walDirectory(), metadata, walOptions);
    } catch (WalException e) {
      throw startException(e);
    }
  }

  /** The changes that make the initial members, one each, as if the log had always begun so. */
  private static List<Entry> bootstrapEntries(Map<Long, Member> members) {
    return entries(members.values().stream().map(Bootstrap::addition).toList(), 1, 0);
  }

  private static ConfChange addition(Member member) {
    return ConfChange.newBuilder()
        .setId(0)
        .setType(ConfChangeType.ConfChangeAddNode)
        .setNodeId(member.id())
        .setContext(ByteString.copyFromUtf8(MemberJson.write(member)))
        .build();
  }

  /** Entries of this term, one for each change, behind index {@code after}. */
  private static List<Entry> entries(List<ConfChange> changes, long term, long after) {
    List<Entry> entries = new ArrayList<>();
    for (ConfChange change : changes) {
      entries.add(
          Entry.newBuilder()
              .setType(EntryType.EntryConfChange)
              .setTerm(term)
              .setIndex(after + entries.size() + 1)
              .setData(change.toByteString())
              .build());
    }
    return entries;
  }

  // ---- A member that was there before ----------------------------------------------------------

  private Recovered restart(SnapFiles snapshots) throws IOException, StartException {
    Snapshot snapshot = newestNoted(snapshots);
    WalSnapshot start =
        snapshot == null
            ? WalSnapshot.EMPTY
            : new WalSnapshot(
                snapshot.getMetadata().getIndex(),
                snapshot.getMetadata().getTerm(),
                snapshot.getMetadata().getConfState());
    Wal wal = openWal(start);
    boolean recovered = false;
    try {
      WalContents contents = wal.readAll();
      recovered = true;
      return restart(snapshots, snapshot, wal, contents);
    } catch (WalException e) {
      if (e.reason() != WalException.Reason.TORN) {
        throw startException(e);
      }
    } finally {
      if (!recovered) {
        wal.close();
      }
    }
    log.warn("repairing a torn end of the write-ahead log", "dir", options.walDirectory());
    if (!Wal.repair(disk, options.walDirectory())) {
      throw new StartException("write-ahead log in " + options.walDirectory() + " is broken");
    }
    Wal repaired = openWal(start);
    try {
      return restart(snapshots, snapshot, repaired, repaired.readAll());
    } catch (WalException e) {
      repaired.close();
      throw startException(e);
    }
  }

  /**
   * The newest snapshot that the log has a note of. It is nearly always the newest file, so the
   * log's segments before that, which nothing else needs, are only read when it is not.
   */
  private @Nullable Snapshot newestNoted(SnapFiles snapshots) throws IOException, StartException {
    Snapshot newest = snapshots.load();
    if (newest == null) {
      return null;
    }
    try {
      long index = newest.getMetadata().getIndex();
      Snapshot noted =
          snapshots.load(Wal.validSnapshotEntriesFrom(disk, options.walDirectory(), index));
      return noted != null
          ? noted
          : snapshots.load(Wal.validSnapshotEntries(disk, options.walDirectory()));
    } catch (WalException e) {
      throw startException(e);
    }
  }

  private Wal openWal(WalSnapshot start) throws IOException, StartException {
    try {
      return Wal.open(disk, options.walDirectory(), start, walOptions);
    } catch (WalException e) {
      throw startException(e);
    }
  }

  private StartException startException(WalException e) {
    if (e.reason() == WalException.Reason.LOCKED) {
      return new StartException(
          "data directory "
              + options.dataDirectory()
              + " is in use by another process (its write-ahead log is locked)",
          e);
    }
    return new StartException(
        "write-ahead log in " + options.walDirectory() + ": " + e.getMessage(), e);
  }

  private Recovered restart(
      SnapFiles snapshots, @Nullable Snapshot snapshot, Wal wal, WalContents contents)
      throws IOException, StartException {
    Metadata metadata = metadata(contents);
    long snapshotIndex = snapshot == null ? 0 : snapshot.getMetadata().getIndex();
    snapshots.removeLeftOvers();
    Backend backend = openBackend(snapshots, snapshotIndex);
    refuseAuth(backend);
    ConfState stored = ConfStates.load(backend);
    long storedIndex = storedNumber(backend, Backend.APPLIED_INDEX);
    MemoryLog memory = new MemoryLog(new WalEntries(wal, log));
    if (snapshot != null) {
      memory.applySnapshot(snapshot);
    }
    memory.append(contents.entries());
    refuseForeignMember(stored, storedIndex, metadata.getNodeID(), snapshot, contents.entries());
    if (storedIndex > memory.lastIndex()) {
      throw new StartException(
          "database is at log index "
              + storedIndex
              + " but the write-ahead log ends at "
              + memory.lastIndex()
              + ": the log lost entries that were applied");
    }
    long storedTerm = storedNumber(backend, Backend.APPLIED_TERM);
    HardState hardState = contents.hardState();
    refuseForeignLog(memory, storedIndex, storedTerm);
    long applied = stored == null ? snapshotIndex : Math.max(snapshotIndex, storedIndex);
    if (Long.compareUnsigned(hardState.getCommit(), applied) < 0) {
      hardState = hardState.toBuilder().setCommit(applied).build(); // applied, hence committed
    }
    ConfState confState =
        stored != null || snapshot == null ? stored : snapshot.getMetadata().getConfState();
    takeOverV2(backend, snapshot, contents.entries(), storedIndex);
    if (options.forceNewCluster()) {
      hardState = forgetOthers(wal, memory, hardState, confState, applied, metadata.getNodeID());
    }
    memory.setHardState(hardState);
    if (confState != null && applied > snapshotIndex) {
      memory.createSnapshot(applied, confState, ByteString.EMPTY); // tells the core where we are
    }
    log.info(
        "recovered",
        "member-id",
        Long.toHexString(metadata.getNodeID()),
        "cluster-id",
        Long.toHexString(metadata.getClusterID()),
        "snapshot-index",
        snapshotIndex,
        "applied-index",
        applied,
        "commit-index",
        hardState.getCommit(),
        "last-index",
        memory.lastIndex());
    return new Recovered(
        wal,
        snapshots,
        backend,
        memory,
        metadata.getNodeID(),
        metadata.getClusterID(),
        storedIndex,
        storedTerm,
        confState == null ? ConfState.getDefaultInstance() : confState,
        snapshotIndex,
        List.of());
  }

  /**
   * Takes over the store of the v2 API where the database does not have it, as that of another
   * engine or one that came with a snapshot: it is in the snapshot, and then in the log up to where
   * the database is.
   */
  private void takeOverV2(
      Backend backend, @Nullable Snapshot snapshot, List<Entry> entries, long storedIndex) {
    if (storedIndex == 0 || V2Store.isIn(backend)) {
      return;
    }
    long snapshotIndex = snapshot == null ? 0 : snapshot.getMetadata().getIndex();
    V2Store store = new V2Store(backend);
    V2Applier applier = new V2Applier(store);
    backend.begin();
    store.fill(snapshot == null ? Contents.EMPTY : StoreJson.read(snapshot.getData()));
    for (Entry entry : entries) {
      if (entry.getIndex() > snapshotIndex && entry.getIndex() <= storedIndex) {
        applier.replay(entry);
      }
    }
    backend.end();
    backend.flush();
    if (!store.contents().nodes().isEmpty()) {
      log.info("took over the keys of the v2 API", "v2-index", store.index());
    }
  }

  /**
   * A database that does not know the member whose log lies beside it, although the log says that
   * it was one by then. (One that joins is no member for as long as it applies what was before.)
   */
  private void refuseForeignMember(
      @Nullable ConfState stored,
      long storedIndex,
      long memberId,
      @Nullable Snapshot snapshot,
      List<Entry> entries)
      throws StartException {
    if (stored == null || ConfStates.contains(stored, memberId)) {
      return;
    }
    boolean member =
        snapshot != null && ConfStates.contains(snapshot.getMetadata().getConfState(), memberId);
    for (Entry entry : entries) {
      if (entry.getIndex() <= storedIndex && entry.getType() == EntryType.EntryConfChange) {
        ConfChange change = parseChange(entry);
        if (change.getNodeId() == memberId) {
          member = change.getType() != ConfChangeType.ConfChangeRemoveNode;
        }
      }
    }
    if (member) {
      throw new StartException(
          "database "
              + options.databasePath()
              + " is of another member: it does not know "
              + Long.toHexString(memberId)
              + ", whose write-ahead log is in "
              + options.walDirectory());
    }
  }

  /**
   * Makes this member the only one, by entries that remove the others at the end of its log.
   *
   * <p>etcd drops what this member does not know to be committed. It is kept here: how far the
   * others had committed may not have reached this disk, so that some of it may be acknowledged.
   */
  private HardState forgetOthers(
      Wal wal,
      MemoryLog memory,
      HardState hardState,
      @Nullable ConfState confState,
      long applied,
      long memberId)
      throws IOException, StartException {
    Set<Long> members = new TreeSet<>(Long::compareUnsigned);
    if (confState != null) {
      members.addAll(confState.getVotersList());
      members.addAll(confState.getLearnersList());
    }
    for (Entry entry :
        memory.entries(memory.firstIndex(), memory.lastIndex() + 1, Long.MAX_VALUE)) {
      if (entry.getIndex() > applied && entry.getType() == EntryType.EntryConfChange) {
        ConfChange change = parseChange(entry);
        if (change.getType() == ConfChangeType.ConfChangeRemoveNode) {
          members.remove(change.getNodeId());
        } else {
          members.add(change.getNodeId());
        }
      }
    }
    List<ConfChange> changes = new ArrayList<>();
    if (!members.contains(memberId)) {
      Member self = new Member(memberId, options.peerUrls(), options.name(), List.of(), false);
      changes.add(addition(self));
    }
    for (long id : members) {
      if (id != memberId) {
        log.warn("forgetting member", "removed-member-id", Long.toHexString(id));
        changes.add(
            ConfChange.newBuilder()
                .setType(ConfChangeType.ConfChangeRemoveNode)
                .setNodeId(id)
                .build());
      }
    }
    List<Entry> entries = entries(changes, hardState.getTerm(), memory.lastIndex());
    HardState forced = hardState.toBuilder().setCommit(memory.lastIndex() + entries.size()).build();
    wal.save(forced, entries, true);
    memory.append(entries);
    return forced;
  }

  private static ConfChange parseChange(Entry entry) throws StartException {
    try {
      return ConfChange.parseFrom(entry.getData());
    } catch (InvalidProtocolBufferException e) {
      throw new StartException("log entry " + entry.getIndex() + " is no configuration change", e);
    }
  }

  /** A database and a log that are not of one history: together they are one that never was. */
  private void refuseForeignLog(MemoryLog memory, long storedIndex, long storedTerm)
      throws StartException {
    if (storedTerm != 0
        && storedIndex >= memory.firstIndex()
        && memory.term(storedIndex) != storedTerm) {
      throw new StartException(
          "database "
              + options.databasePath()
              + " is of another log: at index "
              + storedIndex
              + " it has term "
              + storedTerm
              + ", the write-ahead log has "
              + memory.term(storedIndex));
    }
  }

  private static Metadata metadata(WalContents contents) throws StartException {
    try {
      return Metadata.parseFrom(contents.metadata());
    } catch (InvalidProtocolBufferException e) {
      throw new StartException("write-ahead log has no readable metadata", e);
    }
  }

  /** The database, or the one that came with a newer snapshot. */
  private Backend openBackend(SnapFiles snapshots, long snapshotIndex)
      throws IOException, StartException {
    Backend backend = database.open();
    if (storedNumber(backend, Backend.APPLIED_INDEX) >= snapshotIndex) {
      return backend;
    }
    backend.close();
    Path received = snapshots.database(snapshotIndex);
    if (!disk.exists(received)) {
      throw new StartException(
          "failed to find database snapshot file (snap: snapshot file doesn't exist): "
              + received.getFileName());
    }
    return database.replaceBy(received);
  }

  private static long storedNumber(Backend backend, String metaKey) {
    try (Backend.TableView tables = backend.openTables()) {
      byte[] stored = tables.get(Table.META, metaKey.getBytes(UTF_8));
      return stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
    }
  }

  /** Serving data without the permissions that guard it would leak it. */
  private static void refuseAuth(Backend backend) throws StartException {
    byte[] enabled;
    try (Backend.TableView tables = backend.openTables()) {
      enabled = tables.get(Table.AUTH, "authEnabled".getBytes(UTF_8));
    }
    if (enabled != null && enabled.length == 1 && enabled[0] == 1) {
      backend.close();
      throw new StartException(
          "authentication is enabled in this data directory, which this release cannot enforce");
    }
  }
}
