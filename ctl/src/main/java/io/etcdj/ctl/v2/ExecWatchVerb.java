package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
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
    environment.flush();
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> variables = builder.environment();
    variables.remove("ETCDCTL_API"); // it was for this program
    variables.put("ETCD_WATCH_ACTION", change.action());
    variables.put(
        "ETCD_WATCH_MODIFIED_INDEX", Long.toUnsignedString(change.node().modifiedIndex()));
    variables.put("ETCD_WATCH_KEY", change.node().key());
    variables.put("ETCD_WATCH_VALUE", change.node().value());
    builder.redirectInput(new File("/dev/null"));
    if (environment.inheritable()) {
      builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    }
    try {
      Process process = builder.start();
      if (!environment.inheritable()) {
        copy(process.getInputStream(), environment.out());
        copy(process.getErrorStream(), environment.err());
      }
    } catch (IOException e) {
      environment
          .err()
          .print("exec: \"" + command.get(0) + "\": executable file not found in $PATH");
      throw new Failure(ExitStatus.BAD_ARGUMENTS, null);
    }
  }

  private static void copy(InputStream from, PrintStream to) {
    Thread copier =
        new Thread(
            () -> {
              try {
                from.transferTo(to);
                to.flush();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            "output");
    copier.setDaemon(true);
    copier.start();
  }
}
