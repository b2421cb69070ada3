package io.etcdj.ctl.v2;

/** {@code rm} and {@code rmdir}. */
final class RemoveVerb extends Verb {
  private static final String EMPTY_OR_FILE =
      "removes the key if it is an empty directory or a key-value pair";
  private static final Option[] OPTIONS = {
    Option.onOff(EMPTY_OR_FILE, "dir"),
    Option.onOff("removes the key and all child keys(if it is a directory)", "recursive", "r"),
    Option.text("previous value", "with-value"),
    Option.number("previous index", "with-index"),
  };

  private final boolean directoriesOnly;

  private RemoveVerb(String name, String about, boolean directoriesOnly) {
    super(name, "<key>", about);
    this.directoriesOnly = directoriesOnly;
  }

  static RemoveVerb rm() {
    return new RemoveVerb("rm", "remove a key or a directory", false);
  }

  static RemoveVerb rmdir() {
    return new RemoveVerb("rmdir", EMPTY_OR_FILE, true);
  }

  @Override
  Option[] options() {
    return directoriesOnly ? super.options() : OPTIONS;
  }

  @Override
  int run(Call call) {
    String key = call.key();
    Options options = call.options();
    KeysApi keys = new KeysApi(Session.open(call));
    try {
      KeyAnswer answer =
          directoriesOnly
              ? keys.delete(key, true, false, "", 0, call.deadline())
              : keys.delete(
                  key,
                  options.on("dir"),
                  options.on("recursive"),
                  options.text("with-value"),
                  options.number("with-index"),
                  call.deadline());
      if (!answer.node().dir() || !call.isSimple()) {
        answer.print(call);
      }
      return ExitStatus.SUCCESS;
    } catch (ClientException e) {
      throw e.failure(ExitStatus.SERVER_ERROR);
    }
  }
}
