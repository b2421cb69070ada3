package io.etcdj.proof.history;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One key of the store, one call after the other.
 *
 * <pre>
 *   nothing   put a      at 5 -&gt;  a@5
 *   a@5       swap(5, b) at 9 -&gt;  b@9
 *   b@9       get        sees b@9; cannot see a@5, nor have a header below 9
 *   b@9       delete, no answer -&gt;  nothing
 * </pre>
 */
final class KeyModel {
  /** The revision of a write that nobody has seen. */
  private static final long UNSEEN = -1;

  /**
   * @param value null if the key is not there
   * @param modRevision of the value, 0 without one, or {@link #UNSEEN}
   * @param floor the newest revision known to be of a write up to here: the next must be above
   */
  record State(@Nullable String value, long modRevision, long floor) {
    static final State EMPTY = new State(null, 0, 0);

    boolean is(@Nullable Cell seen) {
      return seen == null
          || (Objects.equals(value, seen.value()) && modRevision == seen.modRevision());
    }

    /** Whether a comparison with this mod_revision may hold. */
    boolean mayBe(long expected) {
      return modRevision == UNSEEN ? expected > floor : modRevision == expected;
    }

    /** Whether it may fail. */
    boolean mayDifferFrom(long expected) {
      return modRevision == UNSEEN || modRevision != expected;
    }

    @Override
    public String toString() {
      return new Cell(value, modRevision) + " (newest known write " + floor + ")";
    }
  }

  private final Map<String, Long> revisions;

  /**
   * @param revisions where each value was written, as far as anybody knows
   */
  KeyModel(Map<String, Long> revisions) {
    this.revisions = revisions;
  }

  /** The state after this call; null if it cannot have had its answer, or would do nothing. */
  @Nullable State after(State state, Operation operation) {
    Answer answer = operation.answer();
    return answer == null
        ? afterUnanswered(state, operation.call())
        : afterAnswered(state, operation.call(), answer);
  }

  private static @Nullable State afterAnswered(State state, Call call, Answer answer) {
    if (!state.is(answer.seen())) {
      return null;
    }
    if (answer.wrote() ? answer.revision() <= state.floor() : answer.revision() < state.floor()) {
      return null;
    }
    if (call instanceof Call.Delete) {
      if (answer.wrote() != (state.value() != null)) {
        return null;
      }
      return answer.wrote() ? new State(null, 0, answer.revision()) : state;
    }
    if (call instanceof Call.Swap swap
        && !(answer.wrote()
            ? state.mayBe(swap.expected())
            : state.mayDifferFrom(swap.expected()))) {
      return null;
    }
    return answer.wrote() ? new State(call.writes(), answer.revision(), answer.revision()) : state;
  }

  /** Only the case that it takes effect here: that it does not is the same as leaving it out. */
  private @Nullable State afterUnanswered(State state, Call call) {
    if (call instanceof Call.Get) {
      return null;
    }
    if (call instanceof Call.Delete) {
      return state.value() == null ? null : new State(null, 0, state.floor());
    }
    if (call instanceof Call.Swap swap && !state.mayBe(swap.expected())) {
      return null;
    }
    String value = call.writes();
    long revision = revisions.getOrDefault(value, UNSEEN);
    if (revision == UNSEEN) {
      return new State(value, UNSEEN, state.floor());
    }
    return revision <= state.floor() ? null : new State(value, revision, revision);
  }
}
