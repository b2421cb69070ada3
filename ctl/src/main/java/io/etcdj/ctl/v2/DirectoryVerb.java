package io.etcdj.ctl.v2;

import io.etcdj.ctl.v2.KeysApi.Existence;

/** {@code mkdir}, {@code setdir} and {@code updatedir}. */
final class DirectoryVerb extends Verb {
  private static final Option[] OPTIONS = {Option.number("key time-to-live in seconds", "ttl")};

  private final Existence existence;

  private DirectoryVerb(String name, String arguments, String about, Existence existence) {
    super(name, arguments, about);
    this.existence = existence;
  }

  static DirectoryVerb mkdir() {
    return new DirectoryVerb("mkdir", "<key>", "make a new directory", Existence.MUST_NOT);
  }

  static DirectoryVerb setdir() {
    return new DirectoryVerb(
        "setdir",
        "<key>",
        "create a new directory or update an existing directory TTL",
        Existence.ANY);
  }

  static DirectoryVerb updatedir() {
    return new DirectoryVerb(
        "updatedir", "<key> <value>", "update an existing directory", Existence.MUST);
  }

  @Override
  Option[] options() {
    return OPTIONS;
  }

  @Override
  int run(Call call) {
    String key = call.key();
    KeysApi keys = new KeysApi(Session.open(call));
    try {
      KeyAnswer answer =
          keys.setDirectory(key, call.options().number("ttl"), existence, call.deadline());
      if (!call.isSimple()) {
        answer.print(call);
      }
      return ExitStatus.SUCCESS;
    } catch (ClientException e) {
      throw e.failure(ExitStatus.SERVER_ERROR);
    }
  }
}
