package io.etcdj.proof.history;

import io.etcdj.proof.history.KeyModel.State;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of all calls that agrees with time and with every answer.
 *
 * <p>Wing and Gong's search ("Testing and verifying concurrent objects", 1993) with Lowe's memory
 * of configurations ("Testing for linearizability", 2017): walk along calls and returns in time;
 * take a call if the model allows it, and start again from the front without it; at the return of a
 * call that was not taken, undo the last one taken. A configuration (which calls are taken, what
 * the key holds) that was reached before is not entered again.
 *
 * <p>Keys are independent of each other (linearizability is local), so each is searched alone.
 * Calls without an answer have no return: nothing forces them to be taken, ever. As they are seldom
 * needed but make the search wide, it is first tried without those whose value nobody has seen.
 */
public final class Linearizability {
  /** Bounds memory: a configuration is some hundred bytes. */
  private static final int MOST_CONFIGURATIONS = 2_000_000;

  private static final int STORY_LENGTH = 8;

  private Linearizability() {}

  /** Checks a history of any number of keys; "unknown" if that takes longer than the limit. */
  public static Verdict check(List<Operation> history, Duration limit) {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    Map<String, Long> revisions = new HashMap<>();
    Verdict verdict = Verdict.of(collectRevisions(history, revisions));
    KeyModel model = new KeyModel(revisions);
    Map<String, List<Operation>> byKey = new TreeMap<>();
    history.forEach(
        operation ->
            byKey.computeIfAbsent(operation.key(), unused -> new ArrayList<>()).add(operation));
    for (List<Operation> ofKey : byKey.values()) {
      verdict = verdict.and(checkKey(ofKey, model, revisions.keySet(), deadlineNanos));
    }
    return verdict;
  }

  /** Where each value was written, by all answers; two places for one value are a finding. */
  private static List<String> collectRevisions(
      List<Operation> history, Map<String, Long> revisions) {
    List<String> findings = new ArrayList<>();
    for (Operation operation : history) {
      Answer answer = operation.answer();
      if (answer == null) {
        continue;
      }
      Cell seen = answer.seen();
      String value = operation.call().writes();
      Stream.of(
              value != null && answer.wrote() ? new Cell(value, answer.revision()) : Cell.ABSENT,
              seen == null ? Cell.ABSENT : seen)
          .forEach(
              cell -> {
                if (cell.value() == null) {
                  return;
                }
                Long other = revisions.putIfAbsent(cell.value(), cell.modRevision());
                if (other != null && other != cell.modRevision()) {
                  findings.add(
                      "one write at two revisions, " + other + " and " + cell + ": " + operation);
                }
              });
    }
    return findings;
  }

  private static Verdict checkKey(
      List<Operation> operations, KeyModel model, Set<String> seenValues, long deadlineNanos) {
    List<Operation> needed =
        operations.stream()
            .filter(
                operation -> operation.answer() != null || seenValues.contains(valueOf(operation)))
            .toList();
    Search narrow = new Search(needed, model, deadlineNanos);
    Verdict verdict = narrow.run();
    return verdict.holds() || needed.size() == operations.size()
        ? verdict
        : new Search(operations, model, deadlineNanos).run();
  }

  private static String valueOf(Operation operation) {
    String value = operation.call().writes();
    return value == null ? "" : value;
  }

  /** A call or a return on the line of time. */
  private static final class Node {
    final int operation;
    final @Nullable Node call; // of a return
    @Nullable Node itsReturn; // of a call with an answer
    @Nullable Node previous;
    @Nullable Node next;

    Node(int operation, @Nullable Node call) {
      this.operation = operation;
      this.call = call;
    }

    void unlink() {
      if (previous != null) {
        previous.next = next;
      }
      if (next != null) {
        next.previous = previous;
      }
    }

    /** Undoes {@link #unlink}; in the opposite order of unlinking only. */
    void relink() {
      if (previous != null) {
        previous.next = this;
      }
      if (next != null) {
        next.previous = this;
      }
    }
  }

  /**
   * @param below all answered calls before this one are taken
   * @param beyond which of the answered calls from there on are taken
   * @param unanswered which of the others are taken
   */
  private record Configuration(int below, BitSet beyond, BitSet unanswered, State state) {}

  private record Taken(Node node, State before) {}

  private static final class Search {
    private final KeyModel model;
    private final long deadlineNanos;

    /** Answered calls in the order of time, then the others. */
    private final List<Operation> operations;

