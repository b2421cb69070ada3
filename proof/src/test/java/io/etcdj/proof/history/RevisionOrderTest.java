package io.etcdj.proof.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RevisionOrderTest {
  private static Operation put(String key, int called, int returned, long revision) {
    return new Operation(
        called,
        key,
        new Call.Put("v" + called),
        called,
        returned,
        new Answer(revision, true, null));
  }

  private static Operation get(String key, int called, int returned, long mod, long revision) {
    Cell seen = mod == 0 ? Cell.ABSENT : new Cell("v", mod);
    return new Operation(
        called, key, new Call.Get(), called, returned, new Answer(revision, false, seen));
  }

  private static void assertFinding(String start, Operation... history) {
    assertThat(RevisionOrder.check(List.of(history)).findings())
        .singleElement()
        .asString()
        .startsWith(start);
  }

  @Test
  void overlappingCallsMayBeInAnyOrder() {
    assertThat(
            RevisionOrder.check(
                List.of(put("a", 0, 9, 3), put("b", 1, 5, 2), get("a", 6, 8, 0, 2))))
        .isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aReadAfterAWriteOfAnotherKeyIsNotOlder() {
    assertFinding("a read of the past", put("a", 0, 1, 3), get("b", 2, 3, 0, 2));
  }

  @Test
  void aReadIsNotOlderThanOneBefore() {
    assertFinding("a read of the past", get("a", 0, 1, 0, 3), get("b", 2, 3, 0, 2));
  }

  @Test
  void aWriteIsNewerThanAnythingBefore() {
    assertFinding("a write into the past", get("a", 0, 1, 0, 3), put("b", 2, 3, 3));
  }

  @Test
  void noTwoWritesShareARevision() {
    assertFinding("two writes at one revision", put("a", 0, 9, 3), put("b", 1, 8, 3));
  }

  @Test
  void nothingIsNewerThanTheHeader() {
    assertFinding("a read from the future", get("a", 0, 1, 4, 3));
  }
}
