package io.etcdj.ctl.v2;

/** {@code get} and {@code ls}. */
final class ReadVerb extends Verb {
  private static final Option SORT = Option.onOff("returns result in sorted order", "sort");
  private static final Option QUORUM =
      Option.onOff("require quorum for get request", "quorum", "q");
  private static final Option[] GET = {SORT, QUORUM};
  private static final Option[] LS = {
    SORT,
    Option.onOff("returns all key names recursively for the given path", "recursive", "r"),
    Option.onOff("append slash (/) to directories", "p"),
    QUORUM,
  };

  private final boolean lists;

  private ReadVerb(String name, String arguments, String about, boolean lists) {
    super(name, arguments, about);
    this.lists = lists;
  }

  static ReadVerb get() {
    return new ReadVerb("get", "<key>", "retrieve the value of a key", false);
  }

  static ReadVerb ls() {
    return new ReadVerb("ls", "[key]", "retrieve a directory", true);
  }

  @Override
  Option[] options() {
    return lists ? LS : GET;
  }

  @Override
  int run(Call call) {
    String key = lists && call.arguments().isEmpty() ? "/" : call.key();
    Options options = call.options();
    KeysApi keys = new KeysApi(Session.open(call));
    KeyAnswer answer;
    try {
      answer =
          keys.get(
              key,
              lists && options.on("recursive"),
              options.on("sort"),
              options.on("quorum"),
              call.deadline());
    } catch (ClientException e) {
      throw e.failure(ExitStatus.SERVER_ERROR);
    }
    if (lists && call.isSimple()) {
      list(call, answer.node());
    } else if (!lists && answer.node().dir()) {
      call.complain(answer.node().key() + ": is a directory");
      return ExitStatus.BAD_ARGUMENTS;
    } else {
      answer.print(call);
    }
    return ExitStatus.SUCCESS;
  }

  private static void list(Call call, Node node) {
    if (!node.dir()) {
      call.print(node.key());
    }
    boolean slashes = call.options().on("p");
    for (Node child : node.children()) {
      list(call, child, slashes);
    }
  }

  private static void list(Call call, Node node, boolean slashes) {
    call.print(node.dir() && slashes ? node.key() + "/" : node.key());
    for (Node child : node.children()) {
      list(call, child, slashes);
    }
  }
}
