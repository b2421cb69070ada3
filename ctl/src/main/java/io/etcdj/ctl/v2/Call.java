package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import io.etcdj.ctl.rpc.Deadline;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One command line as its command sees it.
 *
 * @param global the options before the command
 * @param options those behind it, and the arguments
 */
record Call(Options global, Options options, Environment environment) {
  List<String> arguments() {
    return options.arguments();
  }

  /** The moment at which {@code --total-timeout} ends, if it begins now. */
  Deadline deadline() {
    return Deadline.afterNanos(global.nanos("total-timeout"));
  }

  /** simple, extended, json, or something that is complained about when it comes to printing. */
  String format() {
    return global.text("output");
  }

  boolean isSimple() {
    return format().equals("simple");
  }

  boolean debug() {
    return global.on("debug");
  }

  /** The first argument; commands on keys need it. */
  String key() {
    if (arguments().isEmpty()) {
      throw badArguments("key required");
    }
    return arguments().get(0);
  }

  /** The second argument, or else all of the input. */
  byte[] value() {
    if (arguments().size() > 1) {
      return arguments().get(1).getBytes(StandardCharsets.UTF_8);
    }
    byte[] input;
    try {
      // Buffered, because a FileInputStream asks a pipe where it is, and has no answer.
      input = new BufferedInputStream(environment.in()).readAllBytes();
    } catch (IOException e) {
      input = new byte[0];
    }
    if (input.length == 0) {
      throw badArguments("value required");
    }
    return input;
  }

  void needNoArguments() {
    if (!arguments().isEmpty()) {
      throw new Failure(ExitStatus.BAD_ARGUMENTS, "No arguments accepted");
    }
  }

  static Failure badArguments(String text) {
    return new Failure(ExitStatus.BAD_ARGUMENTS, "Error:  " + text);
  }

  String variable(String name) {
    return environment.variables().getOrDefault(name, "");
  }

  /** A global option, or else a variable. */
  String textOr(String option, String variable) {
    String text = global.text(option);
    return text.isEmpty() ? variable(variable) : text;
  }

  void print(String line) {
    environment.out().print(line + "\n");
  }

  void complain(String line) {
    environment.err().print(line + "\n");
  }
}
