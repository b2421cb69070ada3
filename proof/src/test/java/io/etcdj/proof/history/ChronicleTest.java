package io.etcdj.proof.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.history.WatchLog.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Streams of events that are complete, and streams that are not. */
final class ChronicleTest {
  private static final Event A2 = new Event("a", 2, "v2", 2, 1);
  private static final Event B3 = new Event("b", 3, "v3", 3, 1);
  private static final Event A4 = new Event("a", 4, "v4", 2, 2);
  private static final Event GONE5 = new Event("a", 5, null, 0, 0);
  private static final Event A6 = new Event("a", 6, "v6", 6, 1);
  private static final List<Event> ALL = List.of(A2, B3, A4, GONE5, A6);

  private static WatchLog log(String name, Item... items) {
    WatchLog log = new WatchLog(name, 1);
    List.of(items).forEach(log::add);
    return log;
  }

  private static Item asked(long from) {
    return new Item.Asked(from);
  }

  private static Item told(Event... events) {
    return new Item.Told(0, 99, List.of(events));
  }

  private static WatchLog right() {
    return log("right", asked(1), told(A2, B3, A4, GONE5, A6));
  }

  private static void assertFinding(String text, WatchLog... logs) {
    assertThat(Chronicle.of(List.of(logs), 6).verdict().findings())
        .anySatisfy(finding -> assertThat(finding).contains(text));
  }

  private static void assertFindingBesideARightOne(String text, WatchLog log) {
    assertFinding(text, right(), log);
  }

  // ---- Watchers

