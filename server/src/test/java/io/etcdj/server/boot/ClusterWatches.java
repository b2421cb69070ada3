package io.etcdj.server.boot;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.state.watch.Events;
import io.etcdj.state.watch.History;
import io.etcdj.state.watch.Watcher;
import io.etcdj.state.watch.Watchers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The watchers of one life of a simulated member: what {@code WatchHub} does with two threads and
 * streams of clients, in place.
 */
final class ClusterWatches implements Watchers.Delivery {
  private static final int FRAGMENT_BYTES = 1 << 20;
  private static final byte[] ALL = {0};

  /** A client that watches all keys, at one member or another. */
  static final class Client {
    private final String name;
    private final ClusterHistory history;
    private long next = 2;
    private long seen;

    Client(String name, ClusterHistory history) {
      this.name = name;
      this.history = history;
    }

    /** The first revision that it has not seen. */
    long next() {
      return next;
    }

    /** Events that it was given. */
    long seen() {
      return seen;
    }

    @Override
    public String toString() {
      return name;
    }

    private void take(Events events) {
      seen += events.count();
      for (byte[] part : events.parts()) {
        try {
          next = history.watched(name, next, WatchResponse.parseFrom(part).getEventsList());
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError("events that do not parse", e);
        }
      }
    }
  }

  private final MvccStore store;
  private final Headers headers;
  private final History history;
  private final Watchers live = new Watchers(FRAGMENT_BYTES);
  private final List<Watcher> behind = new ArrayList<>();
  private final Map<Client, Watcher> watchers = new HashMap<>();
  private long dispatched;

  ClusterWatches(MvccStore store, Headers headers) {
    this.store = store;
    this.headers = headers;
    this.history = new History(store, headers, FRAGMENT_BYTES);
    this.dispatched = store.revision();
  }

  void add(Client client) {
    Watcher watcher =
        new Watcher(
            0,
            KeyRange.of(ALL, ALL),
            new Watcher.Options(false, false, false, false),
            client,
            client.next);
    watchers.put(client, watcher);
    admit(watcher);
  }

  void remove(Client client) {
    Watcher watcher = watchers.remove(client);
    if (watcher != null && !live.remove(watcher)) {
      behind.remove(watcher);
    }
  }

  private void admit(Watcher watcher) {
    if (watcher.next() > dispatched) {
      live.add(watcher);
    } else {
      behind.add(watcher);
    }
  }

  void changed(List<Change> changes, long revision) {
    live.dispatch(changes, headers.at(revision), store::snapshot, this);
    dispatched = revision;
  }

  /** The store was replaced: all read from history what happened meanwhile. */
  void replaced(long revision) {
    for (Watcher watcher : live.removeAll()) {
      watcher.advanceTo(dispatched + 1);
      behind.add(watcher);
    }
    dispatched = revision;
  }

  /** Gives those that are behind a piece of history. */
  void catchUp() {
    if (behind.isEmpty()) {
      return;
    }
    List<Watcher> reading = new ArrayList<>(behind);
    behind.clear();
    List<Watcher> compacted = history.read(reading, this);
    reading.removeAll(compacted);
    reading.forEach(this::admit);
    for (Watcher watcher : compacted) {
      // What is gone cannot be seen; the client goes on behind it, as it is told to.
      Client client = (Client) watcher.owner();
      client.next = Math.max(client.next, store.compactRevision() + 1);
      add(client);
    }
  }

  @Override
  public boolean deliver(Watcher watcher, Events events) {
    ((Client) watcher.owner()).take(events);
    return true;
  }
}
