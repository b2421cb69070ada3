package io.etcdj.bench;

import io.etcdj.bench.h2.Connection;
import io.etcdj.bench.h2.Endpoint;
import io.etcdj.bench.h2.Transport;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.IntStream;

/** One run of the load tool; {@code bench/run} starts it. */
public final class Load {
  /** One event loop with its part of the work. */
  private record Part(EventLoop loop, Workload workload) {}

  private final LoadOptions options;

  private Load(LoadOptions options) {
    this.options = options;
  }

  /** Exits with 0 if every operation ended well, with 1 if some did not, with 2 on wrong usage. */
  public static void main(String[] arguments) throws InterruptedException {
    LoadOptions options;
    try {
      options = LoadOptions.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(LoadOptions.USAGE);
      System.exit(2);
      return;
    }
    try {
      LoadResult result = run(options);
      System.out.print(options.json() ? result.toJson() + "\n" : result.toText());
      System.exit(result.errorCount() == 0 ? 0 : 1);
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  public static LoadResult run(LoadOptions options) throws IOException, InterruptedException {
    return new Load(options).run();
  }

  private LoadResult run() throws IOException, InterruptedException {
    ProcessUsage before = ProcessUsage.of(options.pids());
    try (Transport transport = new Transport(options.eventLoops())) {
      List<Part> parts = new ArrayList<>();
      for (int i = 0; i < options.eventLoops(); i++) {
        EventLoop loop = transport.eventLoop();
        List<Connection> connections = transport.connect(loop, endpoints(i));
        parts.add(new Part(loop, workload(loop, connections, i)));
      }
      onEach(parts, Workload::prepare);
      ProcessUsage prepared = ProcessUsage.of(options.pids());
      runAll(parts, options.warmup());

      ProcessUsage serverStart = ProcessUsage.of(options.pids());
      List<Long> self = List.of(ProcessHandle.current().pid());
      ProcessUsage clientStart = ProcessUsage.of(self);
      long startNanos = System.nanoTime();
      runAll(parts, options.total());
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      ProcessUsage serverEnd = ProcessUsage.of(options.pids());
      double clientCpu = ProcessUsage.of(self).cpuSeconds() - clientStart.cpuSeconds();

      Map<String, Double> notes = notes(parts);
      if (options.mode().watches() && !options.pids().isEmpty()) {
        double growth = prepared.rssBytes() - before.rssBytes();
        notes.put("server bytes per stream", growth / options.streams());
      }
      List<Series> series = series(parts);
      return new LoadResult(
          options.mode(),
          seconds,
          operations(series),
          series,
          errors(parts),
          serverEnd.cpuSeconds() - serverStart.cpuSeconds(),
          clientCpu,
          before.rssBytes(),
          serverEnd.rssBytes(),
          notes);
    }
  }

  private List<Endpoint> endpoints(int part) {
    int parts = options.eventLoops();
    return IntStream.range(0, options.connections())
        .filter(connection -> connection % parts == part)
        .mapToObj(connection -> options.endpoints().get(connection % options.endpoints().size()))
        .toList();
  }

  private Workload workload(EventLoop loop, List<Connection> connections, int part) {
    return switch (options.mode()) {
      case PUT, RANGE, TXN_PUT, MIXED, FILL -> new RequestLoad(options, loop, connections, part);
      case WATCH_LATENCY, WATCH_FANOUT -> new WatchLoad(options, loop, connections);
      case LEASE_KEEPALIVE -> new KeepAliveLoad(options, loop, connections, part);
    };
  }

  private void runAll(List<Part> parts, long operations) throws IOException, InterruptedException {
    long requests = options.requests(operations);
    List<Long> shares =
        IntStream.range(0, parts.size())
            .mapToObj(part -> LoadOptions.share(requests, part, parts.size()))
            .toList();
    List<Workload> order = parts.stream().map(Part::workload).toList();
    onEach(parts, workload -> workload.run(shares.get(order.indexOf(workload))));
  }

  /** Starts something on each event loop and waits for all, as long as anything moves. */
  private void onEach(List<Part> parts, Function<Workload, CompletableFuture<Void>> start)
      throws IOException, InterruptedException {
    List<CompletableFuture<Void>> started = new ArrayList<>();
    for (Part part : parts) {
      started.add(onLoop(part, start));
    }
    CompletableFuture<Void> all =
        CompletableFuture.allOf(started.toArray(CompletableFuture[]::new));
    long seen = -1;
    while (true) {
      long progress = parts.stream().mapToLong(part -> part.workload().pacer.finished()).sum();
      if (progress == seen) {
        throw new IOException("nothing has moved for " + options.stallSeconds() + " s");
      }
      seen = progress;
      try {
        all.get(options.stallSeconds(), TimeUnit.SECONDS);
        return;
      } catch (TimeoutException e) {
        // A long run: look whether it moves.
      } catch (ExecutionException e) {
        throw new IOException(Objects.requireNonNullElse(e.getCause(), e).getMessage(), e);
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // it is not: thenCompose unwraps the inner one
  private static CompletableFuture<Void> onLoop(
      Part part, Function<Workload, CompletableFuture<Void>> start) {
    return CompletableFuture.supplyAsync(() -> start.apply(part.workload()), part.loop())
        .thenCompose(Function.identity());
  }

  private long operations(List<Series> series) {
    long requests =
        series.stream()
            .filter(each -> !options.mode().watches() || each.name().equals(WatchLoad.EVENTS))
            .mapToLong(each -> each.nanos().getTotalCount())
            .sum();
    boolean fill = options.mode() == Mode.FILL; // its last transaction wraps around
    return fill ? Math.min(requests * options.txnOps(), options.total()) : requests;
  }

  /** The parts' series, those of one name put together; those that nothing happened in left out. */
  private static List<Series> series(List<Part> parts) {
    Map<String, Series> all = new LinkedHashMap<>();
    for (Part part : parts) {
      for (Series each : part.workload().series()) {
        all.computeIfAbsent(each.name(), Series::new).nanos().add(each.nanos());
      }
    }
    all.values().removeIf(each -> each.nanos().getTotalCount() == 0);
    return List.copyOf(all.values());
  }

  private static Map<String, Long> errors(List<Part> parts) {
    Map<String, Long> all = new TreeMap<>();
    parts.forEach(
        part ->
            part.workload().errors().forEach((text, count) -> all.merge(text, count, Long::sum)));
    return all;
  }

  private static Map<String, Double> notes(List<Part> parts) {
    Map<String, Double> all = new LinkedHashMap<>();
    parts.forEach(
        part ->
            part.workload()
                .notes()
                .forEach((name, number) -> all.merge(name, number, Double::sum)));
    return all;
  }
}
