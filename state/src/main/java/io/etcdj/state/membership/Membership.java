package io.etcdj.state.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.state.v2.V2Store;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.Table;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The members of the cluster, those removed from it, and its version.
 *
 * <p>Changed by the apply thread only; asked by any thread, which sees whole states.
 */
public final class Membership {
  private static final byte[] CLUSTER_VERSION = "clusterVersion".getBytes(UTF_8);
  private static final byte[] DOWNGRADE = "downgrade".getBytes(UTF_8);
  private static final byte[] STORAGE_VERSION = "storageVersion".getBytes(UTF_8);
  private static final byte[] REMOVED = "removed".getBytes(UTF_8);

  private final Backend backend;
  private final int maxLearners;
  private volatile State state = new State(Map.of(), Set.of(), null, Downgrade.NONE);

  private record State(
      Map<Long, Member> members,
      Set<Long> removed,
      @Nullable String clusterVersion,
      Downgrade downgrade) {}

  /** What an applied configuration change did. */
  public record Change(Kind kind, long memberId) {
    /** The kinds of change. */
    public enum Kind {
      ADDED,
      PROMOTED,
      REMOVED,
      UPDATED
    }
  }

  public Membership(Backend backend, int maxLearners) {
    this.backend = backend;
    this.maxLearners = maxLearners;
    reload();
  }

  /** Starts over from what the backend holds now. */
  public void reload() {
    try (Backend.TableView tables = backend.openTables()) {
      state = load(tables);
    }
  }

  /**
   * The membership and the v2 store as of a view, as a v2 store tree; see {@link MembershipTree}.
   */
  public static ByteString treeOf(Backend.TableView tables) {
    State then = load(tables);
    return MembershipTree.write(
        List.copyOf(then.members().values()),
        then.removed(),
        then.clusterVersion(),
        V2Store.contentsOf(tables));
  }

  private static State load(Backend.TableView tables) {
    Map<Long, Member> members = sortedById();
    tables.scan(
        Table.MEMBERS,
        (key, value) -> {
          Member member = MemberJson.read(new String(value, UTF_8));
          members.put(member.id(), member);
        });
    Set<Long> removed = new HashSet<>();
    tables.scan(
        Table.MEMBERS_REMOVED,
        (key, value) -> removed.add(Long.parseUnsignedLong(new String(key, UTF_8), 16)));
    byte[] version = tables.get(Table.CLUSTER, CLUSTER_VERSION);
    byte[] downgrade = tables.get(Table.CLUSTER, DOWNGRADE);
    return new State(
        members,
        Set.copyOf(removed),
        version == null ? null : new String(version, UTF_8),
        downgrade == null ? Downgrade.NONE : Downgrade.fromJson(new String(downgrade, UTF_8)));
  }

  private static Map<Long, Member> sortedById() {
    return new TreeMap<>(Long::compareUnsigned);
  }

  /** All members, by id. */
  public List<Member> members() {
    return List.copyOf(state.members().values());
  }

  /** Ids that were members once and may not come back. */
  public Set<Long> removed() {
    return state.removed();
  }

  public @Nullable Member member(long id) {
    return state.members().get(id);
  }

  public boolean isRemoved(long id) {
    return state.removed().contains(id);
  }

  /** The version that all members speak, such as {@code 3.7.0}; null before it was decided. */
  public @Nullable String clusterVersion() {
    return state.clusterVersion();
  }

  /** Whether the cluster is being taken back to an older release. */
  public Downgrade downgrade() {
    return state.downgrade();
  }

  /**
   * Why a configuration change cannot be made in this state, as an exception to throw.
   *
   * <p>Every member checks this when it applies the change, and the proposer before.
   */
  public void check(ConfChange change) {
    long id = change.getNodeId();
    State now = state;
    if (now.removed().contains(id)) {
      throw EtcdError.MEMBER_NOT_FOUND.because("membership: ID removed");
    }
    switch (change.getType()) {
      case ConfChangeAddNode, ConfChangeAddLearnerNode -> checkAdd(now, change);
      case ConfChangeRemoveNode -> requireMember(now, id);
      case ConfChangeUpdateNode -> {
        requireMember(now, id);
        checkUrlsFree(now, MemberJson.read(change.getContext().toStringUtf8()).peerUrls(), id);
      }
    }
  }

