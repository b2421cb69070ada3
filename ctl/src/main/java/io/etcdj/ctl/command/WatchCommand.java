package io.etcdj.ctl.command;

import io.etcdj.api.EtcdError;
import io.etcdj.api.etcdserverpb.WatchCreateRequest;
import io.etcdj.api.etcdserverpb.WatchResponse;
import io.etcdj.api.mvccpb.Event;
import io.etcdj.ctl.cli.Command;
import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.ExitCode;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.cli.Flag;
import io.etcdj.ctl.cli.Flags;
import io.etcdj.ctl.rpc.RpcException;
import io.etcdj.ctl.text.GoStrings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code watch}: prints events as they happen, or runs a command for each. */
final class WatchCommand extends Command {
  private static final String KEY_VARIABLE = "ETCDCTL_WATCH_KEY";
  private static final String RANGE_END_VARIABLE = "ETCDCTL_WATCH_RANGE_END";

  private static final Flag[] FLAGS = {
    Flag.bool("interactive", "read watch requests from the input").withShorthand('i'),
    Flag.bool("prefix", "watch all keys that start with the given one"),
    Flag.bool("prev-kv", "print what the key was before"),
    Flag.bool("progress-notify", "print a notice when there has been no event for a while"),
    Flag.number("rev", "revision to start from"),
  };

  WatchCommand() {
    super(
        "watch [options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]",
        "Watches events stream on keys or prefixes");
  }

  @Override
  public Flag[] flags() {
    return FLAGS;
  }

  @Override
  public int run(Flags flags, Environment environment) {
    if (flags.bool("interactive")) {
      return interactive(flags, environment);
    }
    Request request = Request.parse(flags, environment.variables());
    try (Session session = open(flags, environment)) {
      follow(session, request);
      throw new Failure(ExitCode.INTERRUPTED, "watch is canceled by the server");
    } catch (RpcException e) {
      environment.err().print("watch was canceled (" + e.text() + ")\n");
      throw new Failure(ExitCode.INTERRUPTED, "watch is canceled by the server");
    }
  }

  private static Session open(Flags flags, Environment environment) {
    return Session.open(flags, environment, List.of(KEY_VARIABLE, RANGE_END_VARIABLE));
  }

  /** Prints events until the server ends the watch. */
  private static void follow(Session session, Request request) throws RpcException {
    try (WatchStream stream = new WatchStream(session, request.create())) {
      follow(session, stream, request.command());
    }
  }

  private static void follow(Session session, WatchStream stream, List<String> command)
      throws RpcException {
    while (true) {
      WatchResponse answer = stream.next();
      synchronized (session) {
        print(session, answer);
        if (!command.isEmpty()) {
          for (Event event : answer.getEventsList()) {
            execute(session.environment(), command, answer, event);
          }
        }
      }
      if (answer.getCanceled()) {
        return;
      }
    }
  }

  private static void print(Session session, WatchResponse answer) {
    Environment environment = session.environment();
    if (answer.getCanceled()) {
      environment.err().print("watch was canceled (" + reason(answer) + ")\n");
    } else if (answer.getEventsCount() == 0) {
      environment.out().print("progress notify: " + answer.getHeader().getRevision() + "\n");
    }
    session.printer().watch(answer);
    session.flush();
  }

  private static String reason(WatchResponse answer) {
    if (answer.getCompactRevision() != 0) {
      return EtcdError.COMPACTED.message();
    }
    return answer.getCancelReason().isEmpty()
        ? EtcdError.FUTURE_REV.message()
        : answer.getCancelReason();
  }

