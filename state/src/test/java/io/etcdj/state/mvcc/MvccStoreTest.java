package io.etcdj.state.mvcc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcdj.api.EtcdError;
import io.etcdj.api.mvccpb.KeyValue;
import io.etcdj.state.mvcc.RangeQuery.KeyRange;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.LmdbBackend;
import io.etcdj.storage.backend.MemoryBackend;
import io.etcdj.storage.backend.RevisionKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MvccStoreTest {
  @TempDir Path directory;

  private static final MvccStore.LeaseListener NO_LEASES =
      (key, lease) -> {
        throw new AssertionError("unexpected lease " + lease);
      };

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static KeyRange range(String from, String end) {
    return KeyRange.of(bytes(from).toByteArray(), bytes(end).toByteArray());
  }

  private static List<String> show(Snapshot snapshot, String from, String end, long at) {
    return snapshot.range(RangeQuery.of(range(from, end), at)).kvs().stream()
        .map(kv -> kv.getKey().toStringUtf8() + "=" + kv.getValue().toStringUtf8())
        .toList();
  }

  private static void put(MvccStore store, Backend backend, String key, String value) {
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    txn.put(bytes(key), bytes(value), 0);
    txn.end();
    backend.end();
    store.publish();
  }

  private static void delete(MvccStore store, Backend backend, String from, String end) {
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    txn.delete(range(from, end));
    txn.end();
    backend.end();
    store.publish();
  }

  private static void compactWholly(MvccStore store, Backend backend, long at) {
    backend.begin();
    store.compact(at);
    backend.end();
    store.publish();
    Compaction compaction = store.compaction(at, 3);
    while (compaction.step(Runnable::run)) {}
  }

  @Test
  void whileAllRowsAreReplacedReadersSeeWhatWasPublishedBefore(@TempDir Path directory) {
    Backend newer = new MemoryBackend();
    MvccStore leader = new MvccStore(newer, NO_LEASES);
    Backend disk = new LmdbBackend(directory.resolve("db"), LmdbBackend.Options.defaults());
    for (Backend backend : List.of(disk, new MemoryBackend())) {
      MvccStore store = new MvccStore(backend, NO_LEASES);
      put(store, backend, "a", "1");
      put(store, backend, "a", "2");
      if (leader.revision() == 1) {
        put(leader, newer, "a", "1");
        put(leader, newer, "a", "2");
        put(leader, newer, "a", "3");
        compactWholly(leader, newer, 4);
      }
      store.hold();
      try (Backend.TableView all = newer.openTables()) {
        backend.replaceAll(all::scan);
      }
      try (Snapshot during = store.snapshot()) {
        assertThat(during.revision()).isEqualTo(3);
        assertThat(show(during, "a", "b", 2)).containsExactly("a=1");
        assertThat(show(during, "a", "b", 0)).containsExactly("a=2");
      }
      store.reload(NO_LEASES);
      try (Snapshot after = store.snapshot()) {
        assertThat(after.compactRevision()).isEqualTo(4);
        assertThat(show(after, "a", "b", 0)).containsExactly("a=3");
      }
      put(store, backend, "a", "4");
      try (Snapshot later = store.snapshot()) {
        assertThat(show(later, "a", "b", 0)).containsExactly("a=4");
      }
      assertThat(backend.openViews()).isZero();
      backend.close();
    }
  }

  @Test
  void anEmptyStoreIsAtRevisionOneAndTheFirstPutMakesTwo() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    assertThat(store.revision()).isEqualTo(1);
    put(store, backend, "a", "1");
    assertThat(store.revision()).isEqualTo(2);
  }

  @Test
  void aTransactionSharesOneRevisionAndReadsItsOwnWrites() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    assertThat(txn.revision()).isEqualTo(1);
    txn.put(bytes("a"), bytes("1"), 0);
    assertThat(txn.revision()).isEqualTo(2);
    assertThat(txn.range(RangeQuery.of(range("a", ""), 0)).kvs()).hasSize(1);
    txn.put(bytes("b"), bytes("2"), 0);
    assertThat(txn.delete(range("a", "z"))).containsExactly(bytes("a"), bytes("b"));
    List<Change> changes = txn.end();
    backend.end();
    assertThat(changes).hasSize(4).allMatch(change -> change.main() == 2);
    assertThat(changes.get(3).sub()).isEqualTo(3);
  }

  @Test
  void aDeleteOfNothingDoesNotRaiseTheRevision() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    delete(store, backend, "a", "");
    assertThat(store.revision()).isEqualTo(1);
  }

  @Test
  void aSnapshotKeepsItsStateWhileTheStoreMovesOnAndCompacts() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    put(store, backend, "a", "1");
    put(store, backend, "b", "2");
    try (Snapshot before = store.snapshot()) {
      put(store, backend, "a", "3");
      delete(store, backend, "b", "");
      compactWholly(store, backend, store.revision());
      assertThat(show(before, "a", "z", 0)).containsExactly("a=1", "b=2");
    }
    try (Snapshot after = store.snapshot()) {
      assertThat(show(after, "a", "z", 0)).containsExactly("a=3");
    }
  }

  @Test
  void readsBelowTheCompactionAndAboveNowAreRefused() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    put(store, backend, "a", "1");
    put(store, backend, "a", "2");
    put(store, backend, "a", "3");
    compactWholly(store, backend, 3);
    try (Snapshot snapshot = store.snapshot()) {
      assertThat(show(snapshot, "a", "", 3)).containsExactly("a=2");
      assertThatThrownBy(() -> show(snapshot, "a", "", 2))
          .hasMessage(EtcdError.COMPACTED.message());
      assertThatThrownBy(() -> show(snapshot, "a", "", 5))
          .hasMessage(EtcdError.FUTURE_REV.message());
    }
    backend.begin();
    assertThatThrownBy(() -> store.compact(3)).hasMessage(EtcdError.COMPACTED.message());
    assertThatThrownBy(() -> store.compact(9)).hasMessage(EtcdError.FUTURE_REV.message());
  }

  @Test
  void withoutAnOrderTheLimitLeavesTheFirstKeysAndOnlyTheseAreSorted() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    for (String key : List.of("d", "b", "c", "a")) {
      put(store, backend, key, "v");
    }
    try (Snapshot snapshot = store.snapshot()) {
      // Of the limit and one more in key order, "a b c", the oldest are "b c".
      RangeResult unordered = snapshot.range(byMod(RangeQuery.Order.NONE));
      assertThat(unordered.kvs())
          .extracting(KeyValue::getKey)
          .containsExactly(bytes("b"), bytes("c"));
      assertThat(unordered.more()).isTrue();
      assertThat(unordered.count()).isEqualTo(4);
      assertThat(snapshot.range(byMod(RangeQuery.Order.ASCEND)).kvs())
          .extracting(KeyValue::getKey)
          .containsExactly(bytes("d"), bytes("b"));
    }
  }

  private static RangeQuery byMod(RangeQuery.Order order) {
    return new RangeQuery(
        range("a", "z"), 0, 2, order, RangeQuery.Target.MOD, false, false, 0, 0, 0, 0);
  }

  @Test
  void aNegativeRevisionIsNowForARangeAloneAndGoneWithinATransaction() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    put(store, backend, "a", "1");
    assertThat(store.snapshot().resolve(-2)).isEqualTo(2);
    assertThatThrownBy(() -> store.snapshot().checkInTxn(-2))
        .hasMessage(EtcdError.COMPACTED.message());
    assertThatThrownBy(() -> store.write().checkRevision(-2))
        .hasMessage(EtcdError.COMPACTED.message());
    store.write().checkRevision(0);
  }

  @Test
  void revisionZeroCanBeCompactedOnceAndTheHashTellsThatNothingWas() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    try (Snapshot snapshot = store.snapshot()) {
      assertThat(snapshot.hash(0).compactRevision()).isEqualTo(-1);
    }
    compactWholly(store, backend, 0);
    assertThatThrownBy(() -> store.compact(0)).hasMessage(EtcdError.COMPACTED.message());
    assertThat(new MvccStore(backend, NO_LEASES).compactRevision()).isZero();
  }

  @Test
  void aTombstoneAtTheCompactionStaysUntilTheNextOne() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    put(store, backend, "a", "1");
    delete(store, backend, "a", "");
    compactWholly(store, backend, 3);
    assertThat(rows(backend)).containsExactly("3_0t");
    put(store, backend, "b", "1");
    compactWholly(store, backend, 4);
    assertThat(rows(backend)).containsExactly("4_0");
  }

  private static List<String> rows(Backend backend) {
    List<String> rows = new ArrayList<>();
    try (Backend.KeyView view = backend.openKeys()) {
      view.scan(
          0,
          (main, sub, tombstone, value) -> {
            rows.add(main + "_" + sub + (tombstone ? "t" : ""));
            return true;
          });
    }
    return rows;
  }

  @Test
  void leasesOfLiveKeysAreToldAtStart() {
    MemoryBackend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    txn.put(bytes("with"), bytes("1"), 7);
    txn.put(bytes("detached"), bytes("1"), 7);
    txn.end();
    txn = store.write();
    txn.put(bytes("detached"), bytes("2"), 0);
    txn.end();
    backend.end();
    backend.flush();
    Map<String, Long> leased = new HashMap<>();
    MvccStore reopened =
        new MvccStore(backend.crash(), (key, lease) -> leased.put(key.toStringUtf8(), lease));
    assertThat(leased).containsExactly(Map.entry("with", 7L));
    assertThat(reopened.revision()).isEqualTo(3);
  }

  @Test
  void theHashIsEtcds() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    put(store, backend, "a", "1");
    put(store, backend, "a", "2");
    CRC32C expected = new CRC32C();
    expected.update("key".getBytes(UTF_8));
    for (long main = 2; main <= 3; main++) {
      expected.update(RevisionKeys.encode(main, 0, false));
      expected.update(
          KeyValue.newBuilder()
              .setKey(bytes("a"))
              .setCreateRevision(2)
              .setModRevision(main)
              .setVersion(main - 1)
              .setValue(bytes(Long.toString(main - 1)))
              .build()
              .toByteArray());
    }
    try (Snapshot snapshot = store.snapshot()) {
      assertThat(snapshot.hash(0).hash()).isEqualTo((int) expected.getValue());
    }
  }

  @Test
  void theHashDoesNotDependOnHowFarACompactionHasCome() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    for (int i = 0; i < 40; i++) {
      put(store, backend, "k" + i % 7, "v" + i);
    }
    delete(store, backend, "k3", "");
    expectOneHashWhileCompacting(store, backend, 30);
  }

  @Test
  void norDoesItWhenNoKeyIsLeft() {
    Backend backend = new MemoryBackend();
    MvccStore store = new MvccStore(backend, NO_LEASES);
    for (int i = 0; i < 40; i++) {
      put(store, backend, "k" + i % 7, "v" + i);
    }
    for (int i = 0; i < 7; i++) {
      delete(store, backend, "k" + i, "");
    }
    expectOneHashWhileCompacting(store, backend, 43); // the first two are deleted by then
  }

  private static void expectOneHashWhileCompacting(MvccStore store, Backend backend, long at) {
    backend.begin();
    store.compact(at);
    backend.end();
    store.publish();
    Compaction compaction = store.compaction(at, 2);
    List<Integer> hashes = new ArrayList<>();
    boolean more = true;
    while (more) {
      try (Snapshot snapshot = store.snapshot()) {
        hashes.add(snapshot.hash(0).hash());
      }
      more = compaction.step(Runnable::run);
    }
    assertThat(hashes).hasSizeGreaterThan(5);
    assertThat(hashes).containsOnly(hashes.get(0));
  }

  /** Random operations against the model; a failure prints its seed. */
  @Test
  void itBehavesAsTheModel() {
    long fixed = Long.getLong("seed", -1);
    long first = fixed >= 0 ? fixed : 1;
    long last = fixed >= 0 ? fixed : 60;
    for (long seed = first; seed <= last; seed++) {
      try {
        compareWithModel(seed, new MemoryBackend(), 300);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("replay with -Dseed=" + seed, e);
      }
    }
  }

  @Test
  void itBehavesAsTheModelOnDisk() {
    try (Backend backend =
        new LmdbBackend(directory.resolve("db"), LmdbBackend.Options.defaults())) {
      compareWithModel(Long.getLong("seed", 4711), backend, 3_000);
    }
  }

  private static void compareWithModel(long seed, Backend backend, int steps) {
    Random random = new Random(seed);
    ModelStore model = new ModelStore();
    MvccStore store = new MvccStore(backend, (key, lease) -> {});
    int keys = 1 + random.nextInt(200);
    List<Compaction> compactions = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      int dice = random.nextInt(100);
      if (dice < 70) {
        change(random, model, store, backend, keys);
      } else if (dice < 73 && model.revision() > model.compacted) {
        long at = model.compacted + 1 + random.nextLong(model.revision() - model.compacted);
        backend.begin();
        store.compact(at);
        backend.end();
        store.publish();
        model.compacted = at;
        compactions.add(store.compaction(at, 1 + random.nextInt(20)));
      } else if (dice < 75) {
        store.reload((key, lease) -> {});
        compactions.clear();
        if (store.hasUnfinishedCompaction()) {
          compactions.add(store.compaction(store.compactRevision(), 5));
        }
      } else if (!compactions.isEmpty() && !compactions.get(0).step(Runnable::run)) {
        compactions.remove(0);
      }
      check(random, model, store, keys);
    }
  }

  private static void change(
      Random random, ModelStore model, MvccStore store, Backend backend, int keys) {
    TreeMap<String, ModelStore.Value> state = model.next();
    backend.begin();
    MvccStore.WriteTxn txn = store.write();
    boolean changed = false;
    Set<String> touched = new HashSet<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      String key = String.format("k%03d", random.nextInt(keys));
      if (random.nextInt(4) > 0) {
        if (touched.add(key)) {
          String value = "v" + random.nextInt(1000);
          long lease = random.nextInt(3);
          model.put(state, key, value, lease);
          txn.put(bytes(key), bytes(value), lease);
          changed = true;
        }
      } else {
        String end = String.format("k%03d", random.nextInt(keys));
        var doomed =
            end.compareTo(key) > 0
                ? new ArrayList<>(state.subMap(key, end).keySet())
                : new ArrayList<String>();
        if (doomed.stream().noneMatch(touched::contains)) {
          touched.addAll(doomed);
          doomed.forEach(state::remove);
          List<ByteString> deleted = txn.delete(range(key, end));
          assertThat(deleted.stream().map(ByteString::toStringUtf8)).isEqualTo(doomed);
          changed |= !doomed.isEmpty();
        }
      }
    }
    txn.end();
    backend.end();
    store.publish();
    if (changed) {
      model.append(state);
    }
    assertThat(store.revision()).isEqualTo(model.revision());
  }

  private static void check(Random random, ModelStore model, MvccStore store, int keys) {
    long low = Math.max(1, model.compacted);
    long at = random.nextBoolean() ? 0 : low + random.nextLong(model.revision() - low + 1);
    String from = String.format("k%03d", random.nextInt(keys));
    String end = String.format("k%03d", random.nextInt(keys + 1));
    try (Snapshot snapshot = store.snapshot()) {
      TreeMap<String, ModelStore.Value> state = model.at(at == 0 ? model.revision() : at);
      Map<String, ModelStore.Value> expected =
          from.compareTo(end) < 0 ? state.subMap(from, end) : Map.of();
      RangeResult result = snapshot.range(RangeQuery.of(range(from, end), at));
      Map<String, ModelStore.Value> seen = new TreeMap<>();
      for (KeyValue kv : result.kvs()) {
        seen.put(
            kv.getKey().toStringUtf8(),
            new ModelStore.Value(
                kv.getValue().toStringUtf8(),
                kv.getCreateRevision(),
                kv.getModRevision(),
                kv.getVersion(),
                kv.getLease()));
      }
      assertThat(seen).isEqualTo(expected);
      assertThat(result.count()).isEqualTo(expected.size());
      assertThat(snapshot.count(range(from, end), at == 0 ? snapshot.revision() : at))
          .isEqualTo(expected.size());
    }
  }
}
