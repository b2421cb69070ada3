package io.etcdj.bench.compare;

import java.io.IOException;

/** One part of a comparison, which can be run by itself. */
interface Section {
  /** Measures both subjects and adds rows to the run's table. */
  void measure(Run run) throws IOException, InterruptedException;
}
