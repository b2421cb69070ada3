package io.etcdj.proof.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcdj.proof.history.Verdict.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Histories that can have happened, and histories that cannot. */
final class LinearizabilityTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final List<Operation> history = new ArrayList<>();

  private void add(Call call, int called, int returned, @Nullable Answer answer) {
    history.add(new Operation(history.size(), "k", call, called, returned, answer));
  }

  private void put(String value, int called, int returned, long revision) {
    add(new Call.Put(value), called, returned, new Answer(revision, true, null));
  }

  private void putUnanswered(String value, int called) {
    add(new Call.Put(value), called, 0, null);
  }

  private void get(@Nullable String value, int called, int returned, long mod, long revision) {
    add(new Call.Get(), called, returned, new Answer(revision, false, new Cell(value, mod)));
  }

  private void delete(int called, int returned, long revision, boolean wasThere) {
    add(new Call.Delete(), called, returned, new Answer(revision, wasThere, null));
  }

  private void swapped(long expected, String value, int called, int returned, long revision) {
    add(new Call.Swap(expected, value), called, returned, new Answer(revision, true, null));
  }

  private void notSwapped(
      long expected, String value, int called, int returned, long revision, Cell seen) {
    add(new Call.Swap(expected, value), called, returned, new Answer(revision, false, seen));
  }

  private Verdict verdict() {
    return Linearizability.check(history, LIMIT);
  }

  private void assertLinearizable() {
    assertThat(verdict()).isEqualTo(Verdict.HOLDS);
  }

  private void assertViolated() {
    assertThat(verdict().outcome()).isEqualTo(Outcome.VIOLATED);
  }

  // ---- Histories that can have happened

  @Test
  void nothingHasHappened() {
    assertLinearizable();
  }

  @Test
  void oneAfterTheOther() {
    get(null, 0, 1, 0, 1);
    put("a", 2, 3, 2);
    get("a", 4, 5, 2, 2);
    swapped(2, "b", 6, 7, 3);
    notSwapped(2, "c", 8, 9, 3, new Cell("b", 3));
    delete(10, 11, 4, true);
    delete(12, 13, 4, false);
    get(null, 14, 15, 0, 4);
    swapped(0, "d", 16, 17, 5);
    assertLinearizable();
  }

  @Test
  void aReadBesideAWriteMaySeeEither() {
    put("a", 0, 1, 2);
    put("b", 2, 20, 3);
    get("b", 3, 4, 3, 3);
    get("b", 5, 6, 3, 3);
    get("a", 3, 6, 2, 2);
    assertLinearizable();
  }

  @Test
  void revisionsMayContradictTheOrderOfAnswersOfOverlappingWrites() {
    put("a", 0, 10, 3);
    put("b", 0, 5, 2);
    get("a", 11, 12, 3, 3);
    assertLinearizable();
  }

  @Test
  void anUnansweredWriteMayNeverHappen() {
    put("a", 0, 1, 2);
    putUnanswered("b", 2);
    get("a", 10, 11, 2, 2);
    assertLinearizable();
  }

  @Test
  void anUnansweredWriteMayHappenMuchLater() {
    put("a", 0, 1, 2);
    putUnanswered("b", 2);
    get("a", 10, 11, 2, 2);
    get("b", 20, 21, 3, 3);
    put("c", 22, 23, 4);
    assertLinearizable();
  }

  @Test
  void anUnansweredDeletionExplainsThatTheKeyIsGone() {
    put("a", 0, 1, 2);
    add(new Call.Delete(), 2, 0, null);
    get("a", 3, 4, 2, 2);
    get(null, 10, 11, 0, 3);
    assertLinearizable();
  }

  @Test
  void anUnseenUnansweredWriteExplainsADeletion() {
    putUnanswered("a", 0);
    delete(10, 11, 3, true);
    get(null, 12, 13, 0, 3);
    assertLinearizable();
  }

  @Test
  void anUnansweredSwapMayHaveHappened() {
    put("a", 0, 1, 2);
    add(new Call.Swap(2, "b"), 2, 0, null);
    get("b", 10, 11, 3, 3);
    assertLinearizable();
  }

  // ---- Histories that cannot have happened

  @Test
  void aStaleRead() {
    put("a", 0, 1, 2);
    put("b", 2, 3, 3);
    get("a", 4, 5, 2, 3);
    assertViolated();
  }

  @Test
  void aStaleReadWithAnOldHeader() {
    put("a", 0, 1, 2);
    put("b", 2, 3, 3);
    get("a", 4, 5, 2, 2);
    assertViolated();
  }

  @Test
  void readsThatGoBackAndForth() {
    put("a", 0, 1, 2);
    putUnanswered("b", 2);
    get("b", 3, 4, 3, 3);
    get("a", 5, 6, 2, 2);
    assertViolated();
  }

  @Test
  void aLostWrite() {
    put("a", 0, 1, 2);
    get(null, 2, 3, 0, 2);
    assertViolated();
  }

  @Test
  void aSwapThatSucceedsTwice() {
    put("a", 0, 1, 2);
    swapped(2, "b", 2, 10, 3);
    swapped(2, "c", 2, 10, 4);
    assertViolated();
  }

  @Test
  void aCreationThatSucceedsTwice() {
    swapped(0, "a", 0, 10, 2);
    swapped(0, "b", 0, 10, 3);
    assertViolated();
  }

  @Test
  void aSwapThatFailsWithoutReason() {
    put("a", 0, 1, 2);
    add(new Call.Swap(2, "b"), 2, 3, new Answer(2, false, null));
    assertViolated();
  }

  @Test
  void aValueThatComesBackAfterItsDeletion() {
    put("a", 0, 1, 2);
    delete(2, 3, 3, true);
    get("a", 4, 5, 2, 3);
    assertViolated();
  }

  @Test
  void aValueThatComesBackAfterItWasOverwritten() {
    putUnanswered("a", 0);
    get("a", 1, 2, 2, 2);
    put("b", 3, 4, 3);
    get("b", 5, 6, 3, 3);
    get("a", 7, 8, 2, 3);
    assertViolated();
  }

  @Test
  void aReadFromTheFuture() {
    get("a", 0, 1, 2, 2);
    put("a", 2, 3, 2);
    assertViolated();
  }

  @Test
  void aReadOfAnUnansweredWriteThatBeganLater() {
    get("a", 0, 1, 2, 2);
    putUnanswered("a", 2);
    assertViolated();
  }

  @Test
  void aValueThatNobodyWrote() {
    get("a", 0, 1, 2, 2);
    assertViolated();
  }

  @Test
  void theRightValueWithTheWrongRevision() {
    put("a", 0, 1, 2);
    get("a", 2, 3, 3, 3);
    assertViolated();
  }

  @Test
  void aDeletionThatSaysThatThereWasNothing() {
    put("a", 0, 1, 2);
    delete(2, 3, 2, false);
    assertViolated();
  }

  @Test
  void aDeletionOfNothing() {
    put("a", 0, 1, 2);
    delete(2, 3, 3, true);
    delete(4, 5, 4, true);
    assertViolated();
  }

  @Test
  void aWriteThatSawAnotherBeforeIt() {
    put("a", 0, 1, 2);
    put("b", 2, 3, 3);
    add(new Call.Put("c"), 4, 5, new Answer(4, true, new Cell("a", 2)));
    assertViolated();
  }

  @Test
  void aWriteBelowAnEarlierOne() {
    put("a", 0, 1, 5);
    put("b", 2, 3, 4);
    assertViolated();
  }

  @Test
  void aWriteThatHappensTwice() {
    putUnanswered("a", 0);
    get("a", 1, 2, 2, 2);
    put("b", 3, 4, 3);
    get("a", 5, 6, 4, 4);
    assertViolated();
  }

  @Test
  void theStoryNamesTheCallThatDoesNotFit() {
    put("a", 0, 1, 2);
    put("b", 2_000, 3_000, 3);
    get("a", 4_000, 5_000, 2, 3);
    assertThat(verdict().toString())
        .contains("k: after 2 calls it holds b@3")
        .contains("client 2, 4..5 us, k Get[]: read at revision 3 a@2");
  }

  // ---- Size

  /** A store in a few lines, and clients whose calls overlap. */
  private static List<Operation> simulate(int calls, int clients, Random random) {
    List<Operation> made = new ArrayList<>();
    long[] freeAt = new long[clients];
    Cell held = Cell.ABSENT;
    long revision = 1;
    long now = 0;
    for (int i = 0; i < calls; i++) {
      int client = i % clients;
      now += 1 + random.nextInt(3);
      long called = Math.min(now, freeAt[client] + random.nextInt(clients));
      called = Math.max(called, freeAt[client]);
      now = Math.max(now, called);
      long returned = now + random.nextInt(3 * clients);
      freeAt[client] = returned + 1;
      Cell before = held;
      int kind = random.nextInt(4);
      String value = "v" + i;
      Call call;
      boolean wrote;
      if (kind == 0) {
        call = new Call.Get();
        wrote = false;
      } else if (kind == 1) {
        call = new Call.Delete();
        wrote = before.value() != null;
      } else if (kind == 2) {
        long expected = random.nextBoolean() ? before.modRevision() : before.modRevision() + 1;
        call = new Call.Swap(expected, value);
        wrote = expected == before.modRevision();
      } else {
        call = new Call.Put(value);
        wrote = true;
      }
      if (wrote) {
        revision++;
        held = call.writes() == null ? Cell.ABSENT : new Cell(value, revision);
      }
      boolean answered = random.nextInt(50) > 0;
      Answer answer = new Answer(revision, wrote, random.nextBoolean() ? before : null);
      if (kind == 0 || (kind == 2 && !wrote)) {
        answer = new Answer(revision, wrote, before);
      }
      if (answered || kind != 0) {
        made.add(new Operation(client, "k", call, called, returned, answered ? answer : null));
      }
    }
    return made;
  }

  @Test
  void longHistoriesAreDecidedQuickly() {
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      List<Operation> made = simulate(2_000, 8, random);
      assertThat(Linearizability.check(made, LIMIT)).as("seed " + seed).isEqualTo(Verdict.HOLDS);
    }
  }

  /** Any read that is given the value of another moment must be noticed. */
  @Test
  void aSingleWrongReadInALongHistoryIsFound() {
    int tried = 0;
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      List<Operation> made = simulate(1_000, 6, random);
      int index = 300 + random.nextInt(500);
      while (!(made.get(index).call() instanceof Call.Get) || made.get(index).answer() == null) {
        index++;
      }
      Operation right = made.get(index);
      Operation much = made.get(index - 200);
      Answer answer = much.answer();
      if (answer == null || answer.seen() == null) {
        continue;
      }
      made.set(
          index,
          new Operation(
              right.client(),
              "k",
              right.call(),
              right.calledNanos(),
              right.returnedNanos(),
              new Answer(answer.revision(), false, answer.seen())));
      assertThat(Linearizability.check(made, LIMIT).outcome())
          .as("seed " + seed)
          .isEqualTo(Outcome.VIOLATED);
      tried++;
    }
    assertThat(tried).isGreaterThan(10);
  }

  @Test
  void withoutTimeTheAnswerIsUnknown() {
    List<Operation> made = simulate(3_000, 8, new Random(1));
    Verdict verdict = Linearizability.check(made, Duration.ZERO);
    assertThat(verdict.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(verdict.findings()).containsExactly("linearizability of k: out of time");
  }

  @Test
  void keysAreJudgedEachAlone() {
    put("a", 0, 1, 2);
    history.add(
        new Operation(
            9, "other", new Call.Get(), 2, 3, new Answer(2, false, new Cell("stale", 1))));
    Verdict verdict = verdict();
    assertThat(verdict.outcome()).isEqualTo(Outcome.VIOLATED);
    assertThat(verdict.findings()).hasSize(1);
    assertThat(verdict.findings().get(0)).contains("other");
  }
}