    private final int answered;
    private final Node head = new Node(-1, null);
    private final BitSet answeredTaken = new BitSet();
    private final BitSet unansweredTaken = new BitSet();
    private final Set<Configuration> reached = new HashSet<>();
    private final Deque<Taken> taken = new ArrayDeque<>();
    private State state = State.EMPTY;

    private int deepest = -1;
    private String story = "";

    Search(List<Operation> unordered, KeyModel model, long deadlineNanos) {
      this.model = model;
      this.deadlineNanos = deadlineNanos;
      this.operations =
          unordered.stream()
              .sorted(
                  Comparator.comparing((Operation o) -> o.answer() == null)
                      .thenComparing(Operation::calledNanos))
              .toList();
      this.answered = (int) operations.stream().filter(o -> o.answer() != null).count();
      lineUp();
    }

    private void lineUp() {
      List<Node> nodes = new ArrayList<>();
      for (int i = 0; i < operations.size(); i++) {
        Node call = new Node(i, null);
        nodes.add(call);
        if (i < answered) {
          Node itsReturn = new Node(i, call);
          call.itsReturn = itsReturn;
          nodes.add(itsReturn);
        }
      }
      // At the same instant calls come first: then the two overlap, which forbids less.
      nodes.sort(
          Comparator.comparingLong(
                  (Node node) ->
                      node.call == null
                          ? operations.get(node.operation).calledNanos()
                          : operations.get(node.operation).returnedNanos())
              .thenComparing(node -> node.call != null));
      Node last = head;
      for (Node node : nodes) {
        last.next = node;
        node.previous = last;
        last = node;
      }
    }

    Verdict run() {
      int left = answered;
      int steps = 0;
      Node node = head.next;
      while (left > 0) {
        if (++steps % 1_024 == 0 && System.nanoTime() - deadlineNanos > 0) {
          return Verdict.unknown("linearizability of " + key() + ": out of time");
        }
        if (reached.size() > MOST_CONFIGURATIONS) {
          return Verdict.unknown("linearizability of " + key() + ": too many orders are possible");
        }
        if (node != null && node.call == null) {
          State after = model.after(state, operations.get(node.operation));
          if (after != null && take(node, after)) {
            left -= node.operation < answered ? 1 : 0;
            node = head.next;
          } else {
            node = node.next;
          }
        } else {
          remember(node);
          Taken last = taken.pollLast();
          if (last == null) {
            return Verdict.violated("not linearizable: " + story);
          }
          undo(last);
          left += last.node().operation < answered ? 1 : 0;
          node = last.node().next;
        }
      }
      return Verdict.HOLDS;
    }

    private String key() {
      return operations.get(0).key();
    }

    /** Takes a call, unless this leads to where we were before. */
    private boolean take(Node node, State after) {
      mark(node, true);
      int below = answeredTaken.nextClearBit(0);
      Configuration configuration =
          new Configuration(
              below,
              answeredTaken.get(below, Math.max(below, answeredTaken.length())),
              (BitSet) unansweredTaken.clone(),
              after);
      if (!reached.add(configuration)) {
        mark(node, false);
        return false;
      }
      taken.addLast(new Taken(node, state));
      state = after;
      node.unlink();
      if (node.itsReturn != null) {
        node.itsReturn.unlink();
      }
      return true;
    }

    private void undo(Taken last) {
      Node node = last.node();
      if (node.itsReturn != null) {
        node.itsReturn.relink();
      }
      node.relink();
      mark(node, false);
      state = last.before();
    }

    private void mark(Node node, boolean isTaken) {
      if (node.operation < answered) {
        answeredTaken.set(node.operation, isTaken);
      } else {
        unansweredTaken.set(node.operation - answered, isTaken);
      }
    }

    /** Keeps how far it came at best: what a reader of the failure wants to see. */
    private void remember(@Nullable Node stuck) {
      if (taken.size() <= deepest) {
        return;
      }
      deepest = taken.size();
      StringBuilder text = new StringBuilder(key());
      text.append(": after ").append(taken.size()).append(" calls it holds ").append(state);
      if (stuck != null) {
        text.append(", which does not allow\n      ").append(operations.get(stuck.operation));
      }
      text.append("\n    last in the best order found:");
      taken.stream()
          .skip(Math.max(0, taken.size() - STORY_LENGTH))
          .forEach(t -> text.append("\n      ").append(operations.get(t.node().operation)));
      story = text.toString();
    }
  }
}
