package io.etcdj.state.watch;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.Snapshot;
import io.etcdj.storage.backend.BackendCorruptException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Watchers, found by the keys that change.
 *
 * <p>Watchers of the same keys form a group. A batch of changes is sorted into the groups it
 * concerns; each group encodes its events once for every kind of {@link Watcher.Options} in it,
 * whatever the number of watchers. Confined to its caller.
 */
public final class Watchers {
  /** Gives events to watchers. */
  @FunctionalInterface
  public interface Delivery {
    /** Returns whether the watcher took them; if not, it is left where it was. */
    boolean deliver(Watcher watcher, Events events);

    /** Told that what a watcher is to get cannot be read. It may remove that watcher. */
    default void unreadable(Watcher watcher, BackendCorruptException damage) {
      throw damage;
    }
  }

  private final int fragmentBytes;
  private final Map<ByteString, Group> bySingleKey = new HashMap<>();
  private final RangeTree<Group> byRange = new RangeTree<>();
  private int size;

  private static final class Group {
    private final Set<Watcher> watchers = new LinkedHashSet<>();
    private final List<Change> pending = new ArrayList<>();
  }

  /**
   * @param fragmentBytes size beyond which responses are split for watchers that ask for it
   */
  public Watchers(int fragmentBytes) {
    this.fragmentBytes = fragmentBytes;
  }

  public int size() {
    return size;
  }

  public void add(Watcher watcher) {
    Group group = group(watcher);
    if (group == null) {
      group = new Group();
      if (watcher.range().single()) {
        bySingleKey.put(ByteString.copyFrom(watcher.range().from()), group);
      } else {
        byRange.put(watcher.range(), group);
      }
    }
    if (group.watchers.add(watcher)) {
      size++;
    }
  }

  public boolean contains(Watcher watcher) {
    Group group = group(watcher);
    return group != null && group.watchers.contains(watcher);
  }

  /** Removes a watcher; returns whether it was here. */
  public boolean remove(Watcher watcher) {
    Group group = group(watcher);
    if (group == null || !group.watchers.remove(watcher)) {
      return false;
    }
    size--;
    if (group.watchers.isEmpty()) {
      if (watcher.range().single()) {
        bySingleKey.remove(ByteString.copyFrom(watcher.range().from()));
      } else {
        byRange.remove(watcher.range());
      }
    }
    return true;
  }

  /** Removes all watchers and returns them. */
  public List<Watcher> removeAll() {
    List<Watcher> all = new ArrayList<>(size);
    bySingleKey.values().forEach(group -> all.addAll(group.watchers));
    byRange.forEach(group -> all.addAll(group.watchers));
    bySingleKey.clear();
    byRange.clear();
    size = 0;
    return all;
  }

  private @Nullable Group group(Watcher watcher) {
    return watcher.range().single()
        ? bySingleKey.get(ByteString.copyFrom(watcher.range().from()))
        : byRange.get(watcher.range());
  }

  /**
   * Gives changes, whole revisions in order, to those they concern.
   *
   * @param header of the responses; its revision is at or above all changes
   * @param previous makes a snapshot for values before the changes, asked for once at most
   * @param delivery called with each watcher and its events; it may remove that watcher
   */
  public void dispatch(
      List<Change> changes, ResponseHeader header, Supplier<Snapshot> previous, Delivery delivery) {
    Set<Group> touched = sort(changes);
    if (touched.isEmpty()) {
      return;
    }
    try (Encoder encoder = new Encoder(header, previous)) {
      for (Group group : touched) {
        encoder.startGroup();
        Collection<Watcher> watchers = List.copyOf(group.watchers);
        for (Watcher watcher : watchers) {
          try {
            Events events = encoder.eventsFor(watcher, group.pending);
            if (events != null) {
              delivery.deliver(watcher, events);
            }
          } catch (BackendCorruptException damage) {
            delivery.unreadable(watcher, damage);
          }
        }
        group.pending.clear();
      }
    }
  }

  private Set<Group> sort(List<Change> changes) {
    Set<Group> touched = new LinkedHashSet<>();
    for (Change change : changes) {
      if (!bySingleKey.isEmpty()) {
        Group single = bySingleKey.get(ByteString.copyFrom(change.key()));
        if (single != null) {
          single.pending.add(change);
          touched.add(single);
        }
      }
      byRange.forEachContaining(
          change.key(),
          group -> {
            group.pending.add(change);
            touched.add(group);
          });
    }
    return touched;
  }

  /** Encodes a group's changes, remembering what it encoded for the watchers that follow. */
  private final class Encoder implements AutoCloseable {
    private final ResponseHeader header;
    private final Supplier<Snapshot> previous;
    private @Nullable Snapshot opened;
    private final Map<Variant, @Nullable Events> encoded = new LinkedHashMap<>();

    /** Watchers with equal variants get equal events. */
    private record Variant(Watcher.Options options, long firstRevision) {}

    Encoder(ResponseHeader header, Supplier<Snapshot> previous) {
      this.header = header;
      this.previous = previous;
    }

    void startGroup() {
      encoded.clear();
    }

    @Nullable Events eventsFor(Watcher watcher, List<Change> changes) {
      // All but those that joined within this batch start at or below its first revision.
      long first = Math.max(watcher.next(), changes.get(0).main());
      Variant variant = new Variant(watcher.options(), first);
      if (encoded.containsKey(variant)) {
        return encoded.get(variant);
      }
      Events events = encode(watcher.options(), first, changes);
      encoded.put(variant, events);
      return events;
    }

    private @Nullable Events encode(Watcher.Options options, long first, List<Change> changes) {
      List<Change> wanted = new ArrayList<>(changes.size());
      for (Change change : changes) {
        boolean filtered = change.deleted() ? options.withoutDeletes() : options.withoutPuts();
        if (!filtered && change.main() >= first) {
          wanted.add(change);
        }
      }
      if (wanted.isEmpty()) {
        return null;
      }
      if (options.previousValues() && opened == null) {
        opened = previous.get();
      }
      return Events.encode(
          wanted,
          header,
          options.previousValues() ? opened : null,
          options.fragments() ? fragmentBytes : 0);
    }

    @Override
    public void close() {
      if (opened != null) {
        opened.close();
      }
    }
  }
}
