package io.etcdj.state.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.etcdj.storage.backend.Backend;
import io.etcdj.storage.backend.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class V2StoreTest {
  private static final long SECOND = 1_000_000_000;
  private static final long NOW = 1_700_000_000 * SECOND;

  private final Backend backend = new MemoryBackend();
  private final V2Store store = new V2Store(backend);
  private long entry;

  private Event apply(Supplier<Event> write) {
    backend.begin();
    try {
      return write.get();
    } finally {
      backend.end(++entry, 1);
    }
  }

  private Event set(String path, String value) {
    return apply(() -> store.set(path, false, value, Expiry.NEVER));
  }

  private Event setUntil(String path, String value, long expiryNanos) {
    return apply(() -> store.set(path, false, value, new Expiry(expiryNanos, false)));
  }

  private Event mkdir(String path) {
    return apply(() -> store.create(path, true, "", false, Expiry.NEVER));
  }

  private Event delete(String path, boolean dir, boolean recursive) {
    return apply(() -> store.delete(path, dir, recursive));
  }

  private void expire(long nowNanos) {
    backend.begin();
    store.expire(nowNanos);
    backend.end(++entry, 1);
  }

  private Event get(String path) {
    Outcome outcome = store.read(path, true);
    if (outcome.refusal() != null) {
      throw outcome.refusal();
    }
    return Objects.requireNonNull(outcome.event());
  }

  private static void refused(ThrowingCallable write, V2Error error, String reason) {
    assertThatThrownBy(write)
        .isInstanceOfSatisfying(
            V2Exception.class,
            refusal -> {
              assertThat(refusal.error()).isEqualTo(error);
              assertThat(refusal.reason()).isEqualTo(reason);
            });
  }

  @Test
  void aSetReplacesAFileAndMakesItsDirectories() {
    Event first = set("/1/a/b", "x");
    assertThat(first.isCreation()).isTrue();
    Event second = set("/1/a/b", "y");
    assertThat(second.isCreation()).isFalse();
    assertThat(second.node().createdIndex()).isEqualTo(2);
    assertThat(second.prevNode()).isEqualTo(first.node());
    assertThat(get("/1/a").node().createdIndex()).isEqualTo(1);
    refused(() -> set("/1/a", "z"), V2Error.NOT_FILE, "/1/a");
    refused(() -> set("/1/a/b/c", "z"), V2Error.NOT_DIRECTORY, "/1/a/b");
    refused(() -> set("/1", "z"), V2Error.ROOT_READ_ONLY, "/");
    assertThat(store.index()).isEqualTo(2);
  }

  @Test
  void whatIsMissingIsNamedByItsFirstMissingPart() {
    set("/1/a/b", "x");
    assertThat(store.read("/1/a/c/d", false).refusal())
        .isNotNull()
        .extracting(V2Exception::reason)
        .isEqualTo("/1/a/c");
  }

  @Test
  void updatesKeepTheCreatedIndexAndDirectoriesTheirModifiedOne() {
    set("/1/a", "x");
    Event update = apply(() -> store.update("/1/a", "y", Expiry.NEVER));
    assertThat(update.node().createdIndex()).isEqualTo(1);
    assertThat(update.node().modifiedIndex()).isEqualTo(2);
    mkdir("/1/d");
    Event renewed = apply(() -> store.update("/1/d", "", new Expiry(NOW, false)));
    assertThat(renewed.index()).isEqualTo(4);
    assertThat(get("/1/d").node().modifiedIndex()).isEqualTo(3);
    assertThat(get("/1/d").node().expiryNanos()).isEqualTo(NOW);
    refused(
        () -> apply(() -> store.update("/1/none", "y", Expiry.NEVER)),
        V2Error.KEY_NOT_FOUND,
        "/1/none");
  }

  @Test
  void aComparisonTellsWhatDiffers() {
    set("/1/a", "x");
    refused(() -> swap("/1/a", "y", 0), V2Error.TEST_FAILED, "[y != x]");
    refused(() -> swap("/1/a", "", 9), V2Error.TEST_FAILED, "[9 != 1]");
    refused(() -> swap("/1/a", "y", 9), V2Error.TEST_FAILED, "[y != x] [9 != 1]");
    assertThat(swap("/1/a", "x", 1).node().value()).isEqualTo("new");
    refused(
        () -> apply(() -> store.compareAndDelete("/1/a", "x", 0)),
        V2Error.TEST_FAILED,
        "[x != new]");
    apply(() -> store.compareAndDelete("/1/a", "new", 0));
    assertThat(store.read("/1/a", false).refusal()).isNotNull();
  }

  private Event swap(String path, String prevValue, long prevIndex) {
    return apply(() -> store.compareAndSwap(path, prevValue, prevIndex, "new", Expiry.NEVER));
  }

  @Test
  void namesInOrderComeFromTheIndex() {
    Event first = apply(() -> store.create("/1/q", false, "a", true, Expiry.NEVER));
    assertThat(first.node().key()).isEqualTo("/1/q/00000000000000000001");
    refused(() -> mkdir("/1/q"), V2Error.NODE_EXISTS, "/1/q");
  }

  @Test
  void directoriesAreOnlyRemovedWhenSaid() {
    set("/1/a/b", "x");
    refused(() -> delete("/1/a", false, false), V2Error.NOT_FILE, "/1/a");
    refused(() -> delete("/1/a", true, false), V2Error.DIRECTORY_NOT_EMPTY, "/1/a");
    delete("/1/a", false, true);
    assertThat(get("/1").node().nodes()).isEmpty();
  }

  @Test
  void whatIsDueGoesInOrderOfItsTime() {
    setUntil("/1/late", "x", NOW + 2 * SECOND);
    setUntil("/1/dir/soon", "x", NOW + SECOND);
    setUntil("/1/never", "x", 5); // a time before 2000 is none
    assertThat(store.nextExpiryNanos()).isEqualTo(NOW + SECOND);
    expire(NOW);
    assertThat(store.index()).isEqualTo(3);
    expire(NOW + 2 * SECOND);
    assertThat(store.index()).isEqualTo(5);
    assertThat(store.contents().history().subList(3, 5))
        .extracting(event -> event.action() + " " + event.node().key())
        .containsExactly("EXPIRE /1/dir/soon", "EXPIRE /1/late");
    assertThat(store.nextExpiryNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(get("/1/never").node().value()).isEqualTo("x");
  }

  @Test
  void hiddenNodesAreOnlyReadByName() {
    set("/1/_secret", "x");
    assertThat(get("/1").node().nodes()).isEmpty();
    assertThat(get("/1/_secret").node().value()).isEqualTo("x");
  }

  // ---- Watches

  private static final class Told implements V2Watch.Listener {
    final List<String> events = new ArrayList<>();
    boolean lost;

    @Override
    public void happened(Event event) {
      events.add(event.action().word() + " " + event.node().key() + " " + event.index());
    }

    @Override
    public void lost() {
      lost = true;
    }
  }

  private Told watch(String path, boolean recursive, boolean stream, long since) {
    Told told = new Told();
    store.watch(path, recursive, stream, since, told);
    return told;
  }

  @Test
  void aWatchIsToldOnceAndAStreamOfAll() {
    Told once = watch("/1/a", false, false, 0);
    Told all = watch("/1/a", false, true, 0);
    Told below = watch("/1", true, true, 0);
    set("/1/a", "x");
    set("/1/_h", "x");
    set("/1/b/c", "x");
    delete("/1/a", false, false);
    assertThat(once.events).containsExactly("set /1/a 1");
    assertThat(all.events).containsExactly("set /1/a 1", "delete /1/a 4");
    assertThat(below.events).containsExactly("set /1/a 1", "set /1/b/c 3", "delete /1/a 4");
    assertThat(store.statistics()).containsEntry("watchers", 2L);
  }

  @Test
  void whoWatchesBelowARemovedDirectoryIsTold() {
    set("/1/d/a", "x");
    Told told = watch("/1/d/a", false, false, 0);
    Told other = watch("/1/d2", false, false, 0);
    delete("/1/d", true, true);
    assertThat(told.events).containsExactly("delete /1/d 2");
    assertThat(other.events).isEmpty();
  }

  @Test
  void aRefreshIsNotTold() {
    setUntil("/1/a", "x", NOW);
    Told told = watch("/1/a", false, true, 0);
    Event refresh = apply(() -> store.update("/1/a", "", new Expiry(NOW + SECOND, true)));
    assertThat(refresh.node().value()).isEqualTo("x");
    assertThat(told.events).isEmpty();
    assertThat(watch("/1/a", false, false, 1).events).containsExactly("set /1/a 1");
    assertThat(watch("/1/a", false, false, 2).events).isEmpty();
  }

  @Test
  void theHistoryHoldsAThousandIndexes() {
    for (int i = 0; i < 1_100; i++) {
      set("/1/a", "x" + i);
    }
    assertThat(watch("/1/a", false, false, 101).events).containsExactly("set /1/a 101");
    refused(
        () -> watch("/1/a", false, false, 100),
        V2Error.EVENT_INDEX_CLEARED,
        "the requested history has been cleared [101/100]");
    V2Store reopened = new V2Store(backend);
    assertThat(reopened.contents()).isEqualTo(store.contents());
    assertThat(reopened.contents().history()).hasSize(1_000);
  }

  @Test
  void aWatchGoesOnOverAnInstalledStore() {
    set("/1/a", "x");
    Told told = watch("/1/a", false, true, 0);
    Backend elsewhere = new MemoryBackend();
    V2Store further = new V2Store(elsewhere);
    elsewhere.begin();
    further.fill(store.contents());
    further.set("/1/a", false, "y", Expiry.NEVER);
    elsewhere.end(9, 1);
    Contents contents = further.contents();
    backend.replaceAll((table, into) -> {});
    assertThat(V2Store.isIn(backend)).isFalse();
    backend.begin();
    store.fill(contents);
    backend.end(9, 1);
    store.reload();
    assertThat(told.events).containsExactly("set /1/a 2");
    assertThat(told.lost).isFalse();
  }

  @Test
  void anIndexFarBeyondIsWaitedFor() {
    Told told = new Told();
    store.watch("/1/a", false, false, -1, told); // the greatest there is
    set("/1/a", "x");
    assertThat(told.events).isEmpty();
  }

  @Test
  void largeEventsAreForgottenSooner() {
    String value = "v".repeat(1 << 20);
    for (int i = 0; i < 100; i++) {
      set("/1/a", value + i);
    }
    Contents contents = store.contents();
    long chars =
        contents.history().stream()
            .mapToLong(
                event ->
                    Objects.requireNonNull(event.node().value()).length()
                        + Objects.requireNonNull(Objects.requireNonNull(event.prevNode()).value())
                            .length())
            .sum();
    assertThat(chars).isBetween(History.MAX_CHARS - (4L << 20), History.MAX_CHARS);
    long first = contents.history().get(0).index();
    assertThat(contents.historyStart()).isEqualTo(first);
    refused(
        () -> store.watch("/1/a", false, false, first - 1, new Told()),
        V2Error.EVENT_INDEX_CLEARED,
        "the requested history has been cleared [" + first + "/" + (first - 1) + "]");
    assertThat(new V2Store(backend).contents()).isEqualTo(contents);
  }

  // ---- Files

  @Test
  void aSnapshotFileHoldsAllOfIt() {
    set("/1/a/b", "x<&\"ü");
    setUntil("/1/t", "y", NOW + 7);
    backend.begin();
    store.skip(2);
    backend.end(++entry, 1);
    set("/1/a/c", "");
    set("/2/users/root", "{}");
    delete("/1/a/b", false, false);
    ByteString json =
        StoreJson.write(store.contents(), StoreJson.directory("/0", new JsonObject()));
    assertThat(StoreJson.read(json)).isEqualTo(store.contents());
    assertThat(StoreJson.read(ByteString.EMPTY)).isEqualTo(Contents.EMPTY);
  }

  @Test
  void aDeepTreeAndOddNamesOutliveASnapshotFile() {
    set("/1" + "/d".repeat(5_000), "x"); // as a member of etcd 3.4 may propose it
    set("/1/a/c", "x");
    set("/1/a!b/c", "y"); // sorts before a slash
    set("/1/a.b", "z");
    set("/1!", "");
    ByteString json =
        StoreJson.write(store.contents(), StoreJson.directory("/0", new JsonObject()));
    assertThat(StoreJson.read(json)).isEqualTo(store.contents());
    assertThat(new V2Store(backend).contents()).isEqualTo(store.contents());
    NodeView inner = get("/1").node();
    int depth = 0;
    while (inner.dir()) {
      inner = inner.nodes().get(inner.nodes().size() - 1);
      depth++;
    }
    assertThat(depth).isEqualTo(5_000);
    delete("/1/d", true, true);
    assertThat(new V2Store(backend).contents()).isEqualTo(store.contents());
  }

  @Test
  void whatIsNoStoreIsRefused() {
    for (String text : List.of("[]", "{", "{\"Root\":1}", "{\"CurrentIndex\":\"x\"}")) {
      assertThatThrownBy(() -> StoreJson.read(ByteString.copyFromUtf8(text)))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void timesAreWrittenAsGoWritesThem() {
    assertThat(Rfc3339.write(NOW)).isEqualTo("2023-11-14T22:13:20Z");
    assertThat(Rfc3339.write(NOW + 120_000_000)).isEqualTo("2023-11-14T22:13:20.12Z");
    assertThat(Rfc3339.write(NOW - 20 * SECOND)).isEqualTo("2023-11-14T22:13:00Z");
  }

  // ---- A model

  /** Files by path; directories are what files are in, so it removes none that is empty. */
  @Test
  void randomWritesDoWhatAMapWouldAndOutliveAReload() {
    long seed = Long.getLong("seed", System.identityHashCode(this));
    Random random = new Random(seed);
    Map<String, String> model = new TreeMap<>();
    for (int i = 0; i < 3_000; i++) {
      String path = "/1/d" + random.nextInt(4) + "/f" + random.nextInt(8);
      String value = "v" + random.nextInt(3);
      String known = model.get(path);
      long before = store.index();
      int write = random.nextInt(6);
      boolean expected =
          switch (write) {
            case 0 -> true;
            case 1 -> known == null;
            case 3 -> "v1".equals(known);
            case 5 -> "v2".equals(known);
            default -> known != null;
          };
      boolean done = true;
      try {
        switch (write) {
          case 0 -> set(path, value);
          case 1 -> apply(() -> store.create(path, false, value, false, Expiry.NEVER));
          case 2 -> apply(() -> store.update(path, value, Expiry.NEVER));
          case 3 -> apply(() -> store.compareAndSwap(path, "v1", 0, value, Expiry.NEVER));
          case 4 -> delete(path, false, false);
          default -> apply(() -> store.compareAndDelete(path, "v2", 0));
        }
      } catch (V2Exception refusal) {
        done = false;
      }
      assertThat(done).as("write %s, replay with -Dseed=%s", i, seed).isEqualTo(expected);
      assertThat(store.index()).isEqualTo(done ? before + 1 : before);
      if (done && write < 4) {
        model.put(path, value);
      } else if (done) {
        model.remove(path);
      }
    }
    Map<String, String> files = new TreeMap<>();
    for (Contents.Entry node : store.contents().nodes()) {
      if (node.value() != null) {
        files.put(node.path(), node.value());
      }
    }
    assertThat(files).as("replay with -Dseed=%s", seed).isEqualTo(model);
    assertThat(new V2Store(backend).contents()).isEqualTo(store.contents());
  }
}
