package io.etcdj.state.watch;

import com.google.protobuf.CodedInputStream;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.Snapshot;
import io.etcdj.storage.backend.BackendCorruptException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Gives watchers that are behind what they missed, a bounded piece at a time.
 *
 * <p>One scan serves many watchers: it starts at the lowest {@code next} of all and each gets what
 * is at or above its own.
 */
public final class History {
  /** Changes read per piece. */
  private static final int MAX_CHANGES = 1_000;

  /** Bytes read per piece; at least one revision is always read. */
  private static final long MAX_BYTES = 2 << 20;

  private final MvccStore store;
  private final Headers headers;
  private final int fragmentBytes;

  public History(MvccStore store, Headers headers, int fragmentBytes) {
    this.store = store;
    this.headers = headers;
    this.fragmentBytes = fragmentBytes;
  }

  /**
   * Reads the next piece for these watchers and moves their {@code next} behind it, except for
   * those that did not take it. Those that ask for compacted revisions are left as they are and
   * returned.
   *
   * @return the watchers whose next revision is compacted
   * @throws BackendCorruptException when a row in the way is damaged; nothing was delivered then
   */
  public List<Watcher> read(List<Watcher> behind, Watchers.Delivery delivery) {
    List<Watcher> compacted = new ArrayList<>();
    try (Snapshot snapshot = store.snapshot()) {
      Watchers batch = new Watchers(fragmentBytes);
      List<Watcher> readable = new ArrayList<>(behind.size());
      long from = Long.MAX_VALUE;
      for (Watcher watcher : behind) {
        if (watcher.next() < snapshot.compactRevision()) {
          compacted.add(watcher);
        } else {
          batch.add(watcher);
          readable.add(watcher);
          from = Math.min(from, watcher.next());
        }
      }
      if (readable.isEmpty()) {
        return compacted;
      }
      Piece piece = new Piece();
      boolean all = snapshot.changes(from, piece::add);
      long readTo = all ? snapshot.revision() : piece.lastWhole();
      Set<Watcher> left = new HashSet<>();
      batch.dispatch(
          piece.changes,
          headers.at(snapshot.revision()),
          store::snapshot,
          new Watchers.Delivery() {
            @Override
            public boolean deliver(Watcher watcher, Events events) {
              boolean taken = delivery.deliver(watcher, events);
              if (!taken) {
                left.add(watcher);
              }
              return taken;
            }

            @Override
            public void unreadable(Watcher watcher, BackendCorruptException damage) {
              delivery.unreadable(watcher, damage);
            }
          });
      for (Watcher watcher : readable) {
        if (!left.contains(watcher)) {
          watcher.advanceTo(readTo + 1);
        }
      }
    }
    return compacted;
  }

  /** Changes that were read, whole revisions. */
  private static final class Piece {
    private final List<Change> changes = new ArrayList<>();
    private long bytes;
    private long main;

    boolean add(long changeMain, long sub, boolean deleted, byte[] value) {
      boolean full = changes.size() >= MAX_CHANGES || bytes >= MAX_BYTES;
      if (full && changeMain != main) {
        return false;
      }
      main = changeMain;
      bytes += value.length;
      changes.add(new Change(keyOf(value), changeMain, sub, deleted, value));
      return true;
    }

    /** The newest revision of which all changes were read; scans stop between revisions only. */
    long lastWhole() {
      return main;
    }

    private static byte[] keyOf(byte[] value) {
      try {
        CodedInputStream in = CodedInputStream.newInstance(value);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          if (tag >>> 3 == KeyValue.KEY_FIELD_NUMBER) {
            return in.readByteArray();
          }
          in.skipField(tag);
        }
        return new byte[0];
      } catch (IOException e) {
        throw new BackendCorruptException("stored value is no KeyValue: " + e.getMessage());
      }
    }
  }
}
