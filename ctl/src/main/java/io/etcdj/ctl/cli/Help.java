package io.etcdj.ctl.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Help pages in cobra's layout. */
final class Help {
  static final Flag FLAG = Flag.bool("help", "").withShorthand('h');

  private static final int NARROWEST_NAME = 11;

  private Help() {}

  /** The page of {@code --help}: what the command is for, then its usage. */
  static String page(String path, Command command) {
    return command.description() + "\n\n" + usage(path, command);
  }

  /** How to call the command; also shown after a wrong flag. */
  static String usage(String path, Command command) {
    StringBuilder out = new StringBuilder("Usage:\n");
    if (command.runnable()) {
      int blank = command.use().indexOf(' ');
      String arguments = blank < 0 ? "" : command.use().substring(blank);
      out.append("  ").append(path).append(arguments).append(" [flags]\n");
    } else {
      out.append("  ").append(path).append(" [command]\n");
    }
    if (!command.aliases().isEmpty()) {
      out.append("\nAliases:\n  ").append(command.name());
      for (String alias : command.aliases()) {
        out.append(", ").append(alias);
      }
      out.append('\n');
    }
    if (!command.runnable()) {
      children(out, command);
    }
    out.append("\nFlags:\n");
    flags(out, withHelp(command));
    if (!command.runnable()) {
      out.append("\nUse \"")
          .append(path)
          .append(" [command] --help\" for more information about a command.\n");
    }
    return out.toString();
  }

  private static void children(StringBuilder out, Command command) {
    List<Command> children = new ArrayList<>();
    List<@Nullable String> headings = new ArrayList<>();
    int width = NARROWEST_NAME;
    for (String name : command.children()) {
      Command child = command.child(name);
      if (child != null) {
        children.add(child);
        width = Math.max(width, name.length());
        String heading = command.groupOf(name);
        if (!headings.contains(heading)) {
          headings.add(heading);
        }
      }
    }
    children.sort(Comparator.comparing(Command::name));
    for (String heading : headings) {
      out.append('\n').append(heading == null ? "Available Commands:" : heading).append('\n');
      for (Command child : children) {
        String group = command.groupOf(child.name());
        if (heading == null ? group == null : heading.equals(group)) {
          out.append("  ").append(child.name());
          pad(out, width - child.name().length() + 1);
          out.append(child.about()).append('\n');
        }
      }
    }
  }

  private static List<Flag> withHelp(Command command) {
    List<Flag> flags = new ArrayList<>(Arrays.asList(command.flags()));
    flags.add(new Flag("help", 'h', Flag.Kind.BOOL, "false", "help for " + command.name()));
    return flags;
  }

  /** One line per flag, sorted by name, usages in one column. */
  static void flags(StringBuilder out, List<Flag> flags) {
    List<Flag> sorted = new ArrayList<>(flags);
    sorted.sort(Comparator.comparing(Flag::name));
    int width = 0;
    for (Flag flag : sorted) {
      width = Math.max(width, left(flag).length());
    }
    for (Flag flag : sorted) {
      String left = left(flag);
      out.append(left);
      pad(out, width - left.length() + 3);
      out.append(flag.usage());
      if (flag.initialIsWorthShowing()) {
        out.append(" (default ").append(flag.shownInitial()).append(')');
      }
      out.append('\n');
    }
  }

  private static String left(Flag flag) {
    String shorthand = flag.shorthand() == 0 ? "      " : "  -" + flag.shorthand() + ", ";
    String value = flag.valueName().isEmpty() ? "" : " " + flag.valueName();
    return shorthand + "--" + flag.name() + value;
  }

  private static void pad(StringBuilder out, int count) {
    for (int i = 0; i < count; i++) {
      out.append(' ');
    }
  }
}
