package io.etcdj.ctl.v2;

import io.etcdj.ctl.cli.Environment;
import io.etcdj.ctl.cli.Failure;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the command that a command line means, runs it and turns its end into an exit code. */
public final class V2Program {
  private static final String NAME = "etcdctl";

  private final String version;
  private final Environment environment;

  /**
   * @param version which etcd this program stands in for
   */
  public V2Program(String version, Environment environment) {
    this.version = version;
    this.environment = environment;
  }

  /** Runs one command line to its end; output is flushed when this returns. */
  public int run(String[] args) {
    try {
      return dispatch(Arrays.asList(args));
    } catch (Failure failure) {
      if (failure.text() != null) {
        environment.err().print(failure.text() + "\n");
      }
      return failure.exitCode();
    } finally {
      environment.flush();
    }
  }

  private int dispatch(List<String> words) {
    Options global;
    try {
      global = Options.parse(GlobalOptions.ALL, words);
    } catch (IllegalArgumentException e) {
      return wrongUsage(". ", e, HelpPage.ofProgram(NAME, version));
    }
    if (global.on("help")) {
      return show(HelpPage.ofProgram(NAME, version));
    }
    if (global.on("version")) {
      return show(NAME + " version: " + version + "\nAPI version: 2\n");
    }
    List<String> rest = global.arguments();
    if (rest.isEmpty()) {
      return show(HelpPage.ofProgram(NAME, version));
    }
    String word = rest.get(0);
    List<String> behind = rest.subList(1, rest.size());
    if (isHelp(word)) {
      return help(behind);
    }
    Verb verb = Verbs.find(word);
    if (verb == null) {
      return unknown(word);
    }
    String path = NAME + " " + verb.name();
    return verb.children().isEmpty()
        ? run(path, verb, global, behind)
        : runChild(path, verb, global, behind);
  }

  private static boolean isHelp(String word) {
    return word.equals("help") || word.equals("h");
  }

  private int help(List<String> words) {
    if (words.isEmpty()) {
      return show(HelpPage.ofProgram(NAME, version));
    }
    Verb verb = Verbs.find(words.get(0));
    return verb == null
        ? unknown(words.get(0))
        : show(HelpPage.ofVerb(NAME + " " + verb.name(), verb));
  }

  private int runChild(String path, Verb group, Options global, List<String> words) {
    Options own;
    try {
      own = Options.parse(new Option[] {GlobalOptions.HELP}, words);
    } catch (IllegalArgumentException e) {
      return wrongUsage(". ", e, HelpPage.ofGroup(path, group));
    }
    if (own.on("help") || own.arguments().isEmpty()) {
      return show(HelpPage.ofGroup(path, group));
    }
    String word = own.arguments().get(0);
    List<String> behind = own.arguments().subList(1, own.arguments().size());
    if (isHelp(word)) {
      if (behind.isEmpty()) {
        return show(HelpPage.ofGroupAsProgram(path, group, version));
      }
      Verb child = child(group, behind.get(0));
      return child == null
          ? unknown(behind.get(0))
          : show(HelpPage.ofVerb(path + " " + child.name(), child));
    }
    Verb child = child(group, word);
    return child == null ? unknown(word) : run(path + " " + child.name(), child, global, behind);
  }

  private static @Nullable Verb child(Verb group, String word) {
    for (Verb child : group.children()) {
      if (child.name().equals(word)) {
        return child;
      }
    }
    return null;
  }

  private int run(String path, Verb verb, Options global, List<String> words) {
    Option[] own = verb.options();
    Option[] known = Arrays.copyOf(own, own.length + 1);
    known[own.length] = GlobalOptions.HELP;
    Options options;
    try {
      options = verb.readsWords() ? Options.parse(known, words) : Options.parseMixed(known, words);
    } catch (IllegalArgumentException e) {
      return wrongUsage(": ", e, HelpPage.ofVerb(path, verb));
    }
    if (options.on("help")) {
      return show(HelpPage.ofVerb(path, verb));
    }
    return verb.run(new Call(global, options, environment));
  }

  private int show(String page) {
    environment.out().print(page);
    return ExitStatus.SUCCESS;
  }

  private int unknown(String word) {
    environment.err().print("No help topic for '" + word + "'\n");
    return ExitStatus.UNKNOWN_COMMAND;
  }

  private int wrongUsage(String separator, IllegalArgumentException why, String page) {
    environment.out().print("Incorrect Usage" + separator + why.getMessage() + "\n\n" + page);
    environment.err().print(why.getMessage() + "\n");
    return ExitStatus.BAD_ARGUMENTS;
  }
}
