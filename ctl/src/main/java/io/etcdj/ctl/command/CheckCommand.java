package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.CompactionRequest;
import io.etcdj.api.etcdserverpb.CompactionResponse;
import io.etcdj.api.etcdserverpb.DefragmentRequest;
import io.etcdj.api.etcdserverpb.DefragmentResponse;
import io.etcdj.api.etcdserverpb.DeleteRangeRequest;
import io.etcdj.api.etcdserverpb.DeleteRangeResponse;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.Channel;
import io.etcdj.ctl.rpc.RpcException;
import io.etcdj.ctl.text.GoStrings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code check}: whether a cluster bears a given load. */
final class CheckCommand extends Command {
  CheckCommand() {
    super("check <subcommand>", "Commands for checking properties of the etcd cluster");
  }

  @Override
  public List<String> children() {
    return List.of("perf", "datascale");
  }

  @Override
  public @Nullable Command child(String name) {
    return switch (name) {
      case "perf" -> new Perf();
      case "datascale" -> new DataScale();
      default -> null;
    };
  }

  private static Flag[] flags(String prefix) {
    return new Flag[] {
      Flag.bool("auto-compact", "compact the history when the check is done"),
      Flag.bool("auto-defrag", "defragment the endpoints when the check is done"),
      Flag.string("load", "s, m, l or xl").withInitial("s"),
      Flag.string("prefix", "prefix of the keys that are written").withInitial(prefix),
    };
  }

  /** The position of the load in the tables below; each name has its long forms. */
  private static int load(Flags flags) {
    String load = flags.string("load");
    return switch (load) {
      case "s", "small" -> 0;
      case "m", "medium" -> 1;
      case "l", "large" -> 2;
      case "xl", "xLarge" -> 3;
      default -> throw Failure.badFeature("unknown load option " + load);
    };
  }

  private static void requireUnusedPrefix(Session session, String prefix) {
    KeyRange range = KeyRange.prefix(ByteString.copyFromUtf8(prefix));
    RangeRequest one =
        RangeRequest.newBuilder().setKey(range.key()).setRangeEnd(range.end()).setLimit(1).build();
    if (session.read(Rpc.RANGE, one, RangeResponse.parser()).getKvsCount() > 0) {
      throw new Failure(
          ExitCode.INVALID_INPUT,
          "prefix "
              + GoStrings.quote(prefix)
              + " has keys. Delete with 'etcdctl del --prefix "
              + prefix
              + "' first");
    }
  }

  /** Deletes what was written, and if so wished its history and its space. */
  private static void cleanUp(Session session, Flags flags) {
    KeyRange range = KeyRange.prefix(ByteString.copyFromUtf8(flags.string("prefix")));
    DeleteRangeResponse deleted =
        session.call(
            Rpc.DELETE_RANGE,
            DeleteRangeRequest.newBuilder().setKey(range.key()).setRangeEnd(range.end()).build(),
            DeleteRangeResponse.parser());
    Environment environment = session.environment();
    if (flags.bool("auto-compact")) {
      long revision = deleted.getHeader().getRevision();
      environment.out().print("Compacting with revision " + revision + "\n");
      session.call(
          Rpc.COMPACT,
          CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build(),
          CompactionResponse.parser());
      environment.out().print("Compacted with revision " + revision + "\n");
    }
    if (flags.bool("auto-defrag")) {
      for (String endpoint : session.endpoints()) {
        environment.out().print("Defragmenting " + GoStrings.quote(endpoint) + "\n");
        try (Channel channel = session.channelTo(endpoint)) {
          channel.call(
              Rpc.DEFRAGMENT,
              DefragmentRequest.getDefaultInstance(),
              DefragmentResponse.parser(),
              session.deadline());
        } catch (RpcException e) {
          throw Failure.error(e.text());
        }
        environment.out().print("Defragmented " + GoStrings.quote(endpoint) + "\n");
      }
    }
  }

  private static void print(Environment environment, String format, Object... values) {
    environment.out().print(String.format(Locale.ROOT, format, values) + "\n");
    environment.out().flush();
  }

  private static boolean printErrors(Environment environment, WriteLoad.Result result) {
    if (result.errors().isEmpty()) {
      return false;
    }
    print(environment, "FAIL: too many errors");
    for (Map.Entry<String, Integer> error : result.errors().entrySet()) {
      print(environment, "FAIL: ERROR(%s) -> %d", error.getKey(), error.getValue());
    }
    return true;
  }

