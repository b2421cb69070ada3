package io.etcdj.proof.history;

import java.util.ArrayList;
import java.util.List;

/**
 * What a checker found.
 *
 * @param findings one line or paragraph each, empty if all is well
 */
public record Verdict(Outcome outcome, List<String> findings) {
  /** Worst last. */
  public enum Outcome {
    /** Everything was looked at and is right. */
    HOLDS,
    /** The checker ran out of time or memory before it knew. */
    UNKNOWN,
    /** Something is wrong for certain. */
    VIOLATED
  }

  private static final int SHOWN = 20;

  public static final Verdict HOLDS = new Verdict(Outcome.HOLDS, List.of());

  public static Verdict violated(String finding) {
    return new Verdict(Outcome.VIOLATED, List.of(finding));
  }

  public static Verdict unknown(String why) {
    return new Verdict(Outcome.UNKNOWN, List.of(why));
  }

  /** Violated if there are findings. */
  public static Verdict of(List<String> findings) {
    return findings.isEmpty() ? HOLDS : new Verdict(Outcome.VIOLATED, List.copyOf(findings));
  }

  /** Both: the worse outcome with all findings. */
  public Verdict and(Verdict other) {
    List<String> all = new ArrayList<>(findings);
    all.addAll(other.findings);
    return new Verdict(
        outcome.compareTo(other.outcome) >= 0 ? outcome : other.outcome, List.copyOf(all));
  }

  public boolean holds() {
    return outcome == Outcome.HOLDS;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(outcome.name());
    findings.stream().limit(SHOWN).forEach(finding -> text.append("\n  ").append(finding));
    if (findings.size() > SHOWN) {
      text.append("\n  and ").append(findings.size() - SHOWN).append(" more");
    }
    return text.toString();
  }
}