  @Test
  void everyEventOnceAndInOrder() {
    Chronicle chronicle =
        Chronicle.of(
            List.of(
                right(),
                log("again", asked(1), told(A2), asked(3), told(B3, A4), asked(5), told(GONE5, A6)),
                log("late", asked(4), told(A4), told(GONE5), told(A6)),
                log("progress", asked(1), told(A2, B3), new Item.Progress(3), told(A4, GONE5, A6)),
                log("compacted", asked(1), told(A2), new Item.Compacted(4), told(GONE5, A6))),
            6);
    assertThat(chronicle.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(chronicle.events().values().stream().flatMap(List::stream)).isEqualTo(ALL);
  }

  @Test
  void changesOfOneTransactionShareARevision() {
    Event second = new Event("b", 2, "w2", 2, 1);
    assertThat(Chronicle.of(List.of(log("one", asked(1), told(A2, second))), 2).verdict())
        .isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aSkippedRevision() {
    assertFindingBesideARightOne(
        "w skipped revision 3: [put b=v3@3", log("w", asked(1), told(A2), told(A4, GONE5, A6)));
  }

  @Test
  void aRevisionThatAllSkip() {
    assertFinding(
        "w skipped revision 3, of which nobody was told",
        log("w", asked(1), told(A2), told(A4, GONE5, A6)));
  }

  @Test
  void anEventSkippedWhenItConnectsAgain() {
    assertFindingBesideARightOne(
        "w went on at 4 instead of 3", log("w", asked(1), told(A2), asked(4), told(A4, GONE5, A6)));
  }

  @Test
  void anEventToldTwice() {
    assertFindingBesideARightOne(
        "w was told after 3 of put b=v3@3",
        log("w", asked(1), told(A2, B3), told(B3), told(A4, GONE5, A6)));
  }

  @Test
  void anEventToldTwiceInOneResponse() {
    assertFindingBesideARightOne(
        "w was told twice of put b=v3@3", log("w", asked(1), told(A2, B3, B3, A4, GONE5, A6)));
  }

  @Test
  void eventsOutOfOrder() {
    assertFindingBesideARightOne(
        "w was told after 3 of put a=v2@2", log("w", asked(1), told(B3, A2), told(A4, GONE5, A6)));
  }

  @Test
  void anEventFromBeforeTheStart() {
    assertFindingBesideARightOne(
        "w was told after 2 of put a=v2@2", log("w", asked(3), told(A2, B3, A4, GONE5, A6)));
  }

  @Test
  void anEventAfterProgressDeniedIt() {
    assertFindingBesideARightOne(
        "w was told after 3 of put b=v3@3",
        log("w", asked(1), told(A2), new Item.Progress(3), told(B3, A4, GONE5, A6)));
  }

  @Test
  void anEventBeyondTheHeader() {
    assertFindingBesideARightOne(
        "w was told at 3 of put a=v4@4",
        log("w", asked(1), new Item.Told(0, 3, List.of(A2, B3, A4)), told(GONE5, A6)));
  }

  @Test
  void anotherValue() {
    assertFindingBesideARightOne(
        "at revision 3 right was told",
        log("w", asked(1), told(A2, new Event("b", 3, "x", 3, 1), A4, GONE5, A6)));
  }

  @Test
  void halfOfATransaction() {
    Event second = new Event("c", 2, "w2", 2, 1);
    assertFinding(
        "at revision 2", log("whole", asked(1), told(A2, second)), log("half", asked(1), told(A2)));
  }

  @Test
  void anEndThatNeverCame() {
    assertFindingBesideARightOne(
        "w was told everything before 6 only, not 6", log("w", asked(1), told(A2, B3, A4, GONE5)));
  }

  @Test
  void anEventBeyondTheEnd() {
    assertFinding(
        "the store is at 6, but there was",
        log("w", asked(1), told(A2, B3, A4, GONE5, A6, new Event("z", 7, "v", 7, 1))));
  }

  @Test
  void aVersionThatDoesNotFit() {
    assertFinding(
        "after put a=v2@2 (created 2, version 1) came put a=v4@4 (created 2, version 3)",
        log("w", asked(1), told(A2, B3, new Event("a", 4, "v4", 2, 3), GONE5, A6)));
  }

  @Test
  void aDeletionOfNothing() {
    assertFinding(
        "it was not there: delete b@5",
        log("w", asked(1), told(A2, new Event("b", 5, null, 0, 0)), told(A6)),
        log("other", asked(1), told(A2, new Event("c", 3, "v", 3, 1), A4)));
  }

  // ---- Against what clients did

  private static Operation write(String key, Call call, long revision, @Nullable Cell seen) {
    return new Operation(0, key, call, 0, 1, new Answer(revision, true, seen));
  }

  private static Operation unanswered(String key, Call call) {
    return new Operation(0, key, call, 0, 1, null);
  }

  private static final List<Operation> DONE =
      List.of(
          write("a", new Call.Put("v2"), 2, Cell.ABSENT),
          unanswered("b", new Call.Put("v3")),
          write("a", new Call.Swap(2, "v4"), 4, null),
          unanswered("a", new Call.Delete()),
          write("a", new Call.Put("v6"), 6, Cell.ABSENT));

  private static Verdict compare(int index, Operation instead) {
    List<Operation> history = new ArrayList<>(DONE);
    history.set(index, instead);
    return Chronicle.of(List.of(right()), 6).compare(history, key -> false);
  }

  private static Verdict compareRead(Answer answer) {
    List<Operation> history = new ArrayList<>(DONE);
    history.add(new Operation(1, "a", new Call.Get(), 0, 1, answer));
    return Chronicle.of(List.of(right()), 6).compare(history, key -> false);
  }

  @Test
  void whatWasDoneIsWhatWatchersSaw() {
    assertThat(Chronicle.of(List.of(right()), 6).compare(DONE, key -> false))
        .isEqualTo(Verdict.HOLDS);
  }

  @Test
  void readsAreAsOfTheirHeaders() {
    assertThat(compareRead(new Answer(3, false, new Cell("v2", 2)))).isEqualTo(Verdict.HOLDS);
    assertThat(compareRead(new Answer(5, false, Cell.ABSENT))).isEqualTo(Verdict.HOLDS);
    assertThat(compareRead(new Answer(4, false, new Cell("v2", 2))).findings())
        .singleElement()
        .asString()
        .startsWith("the key held v4@4 then");
  }

  @Test
  void aWriteThatWatchersNeverSaw() {
    assertThat(compare(4, write("a", new Call.Put("v7"), 6, null)).findings())
        .anySatisfy(finding -> assertThat(finding).startsWith("lost: "))
        .anySatisfy(finding -> assertThat(finding).startsWith("nobody wrote it"));
  }

  @Test
  void aWriteThatWasRefusedButHappened() {
    assertThat(compare(1, unanswered("b", new Call.Put("other"))).findings())
        .containsExactly("nobody wrote it, or it was refused: " + B3);
  }

  @Test
  void aDeletionThatNobodyAskedFor() {
    assertThat(compare(3, unanswered("b", new Call.Delete())).findings())
        .containsExactly("nobody deleted it: " + GONE5);
  }

  @Test
  void aKeyOfALeaseMayVanish() {
    List<Operation> history = new ArrayList<>(DONE);
    history.remove(3);
    assertThat(Chronicle.of(List.of(right()), 6).compare(history, "a"::equals))
        .isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aWriteThatHappensTwice() {
    Event twice = new Event("c", 5, "v3", 5, 1);
    assertThat(
            Chronicle.of(List.of(log("w", asked(1), told(A2, B3, A4, twice))), 5)
                .compare(DONE.subList(0, 3), key -> false)
                .findings())
        .anySatisfy(finding -> assertThat(finding).startsWith("it took effect twice"));
  }

  @Test
  void whatAMemberHoldsAtTheEnd() {
    Chronicle chronicle = Chronicle.of(List.of(right()), 6);
    Cell a = new Cell("v6", 6);
    Cell b = new Cell("v3", 3);
    assertThat(chronicle.compareEnd("m1", Map.of("a", a, "b", b))).isEqualTo(Verdict.HOLDS);
    assertThat(chronicle.compareEnd("m1", Map.of("a", a)).findings())
        .containsExactly("m1 holds for b nothing, but watchers saw v3@3");
    assertThat(chronicle.compareEnd("m1", Map.of("a", a, "b", b, "c", a)).findings())
        .containsExactly("m1 holds for c v6@6, but watchers saw nothing");
  }
}