  private static final class Perf extends Command {
    private static final int[] WRITES_PER_SECOND = {150, 1000, 8000, 15_000};
    private static final int[] CLIENTS = {50, 200, 500, 1000};
    private static final int SECONDS = 60;
    private static final int KEY_BYTES = 256;
    private static final int VALUE_BYTES = 1024;
    private static final double SLOWEST_SECONDS = 0.5;
    private static final double STDDEV_SECONDS = 0.1;

    Perf() {
      super("perf [options]", "Check the performance of the etcd cluster");
    }

    @Override
    public Flag[] flags() {
      return CheckCommand.flags("/etcdctl-check-perf/");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      int load = load(flags);
      int limit = WRITES_PER_SECOND[load];
      try (Session session = Session.open(flags, environment)) {
        requireUnusedPrefix(session, flags.string("prefix"));
        WriteLoad.Result result =
            new WriteLoad(session, flags.string("prefix"), KEY_BYTES, VALUE_BYTES, CLIENTS[load])
                .run((long) limit * SECONDS, limit);
        cleanUp(session, flags);
        boolean failed = printErrors(environment, result);
        long throughput = Math.round(result.writesPerSecond());
        if (result.writesPerSecond() / limit > 0.9) {
          print(environment, "PASS: Throughput is %d writes/s", throughput);
        } else {
          print(environment, "FAIL: Throughput too low: %d writes/s", throughput);
          failed = true;
        }
        boolean slow = result.slowestSeconds() > SLOWEST_SECONDS;
        print(
            environment,
            slow ? "Slowest request took too long: %fs" : "PASS: Slowest request took %fs",
            result.slowestSeconds());
        boolean uneven = result.stddevSeconds() > STDDEV_SECONDS;
        print(
            environment,
            uneven ? "Stddev too high: %fs" : "PASS: Stddev is %fs",
            result.stddevSeconds());
        failed |= slow || uneven;
        print(environment, failed ? "FAIL" : "PASS");
        return failed ? ExitCode.ERROR : ExitCode.SUCCESS;
      }
    }
  }

  private static final class DataScale extends Command {
    private static final long[] PAIRS = {10_000, 100_000, 1_000_000, 3_000_000};
    private static final int[] CLIENTS = {50, 200, 500, 1000};
    private static final int KEY_BYTES = 512;
    private static final int VALUE_BYTES = 512;
    private static final String MEMORY = "process_resident_memory_bytes";

    DataScale() {
      super(
          "datascale [options]", "Check the memory that a given amount of data takes on a member");
    }

    @Override
    public Flag[] flags() {
      return CheckCommand.flags("/etcdctl-check-datascale/");
    }

    @Override
    public int run(Flags flags, Environment environment) {
      int load = load(flags);
      try (Session session = Session.open(flags, environment)) {
        requireUnusedPrefix(session, flags.string("prefix"));
        String endpoint = session.endpoints().get(0);
        double before = residentBytes(environment, endpoint, "before");
        print(
            environment,
            "Start data scale check for work load [%d key-value pairs, %d bytes per key-value, %d"
                + " concurrent clients].",
            PAIRS[load],
            KEY_BYTES + VALUE_BYTES,
            CLIENTS[load]);
        WriteLoad.Result result =
            new WriteLoad(session, flags.string("prefix"), KEY_BYTES, VALUE_BYTES, CLIENTS[load])
                .run(PAIRS[load], Integer.MAX_VALUE);
        double after = residentBytes(environment, endpoint, "after");
        cleanUp(session, flags);
        if (printErrors(environment, result)) {
          return ExitCode.ERROR;
        }
        print(
            environment,
            "PASS: Approximate system memory used : %.2f MB.",
            (after - before) / (1024 * 1024));
        return ExitCode.SUCCESS;
      }
    }

    /** What the member's own metrics say of its memory. */
    private static double residentBytes(Environment environment, String endpoint, String when) {
      String base = endpoint.indexOf("://") < 0 ? "http://" + endpoint : endpoint;
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(
                  URI.create(base + "/metrics").toURL().openStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith(MEMORY + " ")) {
            return Double.parseDouble(line.substring(MEMORY.length() + 1));
          }
        }
      } catch (IOException | IllegalArgumentException e) {
        // Same as a member without that metric.
      }
      print(environment, "FAIL: Could not read %s %s the put operations.", MEMORY, when);
      throw Failure.silent(ExitCode.ERROR);
    }
  }
}
