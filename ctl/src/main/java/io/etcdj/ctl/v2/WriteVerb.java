package io.etcdj.ctl.v2;

import io.etcdj.ctl.v2.KeysApi.Existence;

/** {@code set}, {@code mk} and {@code update}: the three ways to write a file. */
final class WriteVerb extends Verb {
  private static final Option TTL = Option.number("key time-to-live in seconds", "ttl");

  private final Existence existence;

  private WriteVerb(String name, String about, Existence existence) {
    super(name, "<key> <value>", about);
    this.existence = existence;
  }

  static WriteVerb set() {
    return new WriteVerb("set", "set the value of a key", Existence.ANY);
  }

  static WriteVerb mk() {
    return new WriteVerb("mk", "make a new key with a given value", Existence.MUST_NOT);
  }

  static WriteVerb update() {
    return new WriteVerb("update", "update an existing key with a given value", Existence.MUST);
  }

  @Override
  Option[] options() {
    return switch (existence) {
      case ANY ->
          new Option[] {
            TTL,
            Option.text("previous value", "swap-with-value"),
            Option.number("previous index", "swap-with-index"),
          };
      case MUST_NOT ->
          new Option[] {Option.onOff("create in-order key under directory <key>", "in-order"), TTL};
      case MUST -> new Option[] {TTL};
    };
  }

  @Override
  String description() {
    if (existence != Existence.ANY) {
      return "";
    }
    return """
        Set sets the value of a key.

        When <value> begins with '-', <value> is interpreted as a flag.
        Insert '--' for workaround:

        $ set -- <key> <value>
        """;
  }

  @Override
  int run(Call call) {
    String key = call.key();
    byte[] value = call.value();
    Options options = call.options();
    long ttl = options.number("ttl");
    KeysApi keys = new KeysApi(Session.open(call));
    try {
      KeyAnswer answer;
      if (existence == Existence.MUST_NOT && options.on("in-order")) {
        answer = keys.append(key, value, ttl, call.deadline());
      } else {
        boolean swaps = existence == Existence.ANY;
        answer =
            keys.set(
                key,
                value,
                ttl,
                existence,
                swaps ? options.text("swap-with-value") : "",
                swaps ? options.number("swap-with-index") : 0,
                call.deadline());
      }
      answer.print(call);
      return ExitStatus.SUCCESS;
    } catch (ClientException e) {
      throw e.failure(ExitStatus.SERVER_ERROR);
    }
  }
}
