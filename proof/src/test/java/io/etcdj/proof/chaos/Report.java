package io.etcdj.proof.chaos;

import io.etcdj.proof.history.Verdict;
import java.util.List;

/**
 * How a trial ended.
 *
 * @param notes on what need not be so, but is worth knowing
 */
record Report(Verdict verdict, String summary, List<String> notes) {
  @Override
  public String toString() {
    return summary
        + (notes.isEmpty() ? "" : "\nnotes:\n  " + String.join("\n  ", notes))
        + "\nverdict: "
        + verdict;
  }
}
