package io.etcdj.ctl.command;

import com.google.protobuf.ByteString;
import io.etcdj.api.etcdserverpb.RangeRequest;
import io.etcdj.api.etcdserverpb.RangeResponse;
import io.etcdj.api.etcdserverpb.RangeStreamResponse;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.GrpcCall;
import io.etcdj.ctl.rpc.RpcException;
import java.util.List;
import java.util.Locale;

/** {@code get}: one key or a range of them, now or as of a revision. */
final class GetCommand extends Command {
  static final Flag[] FLAGS = {
    Flag.string("consistency", "Linearizable(l) or Serializable(s)").withInitial("l"),
    Flag.bool("count-only", "print only how many keys there are"),
    Flag.bool("from-key", "take all keys from the given one on"),
    Flag.bool("keys-only", "print only the keys"),
    Flag.number("limit", "how many keys to print at most"),
    Flag.number("max-create-rev", "only keys created up to this revision"),
    Flag.number("max-mod-rev", "only keys last changed up to this revision"),
    Flag.number("min-create-rev", "only keys created at this revision or later"),
    Flag.number("min-mod-rev", "only keys last changed at this revision or later"),
    Flag.string("order", "ASCEND or DESCEND"),
    Flag.bool("prefix", "take all keys that start with the given one"),
    Flag.bool("print-value-only", "print only the values, in the simple format"),
    Flag.number("rev", "read as of this revision"),
    Flag.string("sort-by", "CREATE, KEY, MODIFY, VALUE or VERSION"),
    Flag.bool("stream", "fetch a large range in pieces"),
  };

  GetCommand() {
    super("get [options] <key> [range_end]", "Gets the key or a range of keys");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    RangeRequest request = request(flags);
    try (Session session = Session.open(flags, environment)) {
      RangeResponse answer =
          flags.bool("stream")
              ? stream(session, request)
              : session.read(Rpc.RANGE, request, RangeResponse.parser());
      if (flags.bool("count-only") && !flags.string("write-out").equals("fields")) {
        throw Failure.badArgs("--count-only is only for `--write-out=fields`");
      }
      if (flags.bool("print-value-only")) {
        if (!session.printer().isForPeople()) {
          throw Failure.badArgs("print-value-only is only for `--write-out=simple`");
        }
        session.printer().valuesOnly();
      }
      session.printer().range(answer);
      return ExitCode.SUCCESS;
    }
  }

  /** Puts the pieces together: the other formats print one answer, not several. */
  private static RangeResponse stream(Session session, RangeRequest request) {
    RangeResponse.Builder whole = RangeResponse.newBuilder();
    try {
      GrpcCall call = session.channel().serverStream(Rpc.RANGE_STREAM, request, session.deadline());
      for (RangeStreamResponse piece = call.receive(RangeStreamResponse.parser());
          piece != null;
          piece = call.receive(RangeStreamResponse.parser())) {
        whole.mergeFrom(piece.getRangeResponse());
      }
      return whole.build();
    } catch (RpcException e) {
      throw Failure.error(e.text());
    }
  }

  /** The request that the flags and arguments mean, or a {@link Failure}. */
  static RangeRequest request(Flags flags) {
    List<String> arguments = flags.arguments();
    if (arguments.isEmpty()) {
      throw Failure.badArgs(
          "get command needs one argument as key and an optional argument as range_end");
    }
    boolean prefix = flags.bool("prefix");
    boolean fromKey = flags.bool("from-key");
    if (prefix && fromKey) {
      throw Failure.badArgs(
          "`--prefix` and `--from-key` cannot be set at the same time, choose one");
    }
    if (flags.bool("keys-only") && flags.bool("count-only")) {
      throw Failure.badArgs(
          "`--keys-only` and `--count-only` cannot be set at the same time, choose one");
    }
    RangeRequest.Builder request = RangeRequest.newBuilder();
    String consistency = flags.string("consistency");
    switch (consistency) {
      case "s" -> request.setSerializable(true);
      case "l" -> {}
      default -> throw Failure.badFeature("unknown consistency flag \"" + consistency + "\"");
    }
    KeyRange range = range(arguments, prefix, fromKey);
    return request
        .setKey(range.key())
        .setRangeEnd(range.end())
        .setLimit(flags.number("limit"))
        .setRevision(flags.number("rev"))
        .setSortOrder(order(flags.string("order")))
        .setSortTarget(target(flags.string("sort-by")))
        .setKeysOnly(flags.bool("keys-only"))
        .setCountOnly(flags.bool("count-only"))
        .setMinModRevision(flags.number("min-mod-rev"))
        .setMaxModRevision(flags.number("max-mod-rev"))
        .setMinCreateRevision(flags.number("min-create-rev"))
        .setMaxCreateRevision(flags.number("max-create-rev"))
        .build();
  }

  /** The range of {@code get} and {@code del}: further arguments are ignored. */
  static KeyRange range(List<String> arguments, boolean prefix, boolean fromKey) {
    ByteString key = ByteString.copyFromUtf8(arguments.get(0));
    if (arguments.size() > 1) {
      if (prefix || fromKey) {
        throw Failure.badArgs(
            "too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
      }
      return KeyRange.between(key, ByteString.copyFromUtf8(arguments.get(1)));
    }
    if (prefix) {
      return KeyRange.prefix(key);
    }
    return fromKey ? KeyRange.from(key) : KeyRange.one(key);
  }

  private static RangeRequest.SortOrder order(String order) {
    return switch (order.toUpperCase(Locale.ROOT)) {
      case "" -> RangeRequest.SortOrder.NONE;
      case "ASCEND" -> RangeRequest.SortOrder.ASCEND;
      case "DESCEND" -> RangeRequest.SortOrder.DESCEND;
      default -> throw Failure.badFeature("bad sort order " + order);
    };
  }

  private static RangeRequest.SortTarget target(String target) {
    return switch (target.toUpperCase(Locale.ROOT)) {
      case "", "KEY" -> RangeRequest.SortTarget.KEY;
      case "CREATE" -> RangeRequest.SortTarget.CREATE;
      case "MODIFY" -> RangeRequest.SortTarget.MOD;
      case "VALUE" -> RangeRequest.SortTarget.VALUE;
      case "VERSION" -> RangeRequest.SortTarget.VERSION;
      default -> throw Failure.badFeature("bad sort target " + target);
    };
  }
}