  private static void execute(
      Environment environment, List<String> command, WatchResponse answer, Event event) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("ETCD_WATCH_REVISION", Long.toString(answer.getHeader().getRevision()));
    variables.put("ETCD_WATCH_EVENT_TYPE", GoStrings.quote(event.getType().name()));
    variables.put("ETCD_WATCH_KEY", GoStrings.quote(event.getKv().getKey().toByteArray()));
    variables.put("ETCD_WATCH_VALUE", GoStrings.quote(event.getKv().getValue().toByteArray()));
    ChildProcess.Result result = ChildProcess.run(environment, command, variables);
    if (result.exitCode() != 0) {
      List<String> quoted = new ArrayList<>();
      for (String word : command) {
        quoted.add(GoStrings.quote(word));
      }
      environment
          .err()
          .print("command " + GoStrings.slice(quoted) + " error (" + result.error() + ")\n");
      throw Failure.silent(ExitCode.ERROR);
    }
  }

  /**
   * Reads {@code watch …} and {@code progress} lines until the input ends. Every watch prints from
   * a thread of its own, which the end of the program cuts off.
   */
  private static int interactive(Flags flags, Environment environment) {
    InputLines lines = new InputLines(environment.in());
    List<WatchStream> streams = new ArrayList<>();
    try (Session session = open(flags, environment)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        List<String> words = Words.split(line);
        String complaint = null;
        if (words.isEmpty()) {
          environment.err().print("Invalid command: " + line + " (watch and progress supported)\n");
        } else if (words.get(0).equals("watch")) {
          complaint = watchInBackground(session, words, streams);
        } else if (words.get(0).equals("progress")) {
          for (WatchStream stream : streams) {
            stream.requestProgress();
          }
        } else {
          complaint = "only support watch";
        }
        if (complaint != null) {
          environment.err().print("Invalid command " + line + " (" + complaint + ")\n");
        }
        session.flush();
      }
    } catch (RpcException e) {
      throw Failure.error(e.text());
    }
    throw new Failure(ExitCode.INVALID_INPUT, "error reading watch request line: EOF");
  }

  /** Starts one more watch, or says why not. */
  private static @Nullable String watchInBackground(
      Session session, List<String> words, List<WatchStream> streams) throws RpcException {
    Environment environment = session.environment();
    if (words.size() < 2 && !environment.variables().containsKey(KEY_VARIABLE)) {
      return "command type or key is not provided";
    }
    Request request;
    try {
      Flags flags = Flags.parse(FLAGS, new Flag[0], words.subList(1, words.size()));
      request = Request.parse(flags, environment.variables());
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
    WatchStream stream = new WatchStream(session, request.create());
    streams.add(stream);
    Thread printer =
        new Thread(
            () -> {
              try {
                follow(session, stream, request.command());
              } catch (RpcException e) {
                environment.err().print("watch was canceled (" + e.text() + ")\n");
                environment.err().flush();
              }
            },
            "watch");
    printer.setDaemon(true);
    printer.start();
    return null;
  }

  /** What to watch, and what to run per event. */
  record Request(WatchCreateRequest create, List<String> command) {

    /**
     * Key and range end come from the arguments or else from the environment, the command from what
     * follows {@code --}.
     */
    static Request parse(Flags flags, Map<String, String> variables) {
      List<String> arguments = flags.arguments();
      List<String> command = List.of();
      if (flags.dashArgument() >= 0) {
        command = arguments.subList(flags.dashArgument(), arguments.size());
        arguments = arguments.subList(0, flags.dashArgument());
        if (command.isEmpty()) {
          throw Failure.badArgs("bad number of arguments (found separator --, but no commands)");
        }
      }
      String key = variables.get(KEY_VARIABLE);
      if (key != null && !key.isEmpty()) {
        if (!arguments.isEmpty()) {
          throw Failure.badArgs("bad number of arguments; found conflicting environment key");
        }
        String end = variables.get(RANGE_END_VARIABLE);
        arguments = end == null || end.isEmpty() ? List.of(key) : List.of(key, end);
      } else if (arguments.isEmpty() || arguments.size() > 2) {
        throw Failure.badArgs("bad number of arguments");
      }
      boolean prefix = flags.bool("prefix");
      if (prefix && arguments.size() == 2) {
        throw Failure.badArgs("`range_end` and `--prefix` are mutually exclusive");
      }
      KeyRange range = GetCommand.range(arguments, prefix, false);
      WatchCreateRequest create =
          WatchCreateRequest.newBuilder()
              .setKey(range.key())
              .setRangeEnd(range.end())
              .setStartRevision(flags.number("rev"))
              .setPrevKv(flags.bool("prev-kv"))
              .setProgressNotify(flags.bool("progress-notify"))
              .build();
      return new Request(create, command);
    }
  }
}
