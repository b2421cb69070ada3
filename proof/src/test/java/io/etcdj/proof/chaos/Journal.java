package io.etcdj.proof.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** What was done and when, in seconds since the start. */
public final class Journal {
  private final long startNanos = System.nanoTime();
  private final Consumer<String> printer;
  private final List<String> lines = new ArrayList<>();

  /**
   * @param printer gets every line at once
   */
  public Journal(Consumer<String> printer) {
    this.printer = printer;
  }

  public void say(String what) {
    String line =
        String.format(Locale.ROOT, "%7.3f  %s", (System.nanoTime() - startNanos) / 1e9, what);
    synchronized (lines) {
      lines.add(line);
    }
    printer.accept(line);
  }

  /** All of it. */
  @Override
  public String toString() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }
}
