package io.etcdj.bench;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One event loop's part of a run; confined to that loop. */
abstract class Workload {
  final LoadOptions options;
  final Pacer pacer;
  private final List<Series> series = new ArrayList<>();
  private final Map<String, Long> errors = new TreeMap<>();

  Workload(LoadOptions options, EventLoop loop) {
    this.options = options;
    Pacer.Timer timer =
        (nanos, task) -> {
          var unused = loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
        };
    double rate = (double) options.ratePerSecond() / options.eventLoops();
    this.pacer = new Pacer(timer, System::nanoTime, rate);
  }

  /** Makes ready what the operations need, such as watches or leases. */
  CompletableFuture<Void> prepare() {
    return CompletableFuture.completedFuture(null);
  }

  /** Forgets what was measured and runs so many requests. */
  final CompletableFuture<Void> run(long requests) {
    series.forEach(each -> each.nanos().reset());
    errors.clear();
    reset();
    return pacer.run(requests);
  }

  /** Forgets what a subclass has counted in the warm-up. */
  void reset() {}

  /** Numbers beside the latencies, summed up over the event loops. */
  Map<String, Double> notes() {
    return new LinkedHashMap<>();
  }

  final Series newSeries(String name) {
    Series added = new Series(name);
    series.add(added);
    return added;
  }

  final void error(String text) {
    errors.merge(text, 1L, Long::sum);
  }

  final List<Series> series() {
    return series;
  }

  final Map<String, Long> errors() {
    return errors;
  }
}
