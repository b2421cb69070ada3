package io.etcdj.proof.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Revisions as a clock of the whole store: what was answered before a call began must not be newer
 * than what the call is told, a write is newer than everything before it, and every write has a
 * revision of its own.
 */
public final class RevisionOrder {
  private RevisionOrder() {}

  public static Verdict check(List<Operation> history) {
    List<String> findings = new ArrayList<>();
    Map<Long, Operation> writes = new HashMap<>();
    List<Operation> called = answered(history, Comparator.comparingLong(Operation::calledNanos));
    List<Operation> returned =
        answered(history, Comparator.comparingLong(Operation::returnedNanos));
    int before = 0;
    long newest = 0;
    @Nullable Operation newestBy = null;
    for (Operation operation : called) {
      for (;
          before < returned.size()
              && returned.get(before).returnedNanos() < operation.calledNanos();
          before++) {
        long revision = revision(returned.get(before));
        if (revision > newest) {
          newest = revision;
          newestBy = returned.get(before);
        }
      }
      long revision = revision(operation);
      if (operation.wrote()) {
        Operation other = writes.put(revision, operation);
        if (other != null) {
          findings.add("two writes at one revision: " + other + " and " + operation);
        }
        if (revision <= newest) {
          findings.add("a write into the past: " + operation + " came after " + newestBy);
        }
      } else if (revision < newest) {
        findings.add("a read of the past: " + operation + " came after " + newestBy);
      }
      Answer answer = operation.answer();
      Cell seen = answer == null ? null : answer.seen();
      if (seen != null && seen.modRevision() > revision) {
        findings.add("a read from the future: " + operation);
      }
    }
    return Verdict.of(findings);
  }

  private static List<Operation> answered(List<Operation> history, Comparator<Operation> order) {
    return history.stream().filter(o -> o.answer() != null).sorted(order).toList();
  }

  private static long revision(Operation operation) {
    Answer answer = operation.answer();
    return answer == null ? 0 : answer.revision();
  }
}