  private void checkAdd(State now, ConfChange change) {
    String context = change.getContext().toStringUtf8();
    if (MemberJson.isPromote(context)) {
      Member learner = requireMember(now, change.getNodeId());
      if (!learner.isLearner()) {
        throw EtcdError.MEMBER_NOT_LEARNER.exception();
      }
      return;
    }
    Member added = MemberJson.read(context);
    if (now.members().containsKey(added.id())) {
      throw EtcdError.MEMBER_EXIST.exception();
    }
    checkUrlsFree(now, added.peerUrls(), added.id());
    if (added.isLearner()) {
      long learners = now.members().values().stream().filter(Member::isLearner).count();
      if (learners + 1 > maxLearners) {
        throw EtcdError.TOO_MANY_LEARNERS.exception();
      }
    }
  }

  private static Member requireMember(State now, long id) {
    Member member = now.members().get(id);
    if (member == null) {
      throw EtcdError.MEMBER_NOT_FOUND.exception();
    }
    return member;
  }

  private static void checkUrlsFree(State now, Collection<String> urls, long exceptId) {
    for (Member member : now.members().values()) {
      if (member.id() != exceptId && member.peerUrls().stream().anyMatch(urls::contains)) {
        throw EtcdError.PEER_URL_EXIST.exception();
      }
    }
  }

  /** Makes a configuration change that {@link #check} allowed. */
  public Change apply(ConfChange change) {
    long id = change.getNodeId();
    return switch (change.getType()) {
      case ConfChangeAddNode, ConfChangeAddLearnerNode -> {
        String context = change.getContext().toStringUtf8();
        if (MemberJson.isPromote(context)) {
          put(requireMember(state, id).promoted());
          yield new Change(Change.Kind.PROMOTED, id);
        }
        put(MemberJson.read(context));
        yield new Change(Change.Kind.ADDED, id);
      }
      case ConfChangeRemoveNode -> {
        remove(id);
        yield new Change(Change.Kind.REMOVED, id);
      }
      case ConfChangeUpdateNode -> {
        Member updated = MemberJson.read(change.getContext().toStringUtf8());
        put(requireMember(state, id).withPeerUrls(updated.peerUrls()));
        yield new Change(Change.Kind.UPDATED, id);
      }
    };
  }

  /** Takes over what a member told of itself. */
  public void setAttributes(long id, String name, List<String> clientUrls) {
    Member member = state.members().get(id);
    if (member != null) { // it may have been removed since it told
      put(member.withAttributes(name, clientUrls));
    }
  }

  public void setClusterVersion(String version) {
    backend.put(Table.CLUSTER, CLUSTER_VERSION, version.getBytes(UTF_8));
    backend.put(Table.META, STORAGE_VERSION, version.getBytes(UTF_8)); // rows are laid out alike
    state = new State(state.members(), state.removed(), version, state.downgrade());
  }

  public void setDowngrade(Downgrade downgrade) {
    backend.put(Table.CLUSTER, DOWNGRADE, downgrade.toJson().getBytes(UTF_8));
    state = new State(state.members(), state.removed(), state.clusterVersion(), downgrade);
  }

  private void put(Member member) {
    Map<Long, Member> members = sortedById();
    members.putAll(state.members());
    members.put(member.id(), member);
    backend.put(Table.MEMBERS, rowKey(member.id()), MemberJson.write(member).getBytes(UTF_8));
    state = new State(members, state.removed(), state.clusterVersion(), state.downgrade());
  }

  private void remove(long id) {
    Map<Long, Member> members = sortedById();
    members.putAll(state.members());
    members.remove(id);
    Set<Long> removed = new HashSet<>(state.removed());
    removed.add(id);
    backend.delete(Table.MEMBERS, rowKey(id));
    backend.put(Table.MEMBERS_REMOVED, rowKey(id), REMOVED);
    state = new State(members, Set.copyOf(removed), state.clusterVersion(), state.downgrade());
  }

  private static byte[] rowKey(long id) {
    return Long.toHexString(id).getBytes(UTF_8);
  }
}
