package io.etcdj.bench;

import io.etcdj.bench.h2.Endpoint;
import java.util.List;

/**
 * What to run against which members.
 *
 * @param total operations of the measurement; keys in {@link Mode#FILL}
 * @param warmup operations before it that do not count
 * @param ratePerSecond 0 for a closed loop
 * @param streams watchers, in the modes that watch
 * @param pids server processes whose CPU and memory are read
 * @param stallSeconds without any progress, after which a run gives up
 */
public record LoadOptions(
    Mode mode,
    List<Endpoint> endpoints,
    int connections,
    int clients,
    long total,
    long warmup,
    int valueSizeBytes,
    int keySizeBytes,
    long keySpace,
    boolean sequentialKeys,
    boolean serializable,
    int txnOps,
    int writePercent,
    int streams,
    long ratePerSecond,
    int eventLoops,
    List<Long> pids,
    long seed,
    int stallSeconds,
    boolean json) {

  static final String USAGE =
      """
      usage: bench/run MODE [OPTIONS]
      modes:
        put              write one key per operation
        range            read one key per operation (--serializable: without asking the quorum)
        txn-put          write --txn-ops keys per transaction
        mixed            --write-percent puts, the rest ranges
        fill             write --total keys, each once, --txn-ops (100) per transaction
        watch-latency    from sending a put to seeing its event
        watch-fanout     one event to --streams watchers
        lease-keepalive  keep-alives, one lease and stream per client
      options:
        --endpoints HOST:PORT,...  members; connections take them in turn (127.0.0.1:2379)
        --connections N            HTTP/2 connections (1; watch-fanout: 100)
        --clients N                requests outstanding, spread over the connections (1; fill: 16)
        --total N                  operations that count (10000; watch-fanout: 100)
        --warmup N                 operations before them that do not count (0)
        --rate N                   open loop: N operations per second, each timed from when it was
                                   due; --clients then bounds how many may be outstanding
        --value-size BYTES         (256)
        --key-size BYTES           (16)
        --key-space N              how many different keys (10000; fill: --total)
        --sequential-keys          in order instead of at random
        --serializable             for ranges
        --txn-ops N                (1; fill: 100)
        --write-percent N          of mixed (20)
        --streams N                watchers (1; watch-fanout: 10000)
        --pid PID,...              server processes: adds CPU-seconds per 100k operations and RSS
        --event-loops N            threads of this tool (1)
        --seed N                   of the random keys (1)
        --stall SECONDS            give up after so long without progress (60)
        --json                     print one JSON object
      """;

  /** Reads a command line, the mode being its only word. */
  public static LoadOptions parse(List<String> commandLine) {
    Arguments arguments =
        new Arguments(commandLine, List.of("--sequential-keys", "--serializable", "--json"));
    if (arguments.words().size() != 1) {
      throw new IllegalArgumentException("expected one mode of " + Mode.names());
    }
    Mode mode = Mode.parse(arguments.words().get(0));
    boolean fill = mode == Mode.FILL;
    boolean fanOut = mode == Mode.WATCH_FANOUT;
    long total = arguments.number("--total", fanOut ? 100 : 10_000, 1);
    LoadOptions options =
        new LoadOptions(
            mode,
            arguments.list("--endpoints", "127.0.0.1:2379").stream().map(Endpoint::parse).toList(),
            arguments.integer("--connections", fanOut ? 100 : 1, 1),
            arguments.integer("--clients", fill ? 16 : 1, 1),
            total,
            arguments.number("--warmup", 0, 0),
            arguments.integer("--value-size", 256, 0),
            arguments.integer("--key-size", 16, 2),
            arguments.number("--key-space", fill ? total : 10_000, 1),
            arguments.isSet("--sequential-keys") || fill,
            arguments.isSet("--serializable"),
            arguments.integer("--txn-ops", fill ? 100 : 1, 1),
            arguments.integer("--write-percent", 20, 0),
            arguments.integer("--streams", fanOut ? 10_000 : 1, 1),
            arguments.number("--rate", 0, 0),
            arguments.integer("--event-loops", 1, 1),
            arguments.list("--pid", "").stream().map(Long::valueOf).toList(),
            arguments.number("--seed", 1, Long.MIN_VALUE),
            arguments.integer("--stall", 60, 1),
            arguments.isSet("--json"));
    arguments.refuseOthers();
    options.check();
    return options;
  }

  private void check() {
    require(
        Long.toString(keySpace - 1).length() < keySizeBytes,
        "--key-size is too small for --key-space");
    require(keySizeBytes < 128, "--key-size is larger than 127");
    require(txnOps <= keySpace, "--txn-ops is larger than --key-space");
    require(
        !mode.watches() || valueSizeBytes >= WatchLoad.STAMP_BYTES,
        mode + " needs a --value-size of at least " + WatchLoad.STAMP_BYTES);
    require(
        !mode.watches() || eventLoops == 1, mode + " counts its events in one place: 1 event loop");
    require(eventLoops <= connections, "more --event-loops than --connections");
    require(eventLoops <= clients, "more --event-loops than --clients");
    require(writePercent <= 100, "--write-percent is larger than 100");
  }

  private static void require(boolean holds, String complaint) {
    if (!holds) {
      throw new IllegalArgumentException(complaint);
    }
  }

  /**
   * How many requests make up {@code operations}: a fill counts keys, of which one carries many.
   */
  long requests(long operations) {
    return mode == Mode.FILL ? (operations + txnOps - 1) / txnOps : operations;
  }

  /** What each event loop gets of {@code amount}; the first ones get the remainder. */
  static long share(long amount, int part, int parts) {
    return amount / parts + (part < amount % parts ? 1 : 0);
  }
}
