package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.command.ChildProcess;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code exec-watch}: runs a command at every change, without waiting for its end. */
final class ExecWatchVerb extends Verb {
  private static final Option[] OPTIONS = {
    Option.number("watch after the given index", "after-index"),
    Option.onOff("watch all values for key and child keys", "recursive", "r"),
  };

  ExecWatchVerb() {
    super(
        "exec-watch",
        "<key> <command> [args...]",
        "watch a key for changes and exec an executable");
  }

  @Override
  Option[] options() {
    return OPTIONS;
  }

  @Override
  boolean readsWords() {
    return true; // what follows -- belongs to the user's command
  }

  @Override
  @SuppressWarnings("try") // open, not used
  int run(Call call) {
    List<String> arguments = call.arguments();
    if (arguments.size() < 2 || (arguments.get(1).equals("--") && arguments.size() < 3)) {
      throw Call.badArguments("key and command to exec required");
    }
    int start = arguments.get(1).equals("--") ? 2 : 1;
    List<String> command = arguments.subList(start, arguments.size());
    WatchVerb.Changes changes =
        new WatchVerb.Changes(
            new KeysApi(Session.open(call)),
            arguments.get(0),
            call.options().on("recursive"),
            call.options().number("after-index"));
    try (Interruption interruption = new Interruption(call.environment())) {
      while (true) {
        KeyAnswer change = changes.next(call);
        if (change.node().dir()) {
          call.complain("Ignored dir " + change.node().key() + " change");
        } else {
          start(call.environment(), command, change);
        }
      }
    } catch (ClientException e) {
      throw e.failure(ExitStatus.SERVER_ERROR);
    }
  }

  private static void start(Environment environment, List<String> command, KeyAnswer change) {
    Map<String, String> variables =
        Map.of(
            "ETCD_WATCH_ACTION",
            change.action(),
            "ETCD_WATCH_MODIFIED_INDEX",
            Long.toUnsignedString(change.node().modifiedIndex()),
            "ETCD_WATCH_KEY",
            change.node().key(),
            "ETCD_WATCH_VALUE",
            change.node().value());
    ProcessBuilder builder = ChildProcess.builder(environment, command, variables);
    builder.environment().remove("ETCDCTL_API"); // it was for this program
    try {
      Process process = builder.start();
      if (!environment.inheritable()) {
        ChildProcess.copying(process.getInputStream(), environment.out());
        ChildProcess.copying(process.getErrorStream(), environment.err());
      }
    } catch (IOException e) {
      environment.err().print(ChildProcess.words(command, e));
      throw Failure.silent(ExitStatus.BAD_ARGUMENTS);
    }
  }
}
