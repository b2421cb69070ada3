package io.etcdj.ctl.v2;

/** {@code watch}: prints the next change, or all of them. */
final class WatchVerb extends Verb {
  private static final Option[] OPTIONS = {
    Option.onOff("forever watch a key until CTRL+C", "forever", "f"),
    Option.number("watch after the given index", "after-index"),
    Option.onOff("returns all values for key and child keys", "recursive", "r"),
  };

  WatchVerb() {
    super("watch", "<key>", "watch a key for changes");
  }

  @Override
  Option[] options() {
    return OPTIONS;
  }

  @Override
  @SuppressWarnings("try") // open, not used
  int run(Call call) {
    String key = call.key();
    boolean recursive = call.options().on("recursive");
    boolean forever = call.options().on("forever");
    Changes changes =
        new Changes(
            new KeysApi(Session.open(call)), key, recursive, call.options().number("after-index"));
    try (Interruption interruption = new Interruption(call.environment())) {
      while (true) {
        KeyAnswer change = changes.next(call);
        if (change.node().dir()) {
          continue; // a directory has no value to show
        }
        if (recursive) {
          call.print("[" + change.action() + "] " + change.node().key());
        }
        change.print(call);
        call.environment().flush();
        if (!forever) {
          return ExitStatus.SUCCESS;
        }
      }
    } catch (ClientException e) {
      throw e.failure(ExitStatus.SERVER_ERROR);
    }
  }

  /** The changes of a key, one after the other. */
  static final class Changes {
    private final KeysApi keys;
    private final String key;
    private final boolean recursive;
    private long fromIndex;

    /**
     * @param afterIndex 0 to begin with the next change
     */
    Changes(KeysApi keys, String key, boolean recursive, long afterIndex) {
      this.keys = keys;
      this.key = key;
      this.recursive = recursive;
      this.fromIndex = afterIndex == 0 ? 0 : afterIndex + 1;
    }

    /** Waits for the next change. */
    KeyAnswer next(Call call) throws ClientException {
      while (true) {
        call.environment().flush();
        KeyAnswer change = keys.await(key, recursive, fromIndex);
        if (change != null) {
          fromIndex = change.node().modifiedIndex() + 1;
          return change;
        }
      }
    }
  }
}
