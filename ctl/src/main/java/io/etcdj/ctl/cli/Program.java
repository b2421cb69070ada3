package io.etcdj.ctl.cli;

import io.etcdj.ctl.text.GoStrings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the command that a command line means, runs it and turns its end into an exit code.
 *
 * <p>Names may be shortened as long as one command remains: {@code etcdctl mem li}.
 */
public final class Program {
  private static final int SUGGESTION_DISTANCE = 2;

  private final Command root;
  private final Flag[] inherited;
  private final boolean repeatsUnknownCommand;

  /**
   * @param inherited the flags of every command
   * @param repeatsUnknownCommand whether the error about an unknown command is said twice, as
   *     etcdutl does
   */
  public Program(Command root, Flag[] inherited, boolean repeatsUnknownCommand) {
    this.root = root;
    this.inherited = inherited;
    this.repeatsUnknownCommand = repeatsUnknownCommand;
  }

  /** Runs one command line to its end; output is flushed when this returns. */
  public int run(String[] args, Environment environment) {
    try {
      return dispatch(new ArrayList<>(Arrays.asList(args)), environment);
    } catch (Failure failure) {
      if (failure.text() != null) {
        environment.out().flush();
        environment.err().print("Error: " + failure.text() + "\n");
      }
      return failure.exitCode();
    } finally {
      environment.flush();
    }
  }

  private int dispatch(List<String> rest, Environment environment) {
    Command command = root;
    String path = root.name();
    boolean help = false;
    while (!command.runnable()) {
      int position = firstArgument(command, rest);
      if (position < 0) {
        break;
      }
      String word = rest.get(position);
      if (command == root && word.equals("help")) {
        help = true;
        rest.remove(position);
        continue;
      }
      Command child = find(command, word);
      if (child == null) {
        if (command == root) {
          return unknownCommand(word, environment);
        }
        break; // a group ignores words it does not know, and shows its help
      }
      rest.remove(position);
      command = child;
      path = path + " " + child.name();
    }
    Flags flags;
    try {
      flags = Flags.parse(command.flags(), inherited, rest);
    } catch (IllegalArgumentException e) {
      return wrongUsage(path, command, String.valueOf(e.getMessage()), environment);
    }
    if (help || flags.bool(Help.FLAG.name()) || !command.runnable()) {
      environment.out().print(Help.page(path, command));
      return ExitCode.SUCCESS;
    }
    String missing = missingFlags(command, flags);
    if (!missing.isEmpty()) {
      return wrongUsage(path, command, "required flag(s) " + missing + " not set", environment);
    }
    try {
      return command.run(flags, environment);
    } catch (UsageFailure failure) {
      return wrongUsage(path, command, failure.text(), environment);
    }
  }

  /** The usage page of a list of flags, for a command that explains the inherited ones. */
  public static String describe(Flag[] flags) {
    StringBuilder out = new StringBuilder();
    Help.flags(out, Arrays.asList(flags));
    return out.toString();
  }

  private static int wrongUsage(
      String path, Command command, String text, Environment environment) {
    environment.err().print("Error: " + text + "\n" + Help.usage(path, command) + "\n");
    return ExitCode.ERROR;
  }

  private static String missingFlags(Command command, Flags flags) {
    StringBuilder missing = new StringBuilder();
    for (String name : command.requiredFlags()) {
      if (!flags.given(name)) {
        missing.append(missing.length() == 0 ? "" : ", ").append(GoStrings.quote(name));
      }
    }
    return missing.toString();
  }

  /**
   * Where the next command word stands. Which flags take a value is known only for the inherited
   * ones; a foreign flag without {@code =} is taken to have one, as cobra does.
   */
  private int firstArgument(Command command, List<String> args) {
    int i = 0;
    while (i < args.size()) {
      String arg = args.get(i);
      if (arg.equals("--")) {
        return -1;
      }
      if (!arg.startsWith("-") || arg.equals("-")) {
        return i;
      }
      i += takesNext(command, arg) ? 2 : 1;
    }
    return -1;
  }

  private boolean takesNext(Command command, String arg) {
    if (arg.indexOf('=') >= 0) {
      return false;
    }
    boolean isLong = arg.startsWith("--");
    if (!isLong && arg.length() > 2) {
      return false;
    }
    String name = arg.substring(isLong ? 2 : 1);
    for (Flag[] flags : new Flag[][] {command.flags(), inherited, {Help.FLAG}}) {
      for (Flag flag : flags) {
        if (isLong ? flag.name().equals(name) : flag.shorthand() == name.charAt(0)) {
          return flag.kind() != Flag.Kind.BOOL;
        }
      }
    }
    return true;
  }

  private static @Nullable Command find(Command group, String word) {
    Command exact = group.child(word);
    if (exact != null) {
      return exact;
    }
    String only = null;
    for (String name : group.children()) {
      if (name.startsWith(word)) {
        if (only != null) {
          return null;
        }
        only = name;
      }
    }
    return only == null ? null : group.child(only);
  }

  private int unknownCommand(String word, Environment environment) {
    String error =
        "Error: unknown command " + GoStrings.quote(word) + " for " + GoStrings.quote(root.name());
    StringBuilder out = new StringBuilder(error).append('\n');
    List<String> suggestions = suggestions(word);
    if (!suggestions.isEmpty()) {
      out.append("\nDid you mean this?\n");
      for (String suggestion : suggestions) {
        out.append('\t').append(suggestion).append('\n');
      }
      out.append('\n');
    }
    out.append("Run '").append(root.name()).append(" --help' for usage.\n");
    if (repeatsUnknownCommand) {
      out.append(error).append('\n');
    }
    environment.err().print(out);
    return ExitCode.ERROR;
  }

  private List<String> suggestions(String word) {
    List<String> suggestions = new ArrayList<>();
    String typed = word.toLowerCase(Locale.ROOT);
    for (String name : root.children()) {
      if (distance(typed, name) <= SUGGESTION_DISTANCE || name.startsWith(typed)) {
        suggestions.add(name);
      }
    }
    return suggestions;
  }

  /** Levenshtein's: the fewest insertions, deletions and replacements. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
