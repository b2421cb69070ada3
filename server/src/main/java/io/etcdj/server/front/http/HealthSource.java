package io.etcdj.server.front.http;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Whether the server is well. Asked on event loops, so answers that take time come later. */
public interface HealthSource {
  /**
   * The answer of {@code /health}: the empty string, or what is wrong ({@code ALARM NOSPACE},
   * {@code RAFT NO LEADER}, {@code RANGE ERROR:…}).
   *
   * @param excludedAlarms names of alarms to overlook
   * @param serializable whether a local look is enough
   */
  CompletionStage<String> health(Set<String> excludedAlarms, boolean serializable);

  /** What {@code /livez} looks at. */
  List<Check> livez();

  /** What {@code /readyz} looks at. */
  List<Check> readyz();

  /**
   * One named look.
   *
   * @param run comes to the empty string, or to what is wrong
   */
  record Check(String name, Supplier<CompletionStage<String>> run) {}
}
