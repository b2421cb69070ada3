package io.etcdj.state.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcdj.api.etcdserverpb.ResponseHeader;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.state.apply.Headers;
import io.etcdj.state.mvcc.Change;
import io.etcdj.state.mvcc.Compaction;
import io.etcdj.state.mvcc.MvccStore;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.storage.backend.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final Headers HEADERS =
      revision -> ResponseHeader.newBuilder().setRevision(revision).build();

  private final MemoryBackend backend = new MemoryBackend();
  private final MvccStore store = new MvccStore(backend, (key, lease) -> {});
  private final Watchers live = new Watchers(0);
  private final History history = new History(store, HEADERS, 0);

  private static byte[] bytes(String text) {
    return ByteString.copyFromUtf8(text).toByteArray();
  }

  private static KeyRange range(String from, String end) {
    return KeyRange.of(bytes(from), bytes(end));
  }

  private List<Change> put(String... keys) {
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    for (String key : keys) {
      txn.put(ByteString.copyFromUtf8(key), ByteString.copyFromUtf8("v" + txn.revision()), 0);
    }
    List<Change> changes = txn.end();
    backend.end();
    store.publish();
    return changes;
  }

  private List<Change> delete(String from, String end) {
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    txn.delete(range(from, end));
    List<Change> changes = txn.end();
    backend.end();
    store.publish();
    return changes;
  }

  private static List<WatchResponse> decode(Watcher watcher, Events events) {
    List<WatchResponse> responses = new ArrayList<>();
    for (byte[] part : events.parts()) {
      try {
        responses.add(
            WatchResponse.newBuilder()
                .mergeFrom(part)
                .mergeFrom(Events.suffix(watcher.id()))
                .build());
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
    return responses;
  }

  private static Watcher watcher(long id, KeyRange range, long next) {
    return new Watcher(
        id, range, new Watcher.Options(false, false, false, false), new ArrayList<String>(), next);
  }

  private void dispatch(List<Change> changes, Watchers.Delivery delivery) {
    live.dispatch(changes, HEADERS.at(store.revision()), store::snapshot, delivery);
  }

  @Test
  void aWatcherIsGivenEventsOfItsKeysOnly() {
    live.add(watcher(7, range("b", "d"), 2));
    List<WatchResponse> seen = new ArrayList<>();
    dispatch(put("a", "b", "c", "d"), (w, events) -> seen.addAll(decode(w, events)));
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).getWatchId()).isEqualTo(7);
    assertThat(seen.get(0).getHeader().getRevision()).isEqualTo(2);
    assertThat(seen.get(0).getEventsList())
        .extracting(event -> event.getKv().getKey().toStringUtf8())
        .containsExactly("b", "c");
  }

  @Test
  void aDeleteHasOnlyKeyAndRevisionAndThePreviousValueWhereAsked() {
    put("a");
    Watcher watcher =
        new Watcher(0, range("a", ""), new Watcher.Options(true, false, false, false), this, 3);
    live.add(watcher);
    List<WatchResponse> seen = new ArrayList<>();
    dispatch(delete("a", ""), (w, events) -> seen.addAll(decode(w, events)));
    Event event = seen.get(0).getEvents(0);
    assertThat(event.getType()).isEqualTo(Event.EventType.DELETE);
    assertThat(event.getKv().getModRevision()).isEqualTo(3);
    assertThat(event.getKv().getCreateRevision()).isZero();
    assertThat(event.getPrevKv().getValue().toStringUtf8()).isEqualTo("v1");
  }

  @Test
  void aKeyThatIsCreatedHasNoPreviousValueEvenIfItsRevisionDeletedItFirst() {
    put("a");
    live.add(
        new Watcher(0, range("a", ""), new Watcher.Options(true, false, false, false), this, 3));
    List<WatchResponse> seen = new ArrayList<>();
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    txn.delete(range("a", ""));
    txn.put(ByteString.copyFromUtf8("a"), ByteString.copyFromUtf8("again"), 0);
    List<Change> changes = txn.end();
    backend.end();
    store.publish();
    dispatch(changes, (w, events) -> seen.addAll(decode(w, events)));
    assertThat(seen.get(0).getEventsList())
        .extracting(event -> event.getType() + ":" + event.getPrevKv().getValue().toStringUtf8())
        .containsExactly("DELETE:v1", "PUT:");
  }

  @Test
  void filteredKindsAreNotGiven() {
    live.add(
        new Watcher(0, range("a", ""), new Watcher.Options(false, true, false, false), this, 2));
    live.add(
        new Watcher(1, range("a", ""), new Watcher.Options(false, false, true, false), this, 2));
    List<String> seen = new ArrayList<>();
    Watchers.Delivery delivery =
        (w, events) -> seen.add(w.id() + ":" + decode(w, events).get(0).getEvents(0).getType());
    dispatch(put("a"), delivery);
    dispatch(delete("a", ""), delivery);
    assertThat(seen).containsExactly("1:PUT", "0:DELETE");
  }

  @Test
  void largeResponsesAreSplitForThoseWhoAskAndEachPartHasAnEvent() {
    Watchers small = new Watchers(20);
    small.add(
        new Watcher(0, range("a", "z"), new Watcher.Options(false, false, false, true), this, 2));
    small.add(watcher(1, range("a", "z"), 2));
    List<String> seen = new ArrayList<>();
    small.dispatch(
        put("a", "b", "c"),
        HEADERS.at(2),
        store::snapshot,
        (w, events) ->
            seen.addAll(
                decode(w, events).stream()
                    .map(r -> w.id() + ":" + r.getEventsCount() + ":" + r.getFragment())
                    .toList()));
    assertThat(seen).containsExactly("0:1:true", "0:1:true", "0:1:false", "1:3:false");
  }

  @Test
  void aWatcherThatDoesNotTakeItsEventsIsOfferedThemAgain() {
    put("a");
    put("a");
    Watcher taking = watcher(0, range("a", ""), 2);
    Watcher full = watcher(1, range("a", ""), 2);
    history.read(List.of(taking, full), (w, events) -> w == taking && receive(w, events));
    assertThat(taking.next()).isEqualTo(4);
    assertThat(full.next()).isEqualTo(2);
    history.read(List.of(full), WatchTest::receive);
    assertThat(received(full)).isEqualTo(received(taking)).containsExactly("2_a", "3_a");
  }

  @Test
  void aWatcherBelowTheCompactionIsReturnedUnserved() {
    put("a");
    put("a");
    put("a");
    backend.begin();
    store.compact(4);
    backend.end();
    store.publish();
    Watcher late = watcher(0, range("a", ""), 3);
    Watcher atCompaction = watcher(1, range("a", ""), 4);
    List<Long> given = new ArrayList<>();
    List<Watcher> compacted =
        history.read(List.of(late, atCompaction), (w, events) -> given.add(w.id()));
    assertThat(compacted).containsExactly(late);
    assertThat(given).containsExactly(1L);
    assertThat(atCompaction.next()).isEqualTo(5);
  }

  @Test
  void everyRangeThatHoldsAKeyIsFound() {
    Random random = new Random(3);
    RangeTree<KeyRange> tree = new RangeTree<>();
    List<KeyRange> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      String from = Integer.toString(random.nextInt(900));
      KeyRange range = range(from, random.nextInt(5) == 0 ? "\0" : from + random.nextInt(90));
      if (tree.get(range) == null) {
        tree.put(range, range);
        all.add(range);
      }
      if (random.nextInt(4) == 0) {
        KeyRange gone = all.remove(random.nextInt(all.size()));
        tree.remove(gone);
      }
      byte[] key = bytes(Integer.toString(random.nextInt(900)));
      List<KeyRange> found = new ArrayList<>();
      tree.forEachContaining(key, found::add);
      assertThat(found)
          .containsExactlyInAnyOrderElementsOf(all.stream().filter(r -> r.contains(key)).toList());
    }
  }

  /**
   * Watchers come from the past and from now, fall behind, catch up and join again, while the store
   * is written, dispatched late and compacted. Each must see every change of its keys once and in
   * order, or be told that it is below a compaction.
   */
  @Test
  void noEventIsMissedOrGivenTwiceHoweverAWatcherGetsIt() {
    long fixed = Long.getLong("seed", -1);
    for (long seed = fixed >= 0 ? fixed : 1; seed <= (fixed >= 0 ? fixed : 200); seed++) {
      try {
        new WatchTest().randomSchedule(new Random(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("replay with -Dseed=" + seed, e);
      }
    }
  }

  private void randomSchedule(Random random) {
    List<Change> everything = new ArrayList<>();
    List<List<Change>> undispatched = new ArrayList<>();
    List<Watcher> behind = new ArrayList<>();
    List<Watcher> all = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    long[] dispatched = {1};
    for (int step = 0; step < 400; step++) {
      int dice = random.nextInt(20);
      if (dice < 8) {
        List<Change> changes =
            random.nextInt(4) == 0
                ? delete("k" + random.nextInt(5), "k" + random.nextInt(9))
                : put("k" + random.nextInt(9), "x" + random.nextInt(9));
        if (!changes.isEmpty()) {
          everything.addAll(changes);
          undispatched.add(changes);
        }
      } else if (dice < 13 && !undispatched.isEmpty()) {
        List<Change> changes = undispatched.remove(0);
        dispatch(
            changes,
            (w, events) -> {
              if (random.nextInt(5) == 0) { // its client reads slowly: what it has not got is next
                live.remove(w);
                w.advanceTo(changes.get(0).main());
                behind.add(w);
                return false;
              }
              return receive(w, events);
            });
        dispatched[0] = changes.get(0).main();
      } else if (dice < 15) {
        long next =
            random.nextBoolean()
                ? store.revision() + 1
                : store.compactRevision()
                    + random.nextInt((int) (store.revision() - store.compactRevision()) + 2);
        next = Math.max(1, next);
        String from = "k" + random.nextInt(6);
        Watcher fresh = watcher(all.size(), range(from, random.nextBoolean() ? "" : "y"), next);
        all.add(fresh);
        starts.add(next);
        if (next > dispatched[0]) {
          live.add(fresh);
        } else {
          behind.add(fresh);
        }
      } else if (dice == 15 && store.revision() > store.compactRevision() + 5) {
        backend.begin();
        store.compact(store.compactRevision() + 1 + random.nextInt(4));
        backend.end();
        store.publish();
        Compaction compaction = store.compaction(store.compactRevision(), 3);
        while (compaction.step(Runnable::run)) {}
      } else if (!behind.isEmpty()) {
        List<Watcher> some = new ArrayList<>(behind.subList(0, 1 + random.nextInt(behind.size())));
        List<Watcher> compacted =
            history.read(some, (w, events) -> random.nextInt(5) != 0 && receive(w, events));
        for (Watcher watcher : compacted) {
          assertThat(watcher.next()).isLessThan(store.compactRevision());
          received(watcher).add("compacted");
        }
        behind.removeAll(some);
        some.removeAll(compacted);
        for (Watcher watcher : some) {
          if (watcher.next() > dispatched[0]) {
            live.add(watcher);
          } else {
            behind.add(watcher);
          }
        }
      }
    }
    while (!undispatched.isEmpty()) {
      dispatch(undispatched.remove(0), WatchTest::receive);
    }
    history.read(behind, WatchTest::receive).forEach(w -> received(w).add("compacted"));
    for (int i = 0; i < all.size(); i++) {
      Watcher watcher = all.get(i);
      long start = starts.get(i);
      List<String> expected =
          everything.stream()
              .filter(c -> c.main() >= start && watcher.range().contains(c.key()))
              .map(c -> c.main() + "_" + ByteString.copyFrom(c.key()).toStringUtf8())
              .toList();
      List<String> got = received(watcher);
      if (got.contains("compacted")) {
        got = got.subList(0, got.size() - 1);
        expected = expected.subList(0, got.size());
      }
      assertThat(got).isEqualTo(expected);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<String> received(Watcher watcher) {
    return (List<String>) watcher.owner();
  }

  private static boolean receive(Watcher watcher, Events events) {
    for (WatchResponse response : decode(watcher, events)) {
      for (Event event : response.getEventsList()) {
        long mod = event.getKv().getModRevision();
        received(watcher).add(mod + "_" + event.getKv().getKey().toStringUtf8());
      }
    }
    return true;
  }
}
