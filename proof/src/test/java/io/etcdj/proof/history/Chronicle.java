package io.etcdj.proof.history;

import io.etcdj.proof.history.WatchLog.Item;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything that happened, revision by revision, as all watchers together were told it.
 *
 * <p>All watchers must have watched the whole key space: then every revision has an event.
 *
 * <pre>
 *   Chronicle chronicle = Chronicle.of(watchers, 1_234);
 *   chronicle.verdict()                        // each watcher for itself, and against the others
 *       .and(chronicle.compare(history, key -> key.startsWith("lease/")))
 *       .and(chronicle.compareEnd("m1", store))
 * </pre>
 */
public final class Chronicle {
  private final long last;
  private final NavigableMap<Long, List<Event>> events = new TreeMap<>();
  private final List<String> findings = new ArrayList<>();

  /** What each key held from a revision on. */
  private final Map<String, NavigableMap<Long, Cell>> cells = new HashMap<>();

  private Chronicle(long last) {
    this.last = last;
  }

  /**
   * Puts together what the watchers were told.
   *
   * @param last the newest revision of the store; every watcher must have come up to it
   */
  public static Chronicle of(Collection<WatchLog> logs, long last) {
    Chronicle chronicle = new Chronicle(last);
    List<Reading> readings = logs.stream().map(chronicle::read).toList();
    chronicle.compareAmong(readings);
    chronicle.replay();
    return chronicle;
  }

  /** What is wrong with the watchers. */
  public Verdict verdict() {
    return Verdict.of(findings);
  }

  public NavigableMap<Long, List<Event>> events() {
    return events;
  }

  /**
   * One watcher's events.
   *
   * @param untold revisions that it was told it could not be told of
   */
  private record Reading(
      String name, long from, long next, Map<Long, List<Event>> events, Set<Long> untold) {}

  /** Reads one log: everything once, in order, where it was asked for. */
  private Reading read(WatchLog log) {
    Map<Long, List<Event>> told = new TreeMap<>();
    Set<Long> untold = new HashSet<>();
    long from = 0;
    long next = 0;
    for (Item item : log.items()) {
      if (item instanceof Item.Asked asked) {
        if (from == 0) {
          from = asked.from();
          next = from;
        } else if (asked.from() != next) {
          findings.add(log.name() + " went on at " + asked.from() + " instead of " + next);
        }
      } else if (item instanceof Item.Told response) {
        next = read(log.name(), response, next, told);
      } else if (item instanceof Item.Progress progress) {
        next = Math.max(next, progress.revision() + 1);
      } else if (item instanceof Item.Compacted compacted) {
        for (; next <= compacted.revision(); next++) {
          untold.add(next);
        }
      }
    }
    if (next <= last) {
      findings.add(log.name() + " was told everything before " + next + " only, not " + last);
    }
    return new Reading(log.name(), from, next, told, untold);
  }

  private long read(String name, Item.Told response, long next, Map<Long, List<Event>> told) {
    long newest = next - 1;
    for (Event event : response.events()) {
      if (event.revision() < Math.max(next, newest)) {
        findings.add(name + " was told after " + newest + " of " + event);
      }
      if (event.revision() > response.headerRevision()) {
        findings.add(name + " was told at " + response.headerRevision() + " of " + event);
      }
      newest = Math.max(newest, event.revision());
      List<Event> sameRevision =
          told.computeIfAbsent(event.revision(), unused -> new ArrayList<>());
      if (sameRevision.stream().anyMatch(other -> other.key().equals(event.key()))) {
        findings.add(name + " was told twice of " + event);
      } else {
        sameRevision.add(event);
      }
    }
    return newest + 1;
  }

  private void compareAmong(List<Reading> readings) {
    Map<Long, String> firstTold = new HashMap<>();
    for (Reading reading : readings) {
      reading
          .events()
          .forEach(
              (revision, told) -> {
                List<Event> other = events.putIfAbsent(revision, told);
                if (other == null) {
                  firstTold.put(revision, reading.name());
                } else if (!other.equals(told)) {
                  findings.add(
                      String.format(
                          "at revision %d %s was told %s, but %s %s",
                          revision, firstTold.get(revision), other, reading.name(), told));
                }
              });
    }
    for (Reading reading : readings) {
      for (long revision = Math.max(2, reading.from());
          revision < Math.min(reading.next(), last + 1);
          revision++) {
        // Revision 1 is the empty store.
        if (!reading.events().containsKey(revision) && !reading.untold().contains(revision)) {
          List<Event> others = events.get(revision);
          findings.add(
              reading.name()
                  + " skipped revision "
                  + revision
                  + (others == null ? ", of which nobody was told" : ": " + others));
        }
      }
    }
    if (!events.isEmpty() && events.lastKey() > last) {
      findings.add("the store is at " + last + ", but there was " + events.lastEntry());
    }
  }

