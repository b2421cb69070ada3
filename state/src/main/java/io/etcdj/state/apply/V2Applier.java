package io.etcdj.state.apply;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.InternalRaftRequest;
import io.etcdj.api.etcdserverpb.Request;
import io.etcdj.api.raftpb.ConfChange;
import io.etcdj.api.raftpb.ConfChangeType;
import io.etcdj.api.raftpb.Entry;
import io.etcdj.api.raftpb.EntryType;
import io.etcdj.state.v2.Event;
import io.etcdj.state.v2.Expiry;
import io.etcdj.state.v2.Outcome;
import io.etcdj.state.v2.Paths;
import io.etcdj.state.v2.V2Error;
import io.etcdj.state.v2.V2Exception;
import io.etcdj.state.v2.V2Store;

/**
 * Applies requests of the v2 API.
 *
 * <p>No alarm and no quota keeps one from being applied: members of etcd 3.4 do not ask either, and
 * all must come to the same. Who proposes them does.
 */
public final class V2Applier {
  private final V2Store store;

  public V2Applier(V2Store store) {
    this.store = store;
  }

  /**
   * Applies one request, within the backend's begin and end. Whatever it says, it comes to an
   * answer: what is in the log must not stop a member.
   */
  public Outcome apply(Request request) {
    String path = Paths.clean(request.getPath());
    Expiry expiry = new Expiry(request.getExpiration(), request.getRefresh());
    try {
      return switch (request.getMethod()) {
        case "PUT" -> put(request, path, expiry);
        case "POST" ->
            outcome(store.create(path, request.getDir(), request.getVal(), true, expiry));
        case "DELETE" -> delete(request, path);
        case "QGET", "GET" -> store.read(path, request.getRecursive());
        case "SYNC" -> {
          store.expire(request.getTime());
          yield Outcome.nothing(store.index());
        }
        default -> Outcome.refused(V2Error.RAFT_INTERNAL.at(0, "etcdserver: unknown method"));
      };
    } catch (V2Exception refusal) {
      return Outcome.refused(refusal);
    }
  }

  private Outcome put(Request request, String path, Expiry expiry) {
    String value = request.getVal();
    if (request.hasPrevExist() && !request.getPrevExist()) {
      return outcome(store.create(path, request.getDir(), value, false, expiry));
    }
    if (compares(request)) {
      return outcome(
          store.compareAndSwap(
              path, request.getPrevValue(), request.getPrevIndex(), value, expiry));
    }
    return outcome(
        request.hasPrevExist()
            ? store.update(path, value, expiry)
            : store.set(path, request.getDir(), value, expiry));
  }

  private Outcome delete(Request request, String path) {
    return outcome(
        compares(request)
            ? store.compareAndDelete(path, request.getPrevValue(), request.getPrevIndex())
            : store.delete(path, request.getDir(), request.getRecursive()));
  }

  private static boolean compares(Request request) {
    return request.getPrevIndex() != 0 || !request.getPrevValue().isEmpty();
  }

  private Outcome outcome(Event event) {
    return Outcome.of(event, store.index());
  }

  /**
   * Does of an entry only what it does to the v2 store: for a database that has all else of it
   * already. Changes of members count as made, though a few may have been refused.
   */
  public void replay(Entry entry) {
    if (entry.getType() == EntryType.EntryConfChange) {
      store.skip(writes(changeType(entry)));
    } else if (entry.getType() == EntryType.EntryNormal && !entry.getData().isEmpty()) {
      Request request = Commands.forV2Store(entry);
      if (request != null) {
        var unused = apply(request);
      } else {
        InternalRaftRequest command = Commands.parse(entry);
        if (command.hasClusterMemberAttrSet() || command.hasClusterVersionSet()) {
          store.skip(1);
        }
      }
    }
  }

  private static ConfChangeType changeType(Entry entry) {
    try {
      return ConfChange.parseFrom(entry.getData()).getType();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "log entry " + entry.getIndex() + " is no configuration change", e);
    }
  }

  /** What a change of members is to a member that keeps them in its v2 store. */
  private static int writes(ConfChangeType type) {
    return type == ConfChangeType.ConfChangeRemoveNode ? 2 : 1; // it goes, and is noted as gone
  }

  /** A change of members was made. */
  public void membersChanged(ConfChangeType type) {
    store.skip(writes(type));
  }
}