  /** Carries out all events on an empty store; each must fit what the key held. */
  private void replay() {
    Map<String, Event> live = new HashMap<>();
    boolean complete = true;
    long expected = 2;
    for (Map.Entry<Long, List<Event>> entry : events.entrySet()) {
      complete &= entry.getKey() == expected; // else what a key held is not known
      expected = entry.getKey() + 1;
      for (Event event : entry.getValue()) {
        Event before = live.get(event.key());
        if (event.value() == null) {
          if (complete && before == null) {
            findings.add("it was not there: " + event);
          }
          live.remove(event.key());
        } else {
          if (complete
              && (event.version() != (before == null ? 1 : before.version() + 1)
                  || event.createRevision()
                      != (before == null ? event.revision() : before.createRevision()))) {
            findings.add("after " + before + " came " + event);
          }
          live.put(event.key(), event);
        }
        cells
            .computeIfAbsent(event.key(), unused -> new TreeMap<>())
            .put(
                event.revision(),
                event.value() == null ? Cell.ABSENT : new Cell(event.value(), event.revision()));
      }
    }
  }

  /** What the key held at this revision. */
  private Cell at(String key, long revision) {
    NavigableMap<Long, Cell> ofKey = cells.get(key);
    Map.Entry<Long, Cell> entry = ofKey == null ? null : ofKey.floorEntry(revision);
    return entry == null ? Cell.ABSENT : entry.getValue();
  }

  /**
   * Compares with what clients did and saw: every write at its revision, no other, and each read as
   * of the revision in its header.
   *
   * @param expires keys that may also vanish without a client's doing
   */
  public Verdict compare(List<Operation> history, Predicate<String> expires) {
    List<String> wrong = new ArrayList<>();
    Map<String, Operation> writers = new HashMap<>();
    Map<String, Integer> openDeletions = new HashMap<>();
    Map<Long, Operation> answeredAt = new HashMap<>();
    for (Operation operation : history) {
      String value = operation.call().writes();
      if (value != null) {
        writers.put(value, operation);
      }
      Answer answer = operation.answer();
      if (answer == null) {
        if (operation.call() instanceof Call.Delete) {
          openDeletions.merge(operation.key(), 1, Integer::sum);
        }
        continue;
      }
      if (answer.wrote()) {
        answeredAt.put(answer.revision(), operation);
        compareWrite(operation, answer, wrong);
      }
      Cell seen = answer.seen();
      Cell held = at(operation.key(), answer.wrote() ? answer.revision() - 1 : answer.revision());
      if (seen != null && !seen.equals(held)) {
        wrong.add("the key held " + held + " then: " + operation);
      }
    }
    Set<String> written = new HashSet<>();
    for (List<Event> atRevision : events.values()) {
      for (Event event : atRevision) {
        compareEvent(event, writers, openDeletions, answeredAt, written, expires, wrong);
      }
    }
    return Verdict.of(wrong);
  }

  private void compareWrite(Operation operation, Answer answer, List<String> wrong) {
    List<Event> atRevision = events.getOrDefault(answer.revision(), List.of());
    String value = operation.call().writes();
    boolean found =
        atRevision.stream()
            .anyMatch(
                event ->
                    event.key().equals(operation.key()) && Objects.equals(event.value(), value));
    if (!found) {
      wrong.add("lost: " + operation + "; at its revision there was " + atRevision);
    }
  }

  private static void compareEvent(
      Event event,
      Map<String, Operation> writers,
      Map<String, Integer> openDeletions,
      Map<Long, Operation> answeredAt,
      Set<String> written,
      Predicate<String> expires,
      List<String> wrong) {
    String value = event.value();
    if (value != null) {
      Operation writer = writers.get(value);
      if (writer == null) {
        wrong.add("nobody wrote it, or it was refused: " + event);
        return;
      }
      Answer answer = writer.answer();
      if (!writer.key().equals(event.key())
          || (answer != null && !(answer.wrote() && answer.revision() == event.revision()))) {
        wrong.add("not what was answered: " + event + " of " + writer);
      }
      if (!written.add(value)) {
        wrong.add("it took effect twice: " + event + " of " + writer);
      }
      return;
    }
    Operation deleter = answeredAt.get(event.revision());
    if (deleter != null || expires.test(event.key())) {
      return; // compareWrite has compared the keys
    }
    @Nullable Integer left = openDeletions.get(event.key());
    if (left == null || left == 0) {
      wrong.add("nobody deleted it: " + event);
    } else {
      openDeletions.put(event.key(), left - 1);
    }
  }

  /** Compares with what a member holds at the newest revision. */
  public Verdict compareEnd(String member, Map<String, Cell> store) {
    List<String> wrong = new ArrayList<>();
    Set<String> keys = new TreeSet<>(store.keySet());
    keys.addAll(cells.keySet());
    for (String key : keys) {
      Cell told = at(key, last);
      Cell held = store.getOrDefault(key, Cell.ABSENT);
      if (!told.equals(held)) {
        wrong.add(member + " holds for " + key + " " + held + ", but watchers saw " + told);
      }
    }
    return Verdict.of(wrong);
  }
}
